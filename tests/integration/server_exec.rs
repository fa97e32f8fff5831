//! The program's `serve` and `exec`, as a shell and a script see them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use bedrock_replay::Mode;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncWriteExt as _;

use crate::lab::Lab;
use crate::server_lab::{connect, hello, post, recorder, send, start};

/// The program, in an environment that knows nothing of AWS.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", "/nonexistent");
    command
}

async fn recorded() -> Lab {
    let mut lab = Lab::new("").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    send(recording.addr(), &post(&hello())).await;
    recording.stop().await.unwrap();
    lab.unplug().await;
    lab
}

fn exec(cassette: &Path, script: &str) -> Output {
    let cassette = cassette.to_str().unwrap();
    let arguments = ["exec", "--cassette", cassette, "--", "sh", "-c", script];
    program(&arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_command_is_told_of_the_endpoint_and_of_a_region_and_credentials_that_are_none() {
    let lab = recorded().await;
    let script = "env | grep -E '^(AWS_|NO_PROXY)' | sed 's/:[0-9]*$/:PORT/' | sort";
    let output = exec(&lab.path(), script);
    insta::assert_snapshot!(text(&output.stdout));
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn a_command_that_records_gets_no_credentials_of_nobody() {
    let lab = recorded().await;
    let cassette = lab.path();
    let arguments = [
        "exec",
        "--cassette",
        cassette.to_str().unwrap(),
        "--mode",
        "record-missing",
    ];
    let more = ["--endpoint-url", "http://127.0.0.1:1", "--", "env"];
    let output = program(&[&arguments[..], &more[..]].concat())
        .output()
        .unwrap();
    let names = text(&output.stdout);
    assert!(
        names.contains("AWS_ENDPOINT_URL_BEDROCK_RUNTIME="),
        "{names}"
    );
    assert!(!names.contains("AWS_ACCESS_KEY_ID"), "{names}");
}

#[tokio::test]
async fn the_exit_code_is_the_commands_own() {
    let lab = recorded().await;
    for (script, code) in [("exit 7", 7), ("kill -TERM $$", 143), ("true", 0)] {
        assert_eq!(
            exec(&lab.path(), script).status.code(),
            Some(code),
            "{script}"
        );
    }
    let cassette = lab.path();
    let start = |command: &str| {
        let arguments = ["exec", "-c", cassette.to_str().unwrap(), "--", command];
        let output = program(&arguments).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (code, error) = start("no-such-command");
    assert_eq!(code, Some(127));
    assert!(
        error.contains("`no-such-command` could not be started"),
        "{error}"
    );
    assert_eq!(start(cassette.to_str().unwrap()).0, Some(126));
}

/// A command that makes one call, by the program itself, and forgives its failure.
fn calling(plan: &Path) -> String {
    let program = env!("CARGO_BIN_EXE_bedrock-replay");
    let plan = plan.display();
    format!("{program} run --quiet --mode passthrough --plan {plan} >/dev/null 2>&1; exit 0")
}

#[tokio::test]
async fn a_command_that_succeeds_although_calls_missed_is_told_from_one_that_succeeds() {
    let lab = recorded().await;
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weekly.toml");
    let output = exec(&lab.path(), &calling(&plan));
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{error}");
    assert!(
        error.contains("the first miss: no recorded exchange"),
        "{error}"
    );
    assert!(error.contains("--mode record-missing"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_anew_that_was_cut_short_says_how_to_go_on() {
    let lab = recorded().await;
    let upstream = Lab::new("none").await;
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weekly.toml");
    let (cassette, url) = (lab.path(), upstream.url());
    let told = |mode: &str, code: &str| {
        let script = calling(&plan).replace("exit 0", code);
        let from = [
            "exec",
            "-c",
            cassette.to_str().unwrap(),
            "--endpoint-url",
            &url,
        ];
        let more = ["--mode", mode, "--", "sh", "-c", &script];
        let output = program(&[&from[..], &more].concat()).output().unwrap();
        text(&output.stderr)
    };
    let cut = told("record-all", "exit 3");
    assert!(
        cut.contains("to go on: --mode record-missing --since 2"),
        "{cut}"
    );
    assert!(
        !told("record-all", "exit 0").contains("to go on"),
        "it was whole"
    );
    assert!(
        !told("record-missing", "exit 3").contains("to go on"),
        "it goes on by itself"
    );
}

#[tokio::test]
async fn what_was_left_over_is_an_error_where_that_is_asked_for() {
    let lab = recorded().await;
    let cassette = lab.path();
    let cassette = cassette.to_str().unwrap();
    for (unused, code) in [("ok", 0), ("warn", 0), ("error", 6)] {
        let arguments = ["exec", "-c", cassette, "--unused", unused, "--", "true"];
        let output = program(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{unused}");
    }
}

#[tokio::test]
async fn a_command_without_a_call_is_told_so_and_its_recording_is_not_called_left_over() {
    let lab = recorded().await;
    let (cassette, list) = (lab.path(), lab.path().with_extension("unused"));
    let told = |command: &str| {
        let more = ["--unused-file", list.to_str().unwrap(), "--", command];
        let arguments = [&["exec", "-c", cassette.to_str().unwrap()], &more[..]].concat();
        let told = text(&program(&arguments).output().unwrap().stderr);
        assert!(!list.exists(), "{told}");
        let plain = text(
            &program(&["exec", "-c", cassette.to_str().unwrap(), "--", command])
                .output()
                .unwrap()
                .stderr,
        );
        assert!(!plain.contains("prune"), "{plain}");
        told
    };
    for (command, why) in [
        (
            "true",
            "an AWS SDK finds this endpoint by AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        ),
        ("false", "the command ended with exit code 1"),
        ("no-such-command", "the command did not start"),
    ] {
        let told = told(command);
        let expected = format!("bedrock-replay: no call came ({why}");
        assert!(told.contains(&expected), "{told}");
    }
}

#[test]
fn a_mode_or_an_endpoint_that_cannot_be_meant_is_told_with_who_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("none.sqlite");
    let records = ["--mode", "record-missing"];
    for command in ["exec", "serve"] {
        let told = |more: &[&str], variables: &[(&str, &str)]| {
            let mut arguments = vec![command, "-c", cassette.to_str().unwrap()];
            arguments.extend(more);
            if command == "exec" {
                arguments.extend(["--", "true"]);
            }
            let output = program(&arguments).envs(variables.iter().copied()).output();
            let output = output.unwrap();
            assert!(!output.status.success());
            text(&output.stderr)
        };
        let mode = told(&[], &[("BEDROCK_REPLAY_MODE", "once")]);
        assert!(
            mode.contains("variable BEDROCK_REPLAY_MODE: expected"),
            "{mode}"
        );
        let flag = told(
            &[&records[..], &["--endpoint-url", "nonsense"]].concat(),
            &[],
        );
        assert!(flag.contains("for '--endpoint-url <URL>'"), "{flag}");
        for name in ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"] {
            let variable = told(&records, &[(name, "nonsense")]);
            let expected = format!("the endpoint of the variable `{name}` is no address");
            assert!(variable.contains(&expected), "{variable}");
        }
        let profile = folder.path().join("config");
        std::fs::write(&profile, "[default]\nendpoint_url = nonsense\n").unwrap();
        let profile = told(&records, &[("AWS_CONFIG_FILE", profile.to_str().unwrap())]);
        assert!(
            profile.contains("the endpoint of the AWS profile is no"),
            "{profile}"
        );
        // Nothing was asked, and no file is left that holds nothing.
        assert!(!cassette.exists());
    }
}

#[test]
fn a_cassette_that_is_not_there_is_told_with_its_folder_and_what_records_it_here() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().canonicalize().unwrap().join("none.sqlite");
    let told = |arguments: &[&str], ci: &str| {
        let mut command = program(arguments);
        let output = command.current_dir(folder.path()).env("CI", ci).output();
        text(&output.unwrap().stderr)
    };
    let exec = ["exec", "-c", "none.sqlite", "--", "true"];
    let expected = format!("`{}`: there is no such file", whole.display());
    for (arguments, ci, next) in [
        (&exec[..], "", "(to record it: --mode record-missing)"),
        (
            &["serve", "-c", "none.sqlite"],
            "",
            "(to record it: --mode record-missing)",
        ),
        (
            &[
                "exec",
                "-m",
                "record-missing",
                "-c",
                "none.sqlite",
                "--",
                "true",
            ],
            "true",
            "(to record it here: BEDROCK_REPLAY_MODE=record-missing)",
        ),
        (
            &["cassette", "show", "none.sqlite", "abc"],
            "",
            "(`run`, `exec` and `serve` record one with --mode record-missing)",
        ),
        (
            &["models", "check", "--cassette", "none.sqlite"],
            "",
            "(`run`, `exec` and `serve` record one with --mode record-missing)",
        ),
    ] {
        let told = told(arguments, ci);
        assert!(told.contains(&format!("{expected} {next}")), "{told}");
    }
}

#[tokio::test]
async fn a_command_whose_calls_could_not_be_sent_leaves_no_cassette() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("new.sqlite");
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weekly.toml");
    let cassette = cassette.to_str().unwrap();
    let arguments = [
        "exec",
        "-c",
        cassette,
        "-m",
        "record-missing",
        "--",
        "sh",
        "-c",
    ];
    let mut command = program(&[&arguments[..], &[&calling(&plan)]].concat());
    let output = command.env("AWS_EC2_METADATA_DISABLED", "true").output();
    let told = text(&output.unwrap().stderr);
    assert!(
        told.contains("0 calls: 0 recorded, ") && told.contains(" refused"),
        "{told}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Waits for a line of a running program.
fn wait_for(child: &mut Child, beginning: &str) -> String {
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let line = lines.find(|line| line.as_ref().unwrap().starts_with(beginning));
    line.unwrap().unwrap()
}

fn signal(child: &Child, signal: Signal) {
    let id = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(id, signal).unwrap();
}

/// In a group of its own, so that a terminal's foreground is none of its business.
fn spawn(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).spawn().unwrap()
}

#[tokio::test]
async fn signals_are_passed_on_and_the_command_decides() {
    let lab = recorded().await;
    let cassette = lab.path();
    let wait = "echo ready; while :; do sleep 0.05; done";
    for (number, name, trapped) in [
        (Signal::TERM, "TERM", true),
        (Signal::INT, "INT", true),
        (Signal::HUP, "HUP", true),
        (Signal::TERM, "TERM", false),
    ] {
        let script = if trapped {
            format!("trap 'exit 9' {name}; {wait}")
        } else {
            wait.to_owned()
        };
        let arguments = [
            "exec",
            "-c",
            cassette.to_str().unwrap(),
            "--",
            "sh",
            "-c",
            &script,
        ];
        let mut child = spawn(&mut program(&arguments));
        wait_for(&mut child, "ready");
        signal(&child, number);
        let expected = if trapped { 9 } else { 143 };
        let status = child.wait().unwrap();
        assert_eq!(
            status.code(),
            Some(expected),
            "{name} {:?}",
            status.signal()
        );
    }
}

#[tokio::test]
async fn serve_says_where_it_listens_logs_each_call_and_stops_with_a_summary() {
    let lab = recorded().await;
    let cassette = lab.path();
    let arguments = [
        "serve",
        "-c",
        cassette.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
    ];
    for number in [Signal::INT, Signal::TERM] {
        let mut child = spawn(&mut program(&arguments));
        let line = wait_for(&mut child, "listening on http://127.0.0.1:");
        let address = line
            .strip_prefix("listening on http://")
            .unwrap()
            .parse()
            .unwrap();
        send(address, &post(&hello())).await;
        send(address, &post("{}")).await;
        let presigned = "GET /model/m?X-Amz-Signature=abc HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
        send(address, presigned).await;
        signal(&child, number);
        let status = child.wait().unwrap();
        let mut log = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        assert_eq!(status.code(), Some(5), "{log}");
        insta::with_settings!({filters => vec![(r"\d+\.\d ms", "N ms"), (r"/.*/a\.sqlite", "a.sqlite")]}, {
            insta::assert_snapshot!("serve_logs", log);
        });
    }
}

#[tokio::test]
async fn wrong_prices_are_told_before_the_command_and_never_in_place_of_its_end() {
    let lab = recorded().await;
    let prices = lab.folder.path().join("prices.toml");
    std::fs::write(&prices, "price = 1").unwrap();
    let cassette = lab.path();
    let arguments = [
        "exec",
        "-c",
        cassette.to_str().unwrap(),
        "--prices",
        prices.to_str().unwrap(),
        "--",
        "sh",
        "-c",
        "echo began; exit 3",
    ];
    let output = program(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("prices.toml"), "{output:?}");
}

#[tokio::test]
async fn where_files_are_few_the_oldest_connections_give_way() {
    let lab = recorded().await;
    let cassette = lab.path();
    let few = "ulimit -n 64; exec \"$0\" serve --cassette \"$1\" --listen 127.0.0.1:0";
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_bedrock-replay");
    command.args(["-c", few, program, cassette.to_str().unwrap()]);
    let mut child = spawn(command.env_remove("BEDROCK_REPLAY_MODE"));
    let line = wait_for(&mut child, "listening on http://127.0.0.1:");
    let address = line.strip_prefix("listening on http://").unwrap();
    let address = address.parse().unwrap();
    let mut open = Vec::new();
    for _ in 0..200 {
        let mut stream = connect(address).await;
        let _ = stream
            .write_all(b"POST /model/m/converse HTTP/1.1\r\n")
            .await;
        open.push(stream);
    }
    let answer = send(address, &post(&hello())).await;
    signal(&child, Signal::TERM);
    assert!(child.wait().unwrap().success());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn an_endpoint_never_records_from_itself() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("a.sqlite");
    let arguments = [
        "serve",
        "-c",
        cassette.to_str().unwrap(),
        "-m",
        "record-missing",
    ];
    let output = program(&arguments)
        .args(["--listen", "127.0.0.1:8399"])
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://localhost:8399")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("would record from itself"));
}

#[test]
fn an_address_that_others_reach_needs_leave_and_a_token() {
    let arguments = [
        "serve",
        "-c",
        "cassettes/weekly.sqlite",
        "--listen",
        "0.0.0.0:0",
    ];
    let refused = |more: &[&str]| {
        let output = program(&[&arguments[..], more].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    assert!(refused(&[]).contains("--allow-remote"));
    assert!(refused(&["--allow-remote"]).contains("BEDROCK_REPLAY_TOKEN"));
}
