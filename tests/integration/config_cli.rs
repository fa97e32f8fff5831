//! `bedrock-replay.toml`, the variables over it, the flags over both.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::bench_stand_in::project;

/// The program in a folder, with a configuration file there.
fn program(
    folder: &Path,
    file: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (String, i32) {
    fs::write(folder.join("bedrock-replay.toml"), file).unwrap();
    run(folder, arguments, variables)
}

fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
    for name in [
        "BEDROCK_MODEL_IDS",
        "BEDROCK_REPLAY_MODE",
        "AWS_REGION",
        "CI",
    ] {
        command.env_remove(name);
    }
    let output = command
        .args(arguments)
        .current_dir(folder)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (text, output.status.code().unwrap())
}

const FILE: &str = "\
# where this team keeps its benchmark
plan = \"bench/seed.toml\"
region = [\"us-west-2\", \"us-east-1\"]
max_cost = 1.50
concurrency = 4
backoff = [0.5, 1, 30]
";

#[test]
fn each_value_says_where_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let shown = program(
        folder.path(),
        FILE,
        &["config", "show", "--", "--concurrency", "2"],
        &[
            ("BEDROCK_REPLAY_MAX_COST", "9.00"),
            ("BEDROCK_REPLAY_MODE", "replay"),
        ],
    );
    insta::assert_snapshot!("config_show", shown.0);
}

#[test]
fn a_file_above_is_found_and_its_paths_are_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let plan = project("scenarios/seed.toml");
    let cassette = project("cassettes/weekly.sqlite");
    let file = format!(
        "plan = {:?}\ncassette = {:?}\n",
        plan.to_str().unwrap(),
        cassette.to_str().unwrap()
    );
    fs::write(folder.path().join("bedrock-replay.toml"), file).unwrap();
    let (text, code) = run(&below, &["plan"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("6 scenarios × 2 models"), "{text}");
    assert!(text.contains("weekly.sqlite (306 exchanges"), "{text}");
    let (text, _) = run(&below, &["plan", "--cassette", "none.sqlite"], &[]);
    assert!(
        text.contains("none.sqlite (not there yet)"),
        "a flag wins: {text}"
    );
    let variable = [("BEDROCK_REPLAY_CASSETTE", "other.sqlite")];
    let (text, _) = run(&below, &["plan"], &variable);
    assert!(
        text.contains("other.sqlite (not there yet)"),
        "a variable wins: {text}"
    );
}

#[test]
fn how_often_and_how_patiently_is_tried_again_stands_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        "plan = {:?}\nendpoint_url = \"http://127.0.0.1:1\"\ntries = 3\nbackoff = [0, 0]\n",
        project("scenarios/weekly.toml").to_str().unwrap()
    );
    let some = [
        "--model",
        "claude-3-5-haiku",
        "--scenario",
        "APO-PHY-HEAT-TEMP-01",
    ];
    let run = [&["run", "--mode", "passthrough", "--log"], &some[..]].concat();
    let (text, _) = program(folder.path(), &file, &run, &[]);
    assert_eq!(text.matches("retrying in 0s").count(), 2, "{text}");
    // A flag and a variable win over it.
    let once = [&run[..], &["--tries", "1"]].concat();
    let (text, _) = program(folder.path(), &file, &once, &[]);
    assert!(!text.contains("retrying"), "{text}");
    let variable = [("BEDROCK_REPLAY_BACKOFF", "never")];
    let (text, code) = program(folder.path(), &file, &run, &variable);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("`never`"), "{text}");
}

#[test]
fn mistakes_are_named_with_path_line_column_and_expectation() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        "plan = \"a.toml\"\ncasette = \"x.sqlite\"\n",
        "mode = \"record\"\n",
        "concurrency = 0\n",
        "max_cost = -1\n",
        "region = 5\n",
        "backoff = [2, \"soon\"]\n",
        "plan = \n",
        "[plan]\n",
    ];
    let told = cases.map(|file| {
        let (text, code) = program(folder.path(), file, &["run"], &[]);
        assert_eq!(code, 2, "{text}");
        format!("{file}{text}")
    });
    insta::assert_snapshot!("mistakes_in_a_configuration", told.join("\n"));
    let named = [("BEDROCK_REPLAY_CONFIG", "no/such.toml")];
    let (text, code) = run(folder.path(), &["run"], &named);
    assert_eq!(code, 2);
    assert!(
        text.contains("no configuration at `no/such.toml`"),
        "{text}"
    );
    let (_, code) = run(folder.path(), &["--help"], &named);
    assert_eq!(code, 0, "help is given whatever the file says");
}

#[test]
fn a_mode_in_the_file_lets_nothing_out_under_ci() {
    let folder = tempfile::tempdir().unwrap();
    let plan = project("scenarios/seed.toml");
    let file = format!(
        "mode = \"record-all\"\nplan = {:?}\ncassette = \"none.sqlite\"\n",
        plan.to_str().unwrap()
    );
    let run = ["run", "--endpoint-url", "http://127.0.0.1:9"];
    let (text, code) = program(folder.path(), &file, &run, &[("CI", "true")]);
    assert_ne!(code, 0);
    assert!(text.contains("held back because CI=true"), "{text}");
}
