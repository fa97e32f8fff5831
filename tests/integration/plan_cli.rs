//! `plan`: what an edit makes missing, why, and what records it, before anything is sent.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::bench_stand_in::{copy, project};
use super::models_cli::program;

const CASSETTE: &str = "cassettes/weekly.sqlite";

/// The shipped scenarios, edited.
struct Edited(tempfile::TempDir);

impl Edited {
    fn new(edits: &[(&str, &str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&project("scenarios"), folder.path());
        for (file, from, to) in edits {
            let path = folder.path().join(file);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{from}");
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
        }
        Self(folder)
    }

    fn plan(&self, more: &[&str]) -> String {
        self.plan_with(more, &[])
    }

    fn plan_with(&self, more: &[&str], variables: &[(&str, &str)]) -> String {
        let plan = self.0.path().join("weekly.toml");
        let plan = plan.to_str().unwrap();
        let arguments = [
            "plan",
            "--plan",
            plan,
            "--cassette",
            CASSETTE,
            "--on",
            "2026-11-22",
        ];
        let (text, code) = program(&[&arguments, more].concat(), variables);
        assert_eq!(code, 0, "{text}");
        let folder = format!("{}{}", self.0.path().display(), std::path::MAIN_SEPARATOR);
        text.replace(&folder, "")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.plan(&["--format", "json"])).unwrap()
    }
}

/// Prices and counts of tokens change with each new recording of the shipped cassette.
fn without_amounts(text: &str) -> String {
    let text = regex::Regex::new(r" *(≥ )?\$[0-9.]+")
        .unwrap()
        .replace_all(text, " $…");
    text.into_owned()
}

#[test]
fn nothing_is_missing_from_what_ships() {
    let text = Edited::new(&[]).plan(&[]);
    assert!(text.contains("nothing to record"), "{text}");
}

#[test]
fn each_edit_is_named_by_the_file_that_a_person_edited() {
    let harm = "elenchus/EL-CIV-FREE-HARM-01.toml";
    let career = "maieutics/MA-LIF-CAREER-FIT-01.toml";
    let cases = [
        (
            "prompts/student.md",
            "one to three plain",
            "one or two plain",
        ),
        (
            "judges/socratic/system.md",
            "Length, politeness",
            "Length, manners",
        ),
        ("weekly.toml", "temperature = 0.7", "temperature = 0.6"),
        ("weekly.toml", "samples = 1", "samples = 2"),
        (
            "weekly.toml",
            "llama3-1-70b-instruct",
            "llama3-1-8b-instruct",
        ),
        (harm, "A free country means", "In a free country"),
        (harm, "two in the morning", "three in the morning"),
        (
            harm,
            "id = \"EL-CIV-FREE-HARM-01\"",
            "id = \"EL-CIV-FREE-HARM-02\"",
        ),
        (
            harm,
            "let the student say what she means",
            "have the student say what she means",
        ),
        (harm, "Mira, 19, first year", "Mira, 20, first year"),
        (harm, "The two beliefs collide", "Both beliefs collide"),
        (harm, "vector = \"elenchus\"", "vector = \"aporia\""),
        (
            harm,
            "    \"leave it to her which of the two beliefs she rewrites\",\n",
            "",
        ),
        (career, "persona = \"", "persona = \"Tired today. "),
        (
            "models.toml",
            "[models.quirks]\nstreaming = \"supported\"\ninvoke = \"llama\"",
            "[models.quirks]\nsampling = \"omitted\"\nstreaming = \"supported\"\ninvoke = \"llama\"",
        ),
        (
            "models.toml",
            "[models.quirks]\nstreaming = \"supported\"\ninvoke = \"llama\"",
            "[models.quirks]\nsystem = \"inlined\"\nstreaming = \"supported\"\ninvoke = \"llama\"",
        ),
        (
            "judges/socratic/judge.toml",
            "max_tokens = 800",
            "max_tokens = 900",
        ),
        (
            "judges/socratic/judge.toml",
            "model = \"anthropic.claude-3-5-sonnet-20241022-v2:0\"",
            "model = \"anthropic.claude-3-opus-20240229-v1:0\"",
        ),
        (
            "judges/socratic/user.md",
            "A good conversation here would",
            "Here a good conversation would",
        ),
        (
            "judges/socratic/sdb-1.toml",
            "asks = \"",
            "asks = \"First: ",
        ),
        ("prompts/tutor.md", "worth a pause", "worth thinking about"),
        (
            "weekly.toml",
            "samples = 1",
            "samples = 1\nprompt_cache = true",
        ),
    ];
    let told = cases.map(|(file, from, to)| {
        let text = Edited::new(&[(file, from, to)]).plan(&[]);
        let from_calls = text.split_once("\n\n").unwrap().1;
        format!("{file}: {from} → {to}\n{}", without_amounts(from_calls))
    });
    insta::assert_snapshot!("why_calls_are_missing", told.join("\n\n"));
}

#[test]
fn the_line_ends_of_another_system_are_no_edit() {
    let edited = Edited::new(&[]);
    for file in [
        "weekly.toml",
        "models.toml",
        "prompts/tutor.md",
        "prompts/student.md",
        "judges/socratic/system.md",
        "judges/socratic/user.md",
        "elenchus/EL-CIV-FREE-HARM-01.toml",
    ] {
        let path = edited.0.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    }
    let text = edited.plan(&[]);
    assert!(text.contains("nothing to record"), "{text}");
}

#[test]
fn a_model_that_a_variable_names_is_told_by_the_variable() {
    let ids = r#"["us.meta.llama3-1-70b-instruct-v1:0"]"#;
    let (text, code) = program(&["plan"], &[("BEDROCK_MODEL_IDS", ids)]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("the tutor's model (BEDROCK_MODEL_IDS)"),
        "{text}"
    );
}

#[test]
fn two_edits_have_two_causes_that_add_up() {
    let harm = "elenchus/EL-CIV-FREE-HARM-01.toml";
    let plan = Edited::new(&[
        (harm, "two in the morning", "three in the morning"),
        (
            "judges/socratic/judge.toml",
            "max_tokens = 800",
            "max_tokens = 900",
        ),
    ])
    .json();
    let survey = &plan["survey"];
    let causes = survey["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 2, "{causes:?}");
    let calls: u64 = causes
        .iter()
        .map(|cause| cause["calls"].as_u64().unwrap())
        .sum();
    assert_eq!(survey["to_record"], calls);
    assert_eq!(
        survey["recorded"].as_u64().unwrap() + calls,
        survey["calls"].as_u64().unwrap()
    );
}

#[test]
fn the_command_that_is_named_asks_for_the_calls_that_are_named() {
    let edited = Edited::new(&[(
        "judges/socratic/system.md",
        "Length, politeness",
        "Length, manners",
    )]);
    let plan = edited.json();
    assert_eq!(plan["survey"]["to_record"], 135);
    let command = plan["command"].as_str().unwrap();
    assert!(
        command.starts_with("bedrock-replay run --mode record-missing --plan "),
        "{command}"
    );
    let path = edited.0.path().join("weekly.toml");
    let run = [
        "run",
        "--quiet",
        "--plan",
        path.to_str().unwrap(),
        "--cassette",
        CASSETTE,
    ];
    let (text, code) = program(&run, &[]);
    assert_eq!(code, 5, "{text}");
    assert!(
        text.contains("134 other requests of this run would miss"),
        "{text}"
    );
}

#[test]
fn what_is_recorded_in_the_other_form_is_told_with_the_flag_that_replays_it() {
    let streamed = Edited::new(&[]);
    let text = streamed.plan(&["--stream"]);
    let cause = "recorded as Converse: replayed without --stream";
    assert!(text.contains(cause), "{text}");
    assert!(!text.contains("no ConverseStream is recorded"), "{text}");
    let scripted = "APO-PHY-HEAT-TEMP-01";
    let run = ["run", "--stream", "--quiet", "--scenario", scripted];
    let (text, code) = program(&run, &[]);
    assert_eq!(code, 5, "{text}");
    for told in [
        "recorded  this very request as Converse, in this scope",
        "hint      an answer is replayed in the form of its recording: ask for it at once, by Converse",
        "help      the same command without --stream replays it; to record it anew:",
        "bedrock-replay run --mode record-missing --scenario APO-PHY-HEAT-TEMP-01 --stream   (30 calls, about $",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    // An edited prompt is found in the other form as well.
    let edit = (
        "prompts/tutor.md",
        "Stay under eighty words",
        "Stay under sixty words",
    );
    let text = Edited::new(&[edit]).plan(&["--stream", "--scenario", scripted]);
    let causes = "recorded as Converse: replayed without --stream; the tutor's prompt";
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(causes), "{text}");
}

#[test]
fn a_plan_without_a_cassette_is_all_to_record() {
    let (text, code) = program(&["plan", "--cassette", "no/such.sqlite"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("no/such.sqlite (not there yet)"), "{text}");
    assert!(text.contains("nothing is recorded yet"), "{text}");
    assert!(!Path::new("no/such.sqlite").exists());
}

#[test]
fn a_plan_fits_into_eighty_columns_of_a_page_and_goes_to_a_file_with_whole_warnings() {
    let edited = Edited::new(&[("prompts/tutor.md", "Ask one question at a time", "Ask once")]);
    let whole = edited.plan(&[]);
    let warning = whole.lines().find(|line| line.starts_with("warning: "));
    let gone = "its calls fail, and its answers can only be replayed";
    assert!(warning.unwrap().ends_with(gone), "{whole}");
    let text = edited.plan_with(&[], &[("COLUMNS", "80")]);
    let command = text.find("then record what is missing").unwrap();
    let lines = text[..command].lines();
    assert!(
        lines.clone().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}
