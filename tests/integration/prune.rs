//! What no run asks for any more: written down by a run, listed, and removed when that is said.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use bedrock_replay::Mode;
use bedrock_replay::cassette::{Slot, UnusedList, prune};
use bedrock_replay::playback::{PlaybackReport, Unused};

use crate::bare::bare;
use crate::lab::{Lab, ask, stored};
use crate::server_lab::sdk;

fn program(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = bare();
    let command = command.args(arguments).current_dir(folder);
    command.output().unwrap()
}

fn succeeded(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn failed(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = program(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

async fn session(lab: &Lab, mode: Mode, texts: &[&str]) -> PlaybackReport {
    let cassette = lab.open(mode);
    let client = cassette.client().await.unwrap();
    for text in texts {
        ask(&client, text).await;
    }
    drop(client);
    cassette.finish().unwrap()
}

/// A cassette of four exchanges, of which a run asks for two.
async fn edited() -> (Lab, Vec<Slot>) {
    let lab = Lab::new("none").await;
    session(&lab, Mode::RecordMissing, &["one", "two", "two", "three"]).await;
    let report = session(&lab, Mode::Replay, &["two", "three"]).await;
    assert_eq!(report.unused.len(), 2);
    (lab, report.unused)
}

fn written(lab: &Lab, name: &str, unused: &[Slot]) -> PathBuf {
    let path = lab.folder.path().join(name);
    let list = UnusedList::of(&lab.path(), unused).unwrap();
    list.write(&path).unwrap();
    path
}

#[tokio::test]
async fn what_a_run_left_over_is_removed_and_the_run_goes_on_as_before() {
    let (lab, unused) = edited().await;
    prune(&lab.path(), &unused).unwrap();
    assert_eq!(stored(&lab.path()).len(), 2);
    let report = session(&lab, Mode::Replay, &["two", "three"]).await;
    assert_eq!((report.missed, report.unused), (0, Vec::new()));
}

#[tokio::test]
async fn recording_fewer_calls_anew_leaves_later_occurrences_and_says_so() {
    let lab = Lab::new("none").await;
    session(&lab, Mode::RecordAll, &["two", "two", "two", "one"]).await;
    let report = session(&lab, Mode::RecordAll, &["two", "one"]).await;
    let left: Vec<u32> = report.unused.iter().map(|slot| slot.occurrence).collect();
    assert_eq!(left, [1, 2]);
    prune(&lab.path(), &report.unused).unwrap();
    let options = lab.options(Mode::Replay).unused(Unused::Error);
    let cassette = options.open().unwrap();
    let client = cassette.client().await.unwrap();
    ask(&client, "two").await;
    ask(&client, "one").await;
    assert_eq!(cassette.finish().unwrap().unused, []);
}

#[tokio::test]
async fn nothing_is_removed_before_it_is_said() {
    let (lab, unused) = edited().await;
    let folder = lab.folder.path();
    written(&lab, "unused.json", &unused);
    let before = std::fs::read(lab.path()).unwrap();
    let arguments = ["cassette", "prune", "a.sqlite", "--unused", "unused.json"];
    let told = succeeded(folder, &arguments);
    for slot in &unused {
        assert!(told.contains(&slot.key.short()), "{slot}: {told}");
    }
    assert!(
        told.contains("2 exchanges would be removed, with --apply"),
        "{told}"
    );
    assert_eq!(std::fs::read(lab.path()).unwrap(), before);

    let told = succeeded(folder, &[&arguments[..], &["--apply"]].concat());
    assert!(
        told.contains("2 exchanges removed, 2 exchanges left"),
        "{told}"
    );
    assert_eq!(stored(&lab.path()).len(), 2);
    // The list has had its time: what is there now is another cassette.
    let told = failed(folder, &arguments, 1);
    assert!(told.contains("replay the run again"), "{told}");
}

#[tokio::test]
async fn what_another_run_needs_is_kept() {
    let (lab, unused) = edited().await;
    let other = session(&lab, Mode::Replay, &["one"]).await;
    written(&lab, "mine.json", &unused);
    written(&lab, "other.json", &other.unused);
    let arguments = [
        "cassette",
        "prune",
        "a.sqlite",
        "--format",
        "json",
        "--unused",
        "mine.json",
        "--unused",
        "other.json",
    ];
    let told = succeeded(lab.folder.path(), &arguments);
    let listed: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(listed[0]["occurrence"], 1);
}

#[tokio::test]
async fn exec_writes_the_list_of_a_command_that_came_to_its_end_and_of_no_other() {
    let (lab, _) = edited().await;
    let folder = lab.folder.path();
    let list = folder.join("unused.json");
    assert!(exec_with_a_call(folder, "exit 0").await.status.success());
    assert!(
        std::fs::read_to_string(&list)
            .unwrap()
            .contains("\"occurrence\": 1")
    );
    let told = exec_with_a_call(folder, "exit 3").await;
    assert_eq!(told.status.code(), Some(3));
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(
        told.contains("the command ended with exit code 3"),
        "{told}"
    );
    assert!(!list.exists(), "a list of a program that is no more");
}

/// `exec` of a command during which one call is made.
async fn exec_with_a_call(folder: &Path, end: &str) -> Output {
    let script = format!("echo $AWS_ENDPOINT_URL_BEDROCK_RUNTIME; read called; {end}");
    let arguments = [
        "exec",
        "-c",
        "a.sqlite",
        "--unused-file",
        "unused.json",
        "--",
        "sh",
        "-c",
    ];
    let mut command = bare();
    let command = command.args(arguments).arg(script).current_dir(folder);
    let streams = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = streams.spawn().unwrap();
    let mut url = String::new();
    let mut out = BufReader::new(running.stdout.take().unwrap());
    out.read_line(&mut url).unwrap();
    ask(&sdk(url.trim()), "one").await;
    drop(running.stdin.take());
    running.wait_with_output().unwrap()
}

#[tokio::test]
async fn a_list_is_asked_of_a_mode_that_asks_for_everything_and_is_read_with_care() {
    let (lab, _) = edited().await;
    let folder = lab.folder.path();
    let arguments = [
        "exec",
        "-c",
        "a.sqlite",
        "-m",
        "record-missing",
        "--endpoint-url",
        "http://127.0.0.1:1",
        "--unused-file",
        "unused.json",
        "--",
        "true",
    ];
    let told = failed(folder, &arguments, 2);
    assert!(told.contains("found `record-missing`"), "{told}");
    std::fs::write(folder.join("other.json"), "{}").unwrap();
    for (file, words) in [("-", "expected a file"), ("other.json", "is there already")] {
        let arguments = [
            "exec",
            "-c",
            "a.sqlite",
            "--unused-file",
            file,
            "--",
            "true",
        ];
        let told = failed(folder, &arguments, 2);
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(std::fs::read(folder.join("other.json")).unwrap(), b"{}");
    for (name, words) in [
        ("other.json", "is no list of unused"),
        ("none.json", "none.json"),
    ] {
        let arguments = ["cassette", "prune", "a.sqlite", "--unused", name];
        let told = failed(folder, &arguments, 1);
        assert!(told.contains(words), "{told}");
    }
}
