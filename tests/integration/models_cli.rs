//! `models`, as a person uses it.

use super::bare::bare;
use super::bench_stand_in::project;

/// What the program prints, and its exit code.
pub fn program(arguments: &[&str], variables: &[(&str, &str)]) -> (String, i32) {
    let output = bare()
        .args(arguments)
        .current_dir(project(""))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (text, output.status.code().unwrap())
}

fn transcript(calls: &[&[&str]]) -> String {
    let told = calls.iter().map(|arguments| {
        let (text, code) = program(arguments, &[]);
        format!(
            "$ bedrock-replay {}\n{text}(exit code {code})\n",
            arguments.join(" ")
        )
    });
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn models_are_listed_within_eighty_columns() {
    let text = transcript(&[&["models", "list", "--on", "2026-04-01"]]);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    insta::assert_snapshot!("models_list", text);
}

#[test]
fn a_narrow_page_cuts_no_word_on_a_model() {
    let (text, _) = program(&["models", "list"], &[("COLUMNS", "70")]);
    let (table, models) = text.split_once("\n\n").unwrap();
    let is_too_long = |line: &&str| line.chars().count() > 70;
    assert_eq!(table.lines().find(is_too_long), None);
    // An id is never cut.
    let mut lines = models
        .lines()
        .filter(|line| line.contains(' ') && !line.contains("-v"));
    assert_eq!(lines.find(is_too_long), None, "{text}");
    let words: Vec<&str> = models.split_whitespace().collect();
    let note = "Fast and affordable, suitable for high-volume runs";
    assert!(words.join(" ").contains(note), "{text}");
}

#[test]
fn ids_are_checked_as_they_are_written() {
    insta::assert_snapshot!(
        "models_check",
        transcript(&[
            &[
                "models",
                "check",
                "--on",
                "2025-11-01",
                "anthropic.claude-3-5-sonnet-20241022-v1:0",
                "us.meta.llama3-1-70b-instruct",
                "acme.big-v1:0",
                "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-premier-v1:0",
            ],
            &["models", "check", "--on", "2026-03-01"],
            &["models", "check", "--on", "2025-11-01"],
        ])
    );
}

#[test]
fn a_recording_of_a_model_that_is_gone_can_only_be_replayed() {
    let cassette = "cassettes/weekly.sqlite";
    let (text, code) = program(
        &[
            "models",
            "check",
            "--cassette",
            cassette,
            "--on",
            "2027-01-01",
        ],
        &[],
    );
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("past its end of life since 2026-03-01: it can only be replayed"),
        "{text}"
    );
    let (text, _) = program(
        &[
            "models",
            "check",
            "--cassette",
            cassette,
            "--on",
            "2025-11-01",
        ],
        &[],
    );
    assert!(!text.contains("only be replayed"), "{text}");
}

#[test]
fn the_environment_chooses_the_models_of_a_run() {
    let list = r#"["meta.llama3-1-70b-instruct-v1:0"]"#;
    let run = ["run", "--quiet"];
    let (text, code) = program(&run, &[("BEDROCK_MODEL_IDS", list)]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("llama-3-1-70b"), "{text}");
    assert!(!text.contains("claude-3-5-haiku"), "{text}");
    let (text, code) = program(&run, &[("BEDROCK_MODEL_IDS", "meta.llama3")]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("expected a JSON list of model ids"), "{text}");
}

#[test]
fn a_wrong_id_is_a_failure_a_model_past_its_end_a_warning_and_a_new_one_a_note() {
    let check = |id| program(&["models", "check", "--on", "2026-04-01", id], &[]);
    let (text, code) = check("anthropic.claude-3-5-sonnet-20241022-v2:1");
    assert_eq!(code, 1, "{text}");
    let meant = "did you mean `anthropic.claude-3-5-sonnet-20241022-v2:0`?";
    assert!(text.contains(meant), "{text}");
    assert!(
        text.contains("error: 1 of 1 model id cannot be right"),
        "{text}"
    );
    // It may be a new model.
    let (text, code) = check("acme.big-v1:0");
    assert_eq!(code, 0, "{text}");
    let note = "note     acme.big-v1:0\n         not in the registry, so its quota,";
    assert!(text.starts_with(note), "{text}");
    let (text, code) = check("eu.meta.llama3-1-70b-instruct-v1:0");
    assert_eq!(code, 1, "{text}");
    let has = "no inference profile `eu.` (expected `us.meta.llama3-1-70b-instruct-v1:0`)";
    assert!(text.contains(has), "{text}");
    let (text, code) = check("anthropic.claude-3-5-sonnet-20241022-v2:0");
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("warning  anthropic."), "{text}");
}

#[test]
fn everything_that_is_known_of_a_model_is_listed_as_json() {
    let arguments = ["models", "list", "--on", "2026-04-01", "--format", "json"];
    let (text, code) = program(&arguments, &[]);
    assert_eq!(code, 0, "{text}");
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sonnet = &list["models"][0];
    for (member, expected) in [
        ("label", "Claude 3.5 Sonnet v2"),
        ("provider", "Anthropic"),
        ("notes", "Recommended for both dialogue and judging"),
        ("state", "ended 2026-03-01"),
    ] {
        assert_eq!(sonnet[member], expected);
    }
    assert_eq!(
        sonnet["use_cases"],
        serde_json::json!(["dialogue", "judge"])
    );
    assert_eq!(sonnet["profiles"], serde_json::json!(["us", "apac"]));
    assert_eq!(sonnet["quirks"]["invoke"], "anthropic");
    assert_eq!(sonnet["quota"]["requests_per_minute"], 200);
    assert_eq!(sonnet["lifecycle"]["end_of_life"]["date"], "2026-03-01");
}

#[test]
fn a_profile_that_does_not_exist_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let model = "[[models]]\nid = \"acme.big-v1:0\"\nname = \"big\"\nlabel = \"Big\"\nprovider = \"Acme\"\nprofiles = [\"us\", \"usa\"]\n";
    std::fs::write(folder.path().join("models.toml"), model).unwrap();
    let plan = folder.path().join("weekly.toml");
    let (text, code) = program(&["models", "list", "--plan", plan.to_str().unwrap()], &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("models.toml:6"), "{text}");
    assert!(text.contains("found `usa`"), "{text}");
}

#[test]
fn what_a_model_refuses_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let model = "[[models]]\nid = \"acme.big-v1:0\"\nname = \"big\"\nlabel = \"Big\"\nprovider = \"Acme\"\nnotes = \"Thinks first\"\n[models.quirks]\nsystem = \"inlined\"\nsampling = \"omitted\"\ntools = \"unsupported\"\n";
    std::fs::write(folder.path().join("models.toml"), model).unwrap();
    let plan = folder.path().join("weekly.toml");
    let (text, code) = program(&["models", "list", "--plan", plan.to_str().unwrap()], &[]);
    assert_eq!(code, 0, "{text}");
    let own = text.split_once("Big, by Acme\n").unwrap().1;
    let own = own.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        own,
        "acme.big-v1:0 Thinks first takes no system prompt: it goes into the first user message; takes no temperature and no topP: they are left out; never calls tools"
    );
}
