//! `docs/stored-runs.md`: its example is read as the page says.

use std::fs;

use serde_json::Value;

use super::models_cli::program;

const PAGE: &str = include_str!("../../docs/stored-runs.md");

/// The files that the page shows: a path on a line of its own, then its content.
fn files() -> Vec<(&'static str, &'static str)> {
    let (_, example) = PAGE.split_once("## An example").unwrap();
    let blocks = example.split("```json\n").collect::<Vec<_>>();
    let pairs = blocks.windows(2).map(|pair| {
        let path = pair[0].trim_end().lines().last().unwrap().trim_matches('`');
        (path, pair[1].split("```").next().unwrap())
    });
    pairs.collect()
}

/// The folder of the page's example.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn the_example_is_read_as_the_page_says() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let (text, code) = program(&["stored", "show", path], &[]);
    assert_eq!(code, 0, "{text}");
    let (_, example) = PAGE.split_once("## An example").unwrap();
    let shown: Vec<&str> = example.split("```text\n").skip(1).collect();
    assert_eq!(shown.len(), 2);
    for block in shown {
        let block = block.split("```").next().unwrap();
        assert!(text.contains(block), "{block}\n{text}");
    }
}

#[test]
fn the_example_scores_what_the_page_says() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let (text, _) = program(&["stored", "show", path, "--format", "json"], &[]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let model = &report["models"][0];
    assert_eq!(
        (&model["attempted"], &model["answered"], &model["judged"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(model["overall"]["mean"], 9.0, "the error's 2 is in no mean");
}

#[test]
fn the_page_tells_the_kinds_of_errors_as_they_are_named() {
    let (_, table) = PAGE
        .split_once("| named as | for example |\n|---|---|\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with("| "));
    let mut seen = 0;
    for row in rows {
        let (kind, example) = row[2..].split_once(" | `").unwrap_or((row, ""));
        let Some(example) = example.strip_suffix("` |") else {
            continue;
        };
        let named = match kind {
            "the exception's name" => "EndpointConnectionError",
            kind => kind,
        };
        assert_eq!(kind_of(example), named, "{example}");
        seen += 1;
    }
    assert_eq!(seen, 10);
}

/// The kind under which a stored answer is counted.
fn kind_of(ai: &str) -> String {
    let folder = folder();
    let path = folder.path().join("raw/runs/run-7/turn_001.json");
    let mut turn: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    turn["ai"] = ai.into();
    fs::write(&path, turn.to_string()).unwrap();
    let folder = folder.path().to_str().unwrap();
    let (text, _) = program(&["stored", "show", folder, "--format", "json"], &[]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let kinds = report["models"][0]["not_answered_because"].as_object();
    kinds.unwrap().keys().next().unwrap().clone()
}
