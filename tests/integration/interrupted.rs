//! A live run that was interrupted goes on where it stopped, and pays for nothing twice.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::bench_stand_in::project;
use super::lab::{Lab, soon, stored};

/// All calls of the run below: two scripted scenarios, five turns, each judged.
const CALLS: u64 = 20;
const CONCURRENCY: u64 = 2;

fn program(cassette: &Path, endpoint: &str, mode: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
    command
        .args(["run", "--mode", mode, "--concurrency", "2"])
        .args(["--model", "claude-3-5-haiku"])
        .args(["--scenario", "APO-PHY-HEAT-TEMP-01"])
        .args(["--scenario", "EL-CIV-FREE-HARM-01"])
        .arg("--cassette")
        .arg(cassette)
        .args(["--endpoint-url", endpoint])
        .current_dir(project(""))
        .env_remove("CI")
        .env_remove("BEDROCK_REPLAY_MODE")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Lets a run go until the simulator has answered some of its calls.
async fn halfway(lab: &Lab, run: &mut Child) {
    soon(async {
        while lab.served() < CALLS / 3 {
            assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

fn signal(run: &Child, name: &str) {
    let pid = run.id().to_string();
    let sent = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(sent.success());
}

async fn go_on(lab: &Lab) -> Output {
    let mut command = program(&lab.path(), &lab.url(), "record-missing");
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_only_what_has_no_answer_is_asked() {
    let lab = Lab::new("latency-ms=30").await;
    let mut run = program(&lab.path(), &lab.url(), "record-all")
        .spawn()
        .unwrap();
    halfway(&lab, &mut run).await;
    signal(&run, "-KILL");
    run.wait().unwrap();
    let (first, answered) = (lab.served(), stored(&lab.path()).len() as u64);
    // Only what was under way at the kill can be lost.
    assert!(answered + CONCURRENCY >= first, "{answered} of {first}");

    let output = go_on(&lab).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lab.served() - first, CALLS - answered);
    assert_eq!(stored(&lab.path()).len() as u64, CALLS);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_ends_its_calls_says_how_to_go_on_and_pays_nothing_twice() {
    let lab = Lab::new("latency-ms=30").await;
    let mut run = program(&lab.path(), &lab.url(), "record-all")
        .spawn()
        .unwrap();
    halfway(&lab, &mut run).await;
    signal(&run, "-INT");
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let told = String::from_utf8(output.stderr).unwrap();
    let first = lab.served();
    assert!(first < CALLS);
    assert!(
        told.contains(&format!("stopped after {first} calls")),
        "{told}"
    );
    let next = "go on     bedrock-replay run --mode record-missing --cassette";
    assert!(told.contains(next), "{told}");
    assert!(output.stdout.is_empty());
    // Settled: no journal is left beside it.
    let files = std::fs::read_dir(lab.folder.path()).unwrap();
    assert_eq!(files.count(), 1);

    let output = go_on(&lab).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lab.served(), CALLS);
}
