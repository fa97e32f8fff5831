//! `bedrock-replay judge` as a person uses it: pin, edit, plan, record, compare.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bedrock_replay::simulator::{Running, Simulator};
use tempfile::TempDir;

use super::bare::bare;
use super::bench_stand_in::{copy, project};
use super::lab::{Lab, soon};

pub const SOME: [&str; 4] = ["--model", "llama-3-1-70b", "--model", "claude-3-5-haiku"];

/// A project of its own: scenarios, judges and the recorded dialogues.
pub struct Project(TempDir);

impl Project {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&project("scenarios"), &folder.path().join("scenarios"));
        let cassettes = folder.path().join("cassettes");
        fs::create_dir_all(&cassettes).unwrap();
        fs::copy(
            project("cassettes/weekly.sqlite"),
            cassettes.join("weekly.sqlite"),
        )
        .unwrap();
        Self(folder)
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    pub async fn judge(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare();
        command
            .arg("judge")
            .args(arguments)
            .current_dir(self.0.path());
        command
    }
}

const PROMPT: &str = "scenarios/judges/socratic/system.md";
const LOWER: &str = "When two levels seem to fit";

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
pub fn assert_code(output: &Output, code: i32) {
    assert_eq!(
        output.status.code(),
        Some(code),
        "{}{}",
        out(output),
        error(output)
    );
}

pub async fn simulator() -> Running {
    let address = "127.0.0.1:0".parse().unwrap();
    Simulator::builder().start(address).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_pinned_planned_recorded_once_and_compared_offline() {
    let project = Project::new();
    assert_code(&project.judge(&["pin", "--on", "2026-11-22"]).await, 0);
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");

    let missed = project.judge(&[&["regress"][..], &SOME].concat()).await;
    assert_code(&missed, 5);
    insta::assert_snapshot!("judge_missing", error(&missed));
    let planned = project.judge(&[&["plan"][..], &SOME].concat()).await;
    assert_code(&planned, 0);
    insta::assert_snapshot!("judge_plan", out(&planned));

    let simulator = simulator().await;
    let url = simulator.url();
    let record = [&["record", "--endpoint-url", &url][..], &SOME].concat();
    let first = project.judge(&record).await;
    assert_code(&first, 0);
    assert!(
        out(&first).contains("90 judgments recorded, 0 there already"),
        "{}",
        out(&first)
    );
    let paid = "simulated: nothing was paid for 90 calls";
    assert!(error(&first).contains(paid), "{}", error(&first));
    let again = project.judge(&record).await;
    assert!(
        out(&again).contains("0 judgments recorded, 90 there already"),
        "{}",
        out(&again)
    );
    assert!(!error(&again).contains("paid"), "{}", error(&again));
    simulator.stop().await;

    let before = fs::read(project.path("cassettes/weekly.sqlite")).unwrap();
    let compared = project.judge(&[&["regress"][..], &SOME].concat()).await;
    assert_code(&compared, 1);
    insta::assert_snapshot!("judge_regress", out(&compared));
    let after = fs::read(project.path("cassettes/weekly.sqlite")).unwrap();
    assert!(before == after, "a comparison changed the cassette");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_goes_on_where_it_stopped() {
    let project = Project::new();
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");
    let simulator = simulator().await;
    let url = simulator.url();
    let half = ["record", "--endpoint-url", &url, SOME[0], SOME[1]];
    let first = out(&project.judge(&half).await);
    assert!(
        first.contains("45 judgments: 45 scored, 0 unscored"),
        "{first}"
    );
    let whole = [&["record", "--endpoint-url", &url][..], &SOME].concat();
    let rest = out(&project.judge(&whole).await);
    simulator.stop().await;
    assert!(
        rest.contains("45 judgments recorded, 45 there already"),
        "{rest}"
    );
}

#[tokio::test]
async fn a_recording_that_costs_more_than_is_meant_sends_nothing() {
    let project = Project::new();
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");
    let nowhere = ["--endpoint-url", "http://127.0.0.1:1", "--max-cost", "0.10"];
    let refused = project
        .judge(&[&["record"][..], &nowhere, &SOME].concat())
        .await;
    assert_code(&refused, 1);
    insta::assert_snapshot!("judge_too_expensive", error(&refused));
    project.edit(
        "scenarios/judges/socratic/judge.toml",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "acme.judge-1",
    );
    let planned = project.judge(&["plan", "--baseline", "socratic"]).await;
    assert!(
        out(&planned).contains("135 of 135 judge calls not recorded, price n/a for acme.judge-1"),
        "{}",
        out(&planned)
    );
    let refused = project.judge(&[&["record"][..], &nowhere].concat()).await;
    assert!(
        error(&refused).contains("135 of 135 calls have no known price"),
        "{}",
        error(&refused)
    );
}

#[tokio::test]
async fn a_cassette_that_is_not_there_yet_lacks_every_judgment() {
    let project = Project::new();
    let elsewhere = ["--baseline", "socratic", "--judgments", "new.sqlite"];
    let planned = project.judge(&[&["plan"][..], &elsewhere].concat()).await;
    assert_code(&planned, 0);
    assert!(
        out(&planned).contains("candidate socratic@b7ded9fe: 135 of 135 judge calls not recorded"),
        "{}",
        out(&planned)
    );
    let missed = project
        .judge(&[&["regress"][..], &elsewhere].concat())
        .await;
    assert_code(&missed, 5);
    let planned = || project.command(&[&["plan"][..], &elsewhere].concat());
    let there = planned().env("AWS_REGION", "eu-west-1").output().unwrap();
    assert!(
        out(&there).contains("price n/a for anthropic.claude-3-5-sonnet-20241022-v2:0"),
        "the region of the environment has no price: {}",
        out(&there)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_throttled_judge_is_asked_again() {
    let project = Project::new();
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");
    let lab = Lab::new("throttle=1").await;
    let url = lab.url();
    let patient = ["--tries", "2", "--backoff", "0.01"];
    let record = ["record", "--endpoint-url", &url, SOME[0], SOME[1]];
    let output = project.judge(&[&record[..], &patient].concat()).await;
    assert_code(&output, 0);
    assert!(
        out(&output).contains("45 judgments recorded"),
        "{}",
        out(&output)
    );
    assert!(lab.served() > 45);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_recording_says_how_to_go_on_and_pays_nothing_twice() {
    let project = Project::new();
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");
    let lab = Lab::new("latency-ms=500").await;
    let url = lab.url();
    let record = ["record", "--endpoint-url", &url, SOME[0], SOME[1]];
    let mut command = project.command(&record);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut recording = command.spawn().unwrap();
    soon(async {
        while lab.served() < 15 {
            assert!(recording.try_wait().unwrap().is_none(), "it has ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let pid = recording.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let stopped = recording.wait_with_output().unwrap();
    assert_code(&stopped, 130);
    let first = lab.served();
    assert!(first < 45);
    let go_on = format!(
        "stopped after {first} calls: what was answered is in `cassettes/weekly.sqlite`\n  go on     bedrock-replay judge record {} {} --endpoint-url {url}",
        SOME[0], SOME[1]
    );
    assert!(error(&stopped).contains(&go_on), "{}", error(&stopped));

    let rest = project.judge(&record).await;
    let all = format!("{} judgments recorded, {first} there already", 45 - first);
    assert!(out(&rest).contains(&all), "{}", out(&rest));
    assert_eq!(lab.served(), 45);
}

#[tokio::test]
async fn under_ci_nothing_is_recorded_by_chance() {
    let project = Project::new();
    let mut command = bare();
    command
        .args(["judge", "record", "--endpoint-url", "http://127.0.0.1:1"])
        .current_dir(project.0.path())
        .env("CI", "true");
    let output = command.output().unwrap();
    assert_code(&output, 2);
    assert!(error(&output).contains("CI=true"), "{}", error(&output));
}

#[tokio::test]
async fn a_version_is_found_by_its_fingerprint_after_it_was_edited_away() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-20"]).await;
    let listed = out(&project.judge(&["list"]).await);
    let fingerprint = listed.split("socratic@").nth(1).unwrap()[..8].to_owned();
    project.edit(PROMPT, LOWER, "When in doubt");
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    let old = format!("socratic@{fingerprint}");
    let shown = out(&project.judge(&["show", &old]).await);
    assert!(shown.contains(LOWER), "{shown}");
    let last = out(&project.judge(&["show", "socratic@pinned"]).await);
    assert!(last.contains("When in doubt"), "{last}");

    let stored = project.path("scenarios/judges/pinned/socratic");
    for version in fs::read_dir(stored).unwrap() {
        let file = version.unwrap().path().join("system.md");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, text + "\nBe kind.").unwrap();
    }
    let edited = project.judge(&["show", &old]).await;
    assert_code(&edited, 4);
    assert!(error(&edited).contains("was edited"), "{}", error(&edited));
}

#[tokio::test]
async fn a_pin_whose_copy_is_gone_or_edited_is_listed_as_that() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-20"]).await;
    let whole = out(&project.judge(&["list"]).await);
    assert!(whole.contains("this version, 2026-11-20\n"), "{whole}");
    let stored = project.path("scenarios/judges/pinned/socratic");
    let version = fs::read_dir(&stored).unwrap().next().unwrap().unwrap();
    let prompt = version.path().join("system.md");
    let text = fs::read_to_string(&prompt).unwrap();
    fs::write(&prompt, text + "\nBe kind.").unwrap();
    let listed = out(&project.judge(&["list"]).await);
    let told = "this version, 2026-11-20 (its copy was edited)";
    assert!(listed.contains(told), "{listed}");
    fs::remove_dir_all(&stored).unwrap();
    let listed = out(&project.judge(&["list"]).await);
    let told = "this version, 2026-11-20 (its copy is missing)";
    assert!(listed.contains(told), "{listed}");
    // To pin it again writes it again.
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    assert_eq!(out(&project.judge(&["list"]).await), whole);
}

#[tokio::test]
async fn a_judge_that_is_not_there_or_broken_is_named() {
    let project = Project::new();
    let mut told = Vec::new();
    for reference in [
        "socratik",
        "socratic@0000",
        "socratic@pinned",
        "git:no-such-commit:scenarios/judges/socratic",
        "git:-x:scenarios/judges/socratic",
    ] {
        let output = project.judge(&["show", reference]).await;
        assert_code(&output, 4);
        let text = error(&output).replace(project.0.path().to_str().unwrap(), "…");
        // What git says differs with its version and whether it is there at all.
        let own = text.lines().next().unwrap();
        let own = own
            .split(" here:")
            .next()
            .unwrap()
            .replace("cannot run `git`", "git knows no commit");
        told.push(own.split(" (it reads").next().unwrap().to_owned());
    }
    for (file, from, to) in [
        ("judge.toml", "max_tokens = 800", "max_tokens = 0"),
        ("judge.toml", "name = \"socratic\"", "name = \"so/cratic\""),
        ("judge.toml", "parser = \"json-1\"\n", ""),
        ("judge.toml", "\"system.md\"", "\"elsewhere.md\""),
        ("system.md", "{{ rubric.id }}", "{{ rubrik.id }}"),
        ("sdb-1.toml", "high = 3", "high = -3"),
    ] {
        let project = Project::new();
        project.edit(&format!("scenarios/judges/socratic/{file}"), from, to);
        let output = project.judge(&["show", "socratic"]).await;
        assert_code(&output, 4);
        told.push(error(&output).replace(project.0.path().to_str().unwrap(), "…"));
    }
    insta::assert_snapshot!("judge_not_there", told.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_baseline_may_lie_in_a_commit() {
    let project = Project::new();
    let git = |arguments: &[&str]| {
        Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(project.0.path())
            .output()
    };
    let reference = "git:HEAD:scenarios/judges/socratic";
    let compare = [
        "regress",
        "--baseline",
        reference,
        "--format",
        "brief",
        SOME[0],
        SOME[1],
    ];
    if git(&["init", "--quiet"]).is_err() {
        let output = project.judge(&compare).await;
        assert_code(&output, 4);
        assert!(
            error(&output).contains("cannot run `git`"),
            "{}",
            error(&output)
        );
        return;
    }
    git(&["add", "scenarios"]).unwrap();
    let committed = git(&["commit", "--quiet", "-m", "a judge"]).unwrap();
    assert!(committed.status.success(), "{committed:?}");
    let output = project.judge(&compare).await;
    assert_code(&output, 0);
    assert!(out(&output).contains("EQUIVALENT"), "{}", out(&output));
    project.edit(PROMPT, LOWER, "When in doubt");
    let output = project.judge(&["show", reference]).await;
    assert!(out(&output).contains(LOWER), "{}", out(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pinned_version_is_shown_over_the_same_dialogues() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-01"]).await;
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    let history = ["history", SOME[0], SOME[1]];
    let output = project.judge(&history).await;
    assert_code(&output, 5);
    let told = format!("{}{}", out(&output), error(&output));
    insta::assert_snapshot!("judge_history_unrecorded", told);
    let simulator = simulator().await;
    let url = simulator.url();
    project
        .judge(&["record", "--endpoint-url", &url, SOME[0], SOME[1]])
        .await;
    simulator.stop().await;
    let output = project.judge(&history).await;
    assert_code(&output, 0);
    insta::assert_snapshot!("judge_history", out(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_after_a_first_one_that_is_not_recorded_are_shown_with_their_scores() {
    let project = Project::new();
    let strict = "Be strict. When two levels seem to fit";
    project.edit(PROMPT, LOWER, strict);
    project.judge(&["pin", "--on", "2026-11-01"]).await;
    project.edit(PROMPT, strict, LOWER);
    project.judge(&["pin", "--on", "2026-11-15"]).await;
    project.edit(PROMPT, LOWER, "Be mild. When two levels seem to fit");
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    let simulator = simulator().await;
    let url = simulator.url();
    project
        .judge(&["record", "--endpoint-url", &url, SOME[0], SOME[1]])
        .await;
    simulator.stop().await;
    let output = project.judge(&["history", SOME[0], SOME[1]]).await;
    assert_code(&output, 5);
    insta::assert_snapshot!("judge_history_first_unrecorded", out(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeated_judgments_are_recorded_and_tell_the_noise_floor() {
    let project = Project::new();
    let simulator = simulator().await;
    let url = simulator.url();
    let three = ["--epochs", "3", SOME[0], SOME[1]];
    let record = [&["record", "--endpoint-url", &url][..], &three].concat();
    assert_code(&project.judge(&record).await, 0);
    simulator.stop().await;
    let compare = [
        "regress",
        "--baseline",
        "socratic",
        "--candidate",
        "socratic",
    ];
    let output = project.judge(&[&compare[..], &three].concat()).await;
    assert_code(&output, 0);
    assert!(
        out(&output).contains("3 epochs of 45 turns: same 100.0%"),
        "{}",
        out(&output)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_are_written_into_a_folder() {
    let project = Project::new();
    let compare = [
        "regress",
        "--baseline",
        "socratic",
        "--out",
        "results",
        SOME[0],
        SOME[1],
    ];
    assert_code(&project.judge(&compare).await, 0);
    let mut names: Vec<String> = fs::read_dir(project.path("results"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "comparison.html",
            "comparison.json",
            "comparison.md",
            "comparison.txt",
            "comparison.xml"
        ]
    );
}

#[test]
fn the_demo_shows_an_equivalent_a_changed_and_a_regressed_judge() {
    let output = bare()
        .args(["judge", "demo"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    assert_code(&output, 0);
    insta::assert_snapshot!("judge_demo", out(&output));
}

#[tokio::test]
async fn the_demo_of_a_judge_that_was_edited_gives_no_verdict_on_it() {
    let project = Project::new();
    copy(
        &super::bench_stand_in::project("cassettes"),
        &project.path("cassettes"),
    );
    let prompt = "scenarios/judges/socratic/system.md";
    let text = fs::read_to_string(project.path(prompt)).unwrap();
    fs::write(project.path(prompt), text + "\nBe brief.\n").unwrap();
    let output = project.judge(&["demo"]).await;
    assert_code(&output, 5);
    assert_eq!(out(&output), "");
    assert!(error(&output).contains("was edited"), "{}", error(&output));
}
