//! A live run that was interrupted goes on where it stopped, and pays for nothing twice.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::bare::bare;
use super::bench_stand_in::project;
use super::lab::{Lab, soon, stored};

/// All calls of the run below: two scripted scenarios, five turns, each judged.
const CALLS: u64 = 20;
const CONCURRENCY: u64 = 2;

fn program(cassette: &Path, endpoint: &str, mode: &str) -> Command {
    let mut command = bare();
    command
        .args(["run", "--mode", mode, "--concurrency", "2"])
        .args(["--model", "claude-3-5-haiku"])
        .args(["--scenario", "APO-PHY-HEAT-TEMP-01"])
        .args(["--scenario", "EL-CIV-FREE-HARM-01"])
        .arg("--cassette")
        .arg(cassette)
        .args(["--endpoint-url", endpoint])
        .current_dir(project(""))
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

#[cfg(unix)]
async fn kill_halfway(lab: &Lab) {
    let mut run = program(&lab.path(), &lab.url(), "record-all")
        .spawn()
        .unwrap();
    halfway(lab, &mut run).await;
    signal(&run, "-KILL");
    run.wait().unwrap();
}

fn signal(run: &Child, name: &str) {
    let pid = run.id().to_string();
    let sent = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(sent.success());
}

/// No journal is left beside the cassette.
fn assert_is_one_plain_file(lab: &Lab) {
    let entries = std::fs::read_dir(lab.folder.path()).unwrap();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a.sqlite"]);
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
    kill_halfway(&lab).await;
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
async fn what_a_killed_run_recorded_grows_old_as_well() {
    let lab = Lab::new("latency-ms=30").await;
    kill_halfway(&lab).await;
    let first = lab.served();
    let mut renewing = program(&lab.path(), &lab.url(), "record-missing");
    renewing.args(["--since", "0s"]);
    let output = tokio::task::spawn_blocking(move || renewing.output().unwrap());
    assert!(output.await.unwrap().status.success());
    assert_eq!(lab.served() - first, CALLS);
    let all = stored(&lab.path());
    assert_eq!(all.len() as u64, CALLS);
    let last = all.iter().map(|own| own.recording).max();
    assert!(all.iter().all(|own| Some(own.recording) == last));
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
    assert_is_one_plain_file(&lab);

    let output = go_on(&lab).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lab.served(), CALLS);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_told_twice_to_stop_ends_in_the_middle_of_its_calls_and_leaves_one_file() {
    let lab = Lab::new("latency-ms=2000").await;
    let mut run = program(&lab.path(), &lab.url(), "record-all")
        .spawn()
        .unwrap();
    soon(async {
        while lab.served() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    signal(&run, "-INT");
    let mut told = BufReader::new(run.stderr.take().unwrap()).lines();
    let told = told.find(|line| line.as_ref().unwrap().contains("again: at once"));
    assert!(told.is_some());
    signal(&run, "-INT");
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert_is_one_plain_file(&lab);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_an_endpoint_or_a_command_leaves_one_file() {
    for name in ["-INT", "-TERM", "-HUP"] {
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["exec", "--", "sh", "-c", "echo listening; exec sleep 30"][..],
        ] {
            let lab = Lab::new("none").await;
            let (path, url) = (lab.path(), lab.url());
            let recording = ["--mode", "record-all", "--endpoint-url", &url, "--cassette"];
            let mut program = bare();
            program.arg(command[0]).args(recording).arg(&path);
            program.args(&command[1..]).process_group(0);
            let piped = program.stdout(Stdio::piped()).stderr(Stdio::null());
            let mut child = piped.spawn().unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.next().unwrap().unwrap().starts_with("listening"));
            signal(&child, name);
            let code = child.wait().unwrap().code();
            assert!(code.is_some(), "{name} ended {command:?} itself");
            assert_is_one_plain_file(&lab);
        }
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_anew_that_was_interrupted_goes_on_and_keeps_no_old_answer() {
    let lab = Lab::new("latency-ms=30").await;
    assert!(go_on(&lab).await.status.success());
    let before = lab.served();
    let mut run = program(&lab.path(), &lab.url(), "record-all");
    run.args(["--format", "json", "--metrics"])
        .arg(lab.folder.path().join("m.jsonl"))
        .arg("--html")
        .arg(lab.folder.path().join("r.html"));
    let mut run = run.spawn().unwrap();
    soon(async {
        while lab.served() < before + CALLS / 3 {
            assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    signal(&run, "-INT");
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let told = String::from_utf8(output.stderr).unwrap();
    let next = told.lines().last().unwrap();
    let next = next
        .strip_prefix("  go on     bedrock-replay run ")
        .unwrap();
    assert!(next.contains("--mode record-missing"), "{told}");
    assert!(next.contains(" --since "), "{told}");
    let answered = lab.served() - before;
    assert!(answered < CALLS);

    for kept in [" --format json", " --metrics ", " --html "] {
        assert!(
            next.contains(kept),
            "{kept} is written by the rest too: {next}"
        );
    }
    let text_of_it = next.replace(" --format json", "");
    let planned = as_typed(&format!("--dry-run {text_of_it}")).await;
    let text = String::from_utf8(planned.stdout).unwrap();
    let missing = format!("missing {:>13}", CALLS - answered);
    assert!(text.contains(&missing), "{text}");
    assert!(text.contains("recorded before "), "{text}");

    let output = as_typed(next).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lab.served(), before + CALLS, "nothing is paid for twice");
    let sessions: BTreeSet<_> = stored(&lab.path())
        .into_iter()
        .map(|own| own.recording)
        .collect();
    assert_eq!(sessions.len(), 2, "of the first recording nothing is left");
    assert_eq!(stored(&lab.path()).len() as u64, CALLS);
}

/// A run with options as they were told.
#[cfg(unix)]
async fn as_typed(options: &str) -> Output {
    let mut command = bare();
    command.arg("run").args(options.split(' '));
    command.current_dir(project(""));
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[test]
fn an_age_is_for_what_asks_for_what_is_missing() {
    for mode in ["replay", "record-all", "passthrough"] {
        let mut command = program(Path::new("no/such.sqlite"), "http://127.0.0.1:1", mode);
        let output = command.args(["--since", "7d"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            told.contains("--since is for mode record-missing"),
            "{told}"
        );
    }
}
