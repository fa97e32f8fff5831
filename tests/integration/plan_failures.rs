//! `plan` over recorded failures: it says what a recording would ask, and what it would keep.

use std::path::Path;

use serde_json::Value;

use super::bench_stand_in::project;
use super::lab::Lab;
use super::models_cli::program;

const CHOSEN: [&str; 4] = [
    "--model",
    "llama-3-1-70b",
    "--scenario",
    "EL-CIV-FREE-HARM-01",
];

/// The calls of the chosen dialogue.
const CALLS: u64 = 10;

fn on<'a>(cassette: &'a Path, arguments: &[&'a str]) -> Vec<&'a str> {
    let cassette = ["--cassette", cassette.to_str().unwrap()];
    [arguments, &CHOSEN, &cassette].concat()
}

async fn run(lab: &Lab, cassette: &Path, mode: &str, manner: &[&str]) -> String {
    let url = lab.url();
    let arguments = [
        "run",
        "--quiet",
        "--mode",
        mode,
        "--endpoint-url",
        &url,
        "--tries",
        "1",
    ];
    let arguments: Vec<String> = on(cassette, &[&arguments, manner].concat())
        .into_iter()
        .map(str::to_owned)
        .collect();
    let told = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        program(&arguments, &[]).0
    });
    told.await.unwrap()
}

/// A cassette in which the dialogue's first call failed.
async fn failed(fault: &str, manner: &[&str], cassette: &Path) {
    let bad = Lab::new(fault).await;
    let told = run(&bad, cassette, "record-all", manner).await;
    assert!(told.contains("1 call of this run failed"), "{told}");
}

fn plan(cassette: &Path, manner: &[&str]) -> Value {
    let arguments = [&["plan", "--format", "json"], manner].concat();
    let (text, code) = program(&on(cassette, &arguments), &[]);
    assert_eq!(code, 0, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_counts_is_what_a_recording_asks_whatever_failed_before() {
    let kept = [
        "ValidationException",
        "ModelErrorException",
        "ConflictException",
    ];
    let asked_again = [
        "ThrottlingException",
        "InternalServerException",
        "AccessDeniedException",
        "ResourceNotFoundException",
        "ServiceQuotaExceededException",
    ];
    for error in kept {
        compare(&format!("error={error}"), &[], 0).await;
    }
    for error in asked_again {
        compare(&format!("error={error}"), &[], CALLS).await;
    }
    compare("error=ModelStreamErrorException@3", &["--stream"], 0).await;
    for fault in [
        "error=ThrottlingException@3",
        "cut=3",
        "reset=3",
        "bad-crc=2",
    ] {
        compare(fault, &["--stream"], CALLS).await;
    }
}

/// A dialogue's first call fails: what the plan says, and what is asked then.
async fn compare(fault: &str, manner: &[&str], asked: u64) {
    let good = Lab::new("none").await;
    failed(fault, manner, &good.path()).await;
    let plan = plan(&good.path(), manner);
    let told = run(&good, &good.path(), "record-missing", manner).await;
    assert_eq!(good.served(), asked, "{fault}: {told}");
    assert_eq!(plan["asked"]["calls"], asked, "{fault}: {plan}");
    let refused = u64::from(asked == 0);
    assert_eq!(plan["survey"]["refused"], refused, "{fault}: {plan}");
    assert_eq!(plan["survey"]["recorded"], refused, "{fault}: {plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_refusal_is_told_with_the_command_that_asks_it_anew() {
    let good = Lab::new("none").await;
    let path = good.path();
    failed("error=ValidationException", &[], &path).await;
    let whole = [
        "plan",
        "--cassette",
        path.to_str().unwrap(),
        "--scenario",
        CHOSEN[3],
    ];
    let (text, code) = program(&whole, &[]);
    assert_eq!(code, 0, "{text}");
    let (_, refused) = text.split_once("1 recorded call").unwrap();
    let refused = refused.replace(path.to_str().unwrap(), "a.sqlite");
    insta::assert_snapshot!(refused, @r"
     got an error for an answer, which is kept as any answer is
      1 call: the tutor meta.llama3-1-70b-instruct-v1:0
        ValidationException (HTTP 400): The request does not meet the operation's constraints.
    an edit of what was refused asks it anew; so does, with all of its dialogues,
      bedrock-replay run --mode record-all --cassette a.sqlite --scenario EL-CIV-FREE-HARM-01 --model llama-3-1-70b
    ");
    let (of_any_age, code) = program(&[&whole[..], &["--since", "2026-01-01"]].concat(), &[]);
    assert_eq!(code, 0, "{of_any_age}");
    let (_, anew) = of_any_age.split_once("so does, with all").unwrap();
    assert!(!anew.contains("--since"), "no other mode takes it: {anew}");
    let told = run(&good, &path, "record-all", &[]).await;
    assert!(!told.contains("failed"), "{told}");
    let plan = plan(&path, &[]);
    assert_eq!(plan["survey"]["recorded"], CALLS);
    assert_eq!(plan["survey"]["refused"], 0);
    assert_eq!(plan["command_to_ask_refused_anew"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_pays_for_an_error() {
    let good = Lab::new("none").await;
    failed("error=ValidationException", &[], &good.path()).await;
    let (text, code) = program(&on(&good.path(), &["cost", "--format", "json"]), &[]);
    assert_eq!(code, 0, "{text}");
    let costs: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(costs["recorded"]["calls"], 1, "{costs}");
    assert_eq!(costs["recorded"]["cost"]["unpriced"], 0, "{costs}");
    assert_eq!(costs["recorded"]["cost"]["amount"], "0", "{costs}");
}

#[test]
fn what_cannot_be_read_is_neither_recorded_nor_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    std::fs::copy(project("cassettes/weekly.sqlite"), &path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let damage = "UPDATE attempt SET status = 201 WHERE id = (SELECT min(id) FROM attempt)";
    assert_eq!(connection.execute(damage, []).unwrap(), 1);
    drop(connection);
    for command in [&["plan"][..], &["cost"], &["run", "--dry-run"]] {
        let (text, code) = program(
            &[command, &["--cassette", path.to_str().unwrap()]].concat(),
            &[],
        );
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(", turn "), "{text}");
        assert!(text.contains("is damaged"), "{text}");
        assert!(text.contains("cassette verify"), "{text}");
    }
}
