//! What a person chooses of `serve` and `exec` on the command line: rules, limits, and what is
//! told of a call that goes wrong.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bedrock_replay::Mode;
use bedrock_replay::exchange::Outcome;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpListener;

use crate::lab::Lab;
use crate::server_lab::{endpoint, in_mode, post, recorder, send, start};

/// A running `serve`.
struct Serve {
    child: Child,
    address: SocketAddr,
}

impl Serve {
    fn start(cassette: &Path, arguments: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
        program
            .args(["serve", "--listen", "127.0.0.1:0", "--unused", "ok", "-c"])
            .arg(cassette)
            .args(arguments)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.strip_prefix("listening on http://").unwrap();
        let address = address.parse().unwrap();
        Self { child, address }
    }

    /// What it said on standard error.
    fn stop(mut self) -> String {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(id, Signal::TERM).unwrap();
        let mut told = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut told).unwrap();
        self.child.wait().unwrap();
        told
    }
}

fn says(text: &str) -> String {
    post(&format!(
        r#"{{"messages":[{{"role":"user","content":[{{"text":"{text}"}}]}}]}}"#
    ))
}

#[tokio::test]
async fn rules_of_the_command_line_and_of_a_file_hold_for_what_is_matched_and_stored() {
    let lab = Lab::new("none").await;
    let rules = lab.folder.path().join("rules.toml");
    std::fs::write(&rules, "[[rule]]\npattern = 'sk-\\w+'\n").unwrap();
    let url = lab.url();
    let own = [
        "--filter",
        r"run-\d+ => run-<n>",
        "--redact",
        "uuids",
        "--redact-file",
        rules.to_str().unwrap(),
    ];
    let recording = ["--mode", "record-missing", "--endpoint-url", &url];
    let serve = Serve::start(&lab.path(), &[&own[..], &recording[..]].concat());
    let text = "run-1 of 9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d by sk-abc";
    assert!(send(serve.address, &says(text)).await.contains(" 200 "));
    serve.stop();
    let body = lab.stored()[0].exchange.request.body.clone();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(body.contains("run-<n> of <uuid> by <redacted>"), "{body}");

    let serve = Serve::start(&lab.path(), &own);
    let text = "run-2 of 0c8a6e1f-5d0c-4f9e-8a51-9d6f4a367b2d by sk-xyz";
    assert!(send(serve.address, &says(text)).await.contains(" 200 "));
    serve.stop();
}

#[tokio::test]
async fn an_upstream_that_never_answers_is_given_up_after_the_time_that_was_chosen() {
    let lab = Lab::new("none").await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let arguments = ["--upstream-timeout", "0.2", "-m", "record-all"];
    let serve = Serve::start(
        &lab.path(),
        &[&arguments[..], &["--endpoint-url", &url]].concat(),
    );
    let answer = send(serve.address, &says("hello")).await;
    assert!(answer.contains("ServiceUnavailableException"), "{answer}");
    serve.stop();
    let stored = lab.stored();
    let Outcome::Fault(fault) = &stored[0].exchange.attempts[0].outcome else {
        panic!("an answer of nobody");
    };
    assert_eq!(fault.kind.name(), "timeout");
}

#[tokio::test]
async fn what_bedrock_refuses_is_explained_in_the_log() {
    let lab = Lab::new("error=ThrottlingException").await;
    let url = lab.url();
    let arguments = ["-m", "record-missing", "--endpoint-url", &url];
    let serve = Serve::start(&lab.path(), &arguments);
    send(serve.address, &says("hello")).await;
    let told = serve.stop();
    let line = told.lines().find(|line| line.contains(" 429 ")).unwrap();
    assert!(line.contains("; next: "), "{told}");
}

/// The endpoint of this test has one thread, as the program's has.
#[tokio::test]
async fn nobody_waits_while_the_miss_of_another_is_explained() {
    let mut lab = Lab::new("none").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    for number in 0..24 {
        let long = format!("{number} {}", "why is that so? ".repeat(12_000));
        send(recording.addr(), &says(&long)).await;
    }
    send(recording.addr(), &says("hello")).await;
    recording.stop().await.unwrap();
    lab.unplug().await;

    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let address = replaying.addr();
    let missed = format!("another {}", "why is this so? ".repeat(12_000));
    let order = std::sync::Mutex::new(Vec::new());
    let miss = async {
        let answer = send(address, &says(&missed)).await;
        assert!(answer.contains("no recorded exchange"), "{answer}");
        order.lock().unwrap().push("miss");
    };
    let hit = async {
        // Only once the miss is being explained.
        while replaying.playback().report().unwrap().missed == 0 {
            tokio::task::yield_now().await;
        }
        assert!(send(address, &says("hello")).await.contains(" 200 "));
        order.lock().unwrap().push("hit");
    };
    tokio::join!(miss, hit);
    assert_eq!(order.into_inner().unwrap(), ["hit", "miss"]);
    replaying.stop().await.unwrap();
}
