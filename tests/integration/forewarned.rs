//! What a live run says of its models before it asks any of them.

use super::models_cli::program;

const GONE: &str = "warning: anthropic.claude-3-5-haiku-20241022-v1:0: left Bedrock on 2026-06-19: its calls fail, and its answers can only be replayed";

/// A run that is refused before anything is sent.
fn refused(more: &[&str], variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("new.sqlite");
    let arguments = [
        "run",
        "--mode",
        "record-all",
        "--cassette",
        cassette.to_str().unwrap(),
        "--max-cost",
        "0.0001",
    ];
    let (text, code) = program(&[&arguments, more].concat(), variables);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("nothing was sent"), "{text}");
    assert!(!cassette.exists());
    text
}

#[test]
fn a_model_that_is_gone_is_named_before_anything_is_spent() {
    let text = refused(&["--quiet"], &[]);
    assert!(text.starts_with(GONE), "{text}");
    let judge = "anthropic.claude-3-5-sonnet-20241022-v2:0: left Bedrock on 2026-03-01";
    assert!(text.contains(judge), "{text}");
}

#[test]
fn neither_a_replay_nor_the_simulator_cares() {
    let text = refused(&["--endpoint-url", "http://127.0.0.1:1"], &[]);
    assert!(!text.contains("left Bedrock"), "{text}");
    let (text, code) = program(&["run"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("left Bedrock"), "{text}");
}

#[test]
fn only_a_model_that_will_be_asked_is_warned_of() {
    let (text, code) = program(&["run", "--mode", "record-missing"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("left Bedrock"), "{text}");
    // The dialogue with Haiku is recorded, the one with the other id of Llama is not.
    let ids =
        r#"["anthropic.claude-3-5-haiku-20241022-v1:0", "us.meta.llama3-1-70b-instruct-v1:0"]"#;
    let scripted = ["--scenario", "APO-PHY-HEAT-TEMP-01"];
    let missing = ["run", "--mode", "record-missing", "--max-cost", "0.0001"];
    let variables = [("BEDROCK_MODEL_IDS", ids)];
    let logged = ["--log", "info"];
    let (text, code) = program(&[&missing[..], &scripted, &logged].concat(), &variables);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("nothing was sent"), "{text}");
    assert!(!text.contains(GONE), "{text}");
    // To look at what is recorded calls nobody.
    assert!(!text.contains("Invoking"), "{text}");
    let judge = "warning: anthropic.claude-3-5-sonnet-20241022-v2:0: left Bedrock";
    assert!(text.contains(judge), "{text}");
    // To record anew is to ask all of them.
    assert!(refused(&scripted, &variables).contains(GONE));
}

#[test]
fn a_judge_whose_judgments_are_there_is_not_warned_of() {
    let (text, code) = program(&["judge", "record"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("left Bedrock"), "{text}");
    let strict = ["--candidate", "scenarios/judges/demo/strict"];
    let missing = ["judge", "record", "--max-cost", "0.0001"];
    let (text, code) = program(&[&missing[..], &strict].concat(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("left Bedrock"), "{text}");
}

#[test]
fn regions_that_are_not_asked_for_a_profile_are_named_before_the_run() {
    let ids = r#"["us.meta.llama3-1-70b-instruct-v1:0"]"#;
    let regions = ["--region", "us-east-1,eu-west-1,us-west-2"];
    let text = refused(&regions, &[("BEDROCK_MODEL_IDS", ids)]);
    let note = "note: us.meta.llama3-1-70b-instruct-v1:0 is asked in us-east-1, us-west-2 only, not in eu-west-1: ";
    assert!(text.contains(note), "{text}");
    let quiet = [&regions[..], &["--quiet"]].concat();
    let text = refused(&quiet, &[("BEDROCK_MODEL_IDS", ids)]);
    assert!(!text.contains(note), "{text}");
}

#[test]
fn a_plan_tells_which_calls_nobody_answers_any_more_and_what_to_edit() {
    let none = [
        "--scenario",
        "EL-CIV-FREE-HARM-01",
        "--cassette",
        "none.sqlite",
    ];
    let plan = |on| program(&[&["plan", "--on", on], &none[..]].concat(), &[]).0;
    let text = plan("2026-04-01");
    for told in [
        "\n20 of 30 calls cannot be recorded any more: their models have left\n",
        "\n  5 calls: the tutor anthropic.claude-3-5-sonnet-20241022-v2:0\n    name another one first: `models` in scenarios/weekly.toml\n",
        "\n  15 calls: the judge anthropic.claude-3-5-sonnet-20241022-v2:0\n    name another one first: `model` in scenarios/judges/socratic/judge.toml\n",
        "\nthen record what is missing\n  bedrock-replay run --mode record-missing",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!text.contains("record only those"), "{text}");
    let text = plan("2026-02-01");
    assert!(!text.contains("any more"), "{text}");
    assert!(text.contains("\nrecord only those\n"), "{text}");
}

#[test]
fn an_id_that_is_none_is_sent_with_a_warning() {
    let ids = r#"["anthropic.claude-3-5-sonnet-20241022-v1:0"]"#;
    let text = refused(&[], &[("BEDROCK_MODEL_IDS", ids)]);
    let meant = "did you mean `anthropic.claude-3-5-sonnet-20241022-v2:0`?";
    assert!(text.contains(meant), "{text}");
}

#[test]
fn an_id_that_looks_wrong_is_named_before_anything_is_spent() {
    let ids = r#"["foo", "opuss", "meta.llama3-1-70b-instruct-v2:0", "acme.big-v1:0"]"#;
    let variables = [("BEDROCK_MODEL_IDS", ids)];
    let text = refused(&["--quiet"], &variables);
    for told in [
        "warning: foo: no provider is in it, so it is hardly a model id (expected one such as",
        "warning: opuss: no provider is in it, so it is hardly a model id (did you mean `anthropic.claude-3-opus-20240229-v1:0`?)",
        "warning: meta.llama3-1-70b-instruct-v2:0: not in the registry (did you mean `meta.llama3-1-70b-instruct-v1:0`?)",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    // A new model is nothing wrong.
    assert!(!text.contains("acme.big"), "{text}");
    let text = refused(&[], &variables);
    assert!(
        text.contains("note: acme.big-v1:0: not in the registry"),
        "{text}"
    );
    let (text, _) = program(&["plan"], &variables);
    assert!(
        text.contains("warning: foo: no provider is in it"),
        "{text}"
    );
}

#[test]
fn an_id_that_looks_wrong_is_named_whoever_is_asked() {
    let variables = [(
        "BEDROCK_MODEL_IDS",
        r#"["meta.lama3-1-70b-instruct-v1:0", "llama3-1-70b"]"#,
    )];
    let here = ["--endpoint-url", "http://127.0.0.1:1", "--quiet"];
    let text = refused(&here, &variables);
    for told in [
        "warning: meta.lama3-1-70b-instruct-v1:0: not in the registry (did you mean `meta.llama3-1-70b-instruct-v1:0`?)",
        "warning: llama3-1-70b: no provider is in it, so it is hardly a model id (did you mean `",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!text.contains("left Bedrock"), "{text}");
}

#[test]
fn a_replay_miss_of_an_id_that_looks_wrong_says_which_was_meant() {
    let variables = [("BEDROCK_MODEL_IDS", r#"["meta.lama3-1-70b-instruct-v1:0"]"#)];
    let (text, code) = program(&["run"], &variables);
    assert_eq!(code, 5, "{text}");
    let told = "help      meta.lama3-1-70b-instruct-v1:0: not in the registry (did you mean `meta.llama3-1-70b-instruct-v1:0`?); to record it as it is:\n    bedrock-replay run --mode record-missing";
    assert!(text.contains(told), "{text}");
}
