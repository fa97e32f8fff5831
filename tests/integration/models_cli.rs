//! `models`, as a person uses it.

use std::process::Command;

use super::bench_stand_in::project;

/// What the program prints, and its exit code.
pub fn program(arguments: &[&str], variables: &[(&str, &str)]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(arguments)
        .current_dir(project(""))
        .env_remove("BEDROCK_MODEL_IDS")
        .env_remove("BEDROCK_REPLAY_MODE")
        .env_remove("CI")
        .env_remove("COLUMNS")
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
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
