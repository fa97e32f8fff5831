//! `stored judge` asks as `run` does: one retry policy, regions, quotas, a limit of cost.

use std::fs;
use std::process::Output;

use serde_json::json;
use tempfile::TempDir;

use super::bare::bare;
use super::bench_stand_in::project;
use super::judge_cli::{assert_code, error};
use super::lab::{Lab, stored};

/// Two stored turns.
fn week() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("raw/runs/run-7");
    fs::create_dir_all(&run).unwrap();
    for index in 0..2 {
        let turn = json!({
            "run_id": "run-7", "turn_index": index, "scenario_id": "EL-CIV-FREE-HARM-01",
            "vector": "elenchus", "persona": "Mira, 19", "student": "I am free.",
            "ai": format!("What do you mean by free, {index}?"),
            "timestamp": "2025-11-05T10:00:00Z", "model_id": "meta.llama3-1-70b-instruct-v1:0",
        });
        let path = run.join(format!("turn_00{index}.json"));
        fs::write(path, turn.to_string()).unwrap();
    }
    folder
}

async fn judge(week: &TempDir, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = bare();
    let plan = project("scenarios/weekly.toml");
    let cassette = week.path().join("a.sqlite");
    command
        .args(["stored", "judge"])
        .arg(week.path())
        .arg("--plan")
        .arg(plan)
        .arg("--cassette")
        .arg(cassette)
        .args(arguments)
        .current_dir(week.path())
        .envs(variables.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_throttled_judge_is_asked_as_often_as_the_policy_says_and_no_more() {
    let lab = Lab::new("throttle=3").await;
    let url = lab.url();
    let record = ["--mode", "record-missing", "--endpoint-url", &url];
    let once = [&record[..], &["--tries", "1"]].concat();
    let week = week();
    let failed = judge(&week, &once, &[]).await;
    assert_code(&failed, 1);
    assert!(
        error(&failed).contains("2 calls of the judge failed"),
        "{}",
        error(&failed)
    );
    assert_eq!(lab.served(), 2, "the SDK tries nothing by itself");

    let quick = [("BEDROCK_REPLAY_BACKOFF", "0.01")];
    let patient = [&record[..], &["--tries", "4"]].concat();
    assert_code(&judge(&week, &patient, &quick).await, 0);
    let answered = stored(&week.path().join("a.sqlite"));
    assert_eq!(answered.len(), 2);
    assert_code(&judge(&week, &[], &[]).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_recorded_is_a_miss_and_what_is_too_expensive_is_not_sent() {
    let week = week();
    let missed = judge(&week, &[], &[]).await;
    assert_code(&missed, 5);
    let help = "--mode record-missing --plan";
    assert!(error(&missed).contains(help), "{}", error(&missed));

    let lab = Lab::new("").await;
    let url = lab.url();
    let record = ["--mode", "record-missing", "--endpoint-url", &url];
    fs::write(
        week.path().join("bedrock-replay.toml"),
        "max_cost = 0.0001\n",
    )
    .unwrap();
    let refused = judge(&week, &record, &[]).await;
    assert_code(&refused, 1);
    let told = error(&refused);
    assert!(
        told.contains("for 2 calls, more than the $0.0001 of bedrock-replay.toml:1:12"),
        "{told}"
    );
    assert!(told.contains("(`bedrock-replay stored show "), "{told}");
    assert!(!told.contains("stored show`"), "{told}");
    assert_eq!(lab.served(), 0);

    let busy = Lab::new("error=ThrottlingException").await;
    let (busy_url, much) = (busy.url(), ["--max-cost", "1.00", "--tries", "1"]);
    let throttled = ["--mode", "record-missing", "--endpoint-url", &busy_url];
    let throttled = [&throttled[..], &much].concat();
    assert_code(&judge(&week, &throttled, &[]).await, 1);
    let refused = judge(&week, &record, &[]).await;
    let told = error(&refused);
    assert!(
        told.contains("for 2 calls, more than"),
        "no answer is missing: {told}"
    );

    let allowed = [&record[..], &["--max-cost", "1.00"]].concat();
    assert_code(&judge(&week, &allowed, &[]).await, 0);
    let anew = ["--mode", "record-all", "--endpoint-url", &busy_url];
    let anew = judge(&week, &[&anew[..], &much].concat(), &[]).await;
    let told = error(&anew);
    let (_, since) = told.split_once(" --since ").unwrap();
    assert!(told.contains("--mode record-missing"), "{told}");
    let since = ["--since", since.split_whitespace().next().unwrap()];
    let before = lab.served();
    assert_code(
        &judge(&week, &[&allowed[..], &since].concat(), &[]).await,
        0,
    );
    assert_eq!(
        lab.served(),
        before + 2,
        "the old answers were to be replaced"
    );
    assert_code(
        &judge(&week, &[&allowed[..], &since].concat(), &[]).await,
        0,
    );
    assert_eq!(lab.served(), before + 2);

    fs::write(week.path().join("a.sqlite"), "no cassette, but text").unwrap();
    assert_code(&judge(&week, &[], &[]).await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_credentials_the_first_call_is_the_last() {
    let week = week();
    let nobody = [("AWS_EC2_METADATA_DISABLED", "true")];
    let record = ["--mode", "record-missing", "--log", "info"];
    let output = judge(&week, &record, &nobody).await;
    assert_code(&output, 1);
    let told = error(&output);
    assert_eq!(told.matches("Invoking Bedrock: ").count(), 1, "{told}");
    assert!(told.contains("error: stopped at "), "{told}");
    assert!(
        told.contains("why       there are no AWS credentials"),
        "{told}"
    );
    assert!(
        told.contains("help      bedrock-replay stored judge"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mode_of_the_command_line_wins_over_the_variable() {
    let week = week();
    let lab = Lab::new("").await;
    let url = lab.url();
    let record = ["--mode", "record-missing", "--endpoint-url", &url];
    let variable = [("BEDROCK_REPLAY_MODE", "replay")];
    assert_code(&judge(&week, &record, &variable).await, 0);
    assert_eq!(lab.served(), 2);
}
