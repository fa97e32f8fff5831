//! HTTP at its edges: what an endpoint takes, and what it refuses while it goes on serving.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bedrock_replay::Mode;
use bedrock_replay::playback::{Playback, PlaybackOptions};
use bedrock_replay::server::{Access, Running, ServerLimits, Token};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

use crate::lab::{Lab, soon};
use crate::server_lab::{
    connect, converse_path, endpoint, hello, in_mode, post, post_with, read_answers, read_to_end,
    recorder, send, start, tight, with_hello,
};

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or(answer)
}

/// Starts counting anew and asks for what is recorded: others are served.
async fn still_serves(running: &Running) {
    let reset = "POST /_replay/reset HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(status(&send(running.addr(), reset).await), "200");
    let answer = send(running.addr(), &post(&hello())).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.contains("x-bedrock-replay: hit\r\n"), "{answer}");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let unknown = "GET /nowhere HTTP/1.1\r\nhost: [::1]:1\r\ncontent-length: 0\r\n\r\n";
    let all = [post(&hello()), unknown.to_owned(), post(&hello())].concat();
    let answers = send(running.addr(), &all).await;
    let statuses: Vec<&str> = answers
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| status(&answers[at..]))
        .collect();
    assert_eq!(statuses, ["200", "404", "400"], "{answers}");
}

#[tokio::test]
async fn a_connection_is_kept_until_the_client_wants_it_closed() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let mut stream = connect(running.addr()).await;
    for _ in 0..3 {
        stream.write_all(post(&hello()).as_bytes()).await.unwrap();
        assert!(read_answers(&mut stream, 1).await.starts_with("HTTP/1.1 "));
    }
    let last = post_with("connection: close\r\ncontent-length: 2\r\n", "{}");
    stream.write_all(last.as_bytes()).await.unwrap();
    assert_eq!(status(&read_to_end(&mut stream).await), "400");
}

#[tokio::test]
async fn a_client_that_has_said_its_last_word_still_gets_its_answer() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let mut stream = connect(running.addr()).await;
    stream.write_all(post(&hello()).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(status(&read_to_end(&mut stream).await), "200");
}

#[tokio::test]
async fn a_body_may_come_in_chunks_and_without_a_type() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let hello = hello();
    let (front, back) = hello.split_at(7);
    let chunks = format!("7\r\n{front}\r\n{:x}\r\n{back}\r\n0\r\n\r\n", back.len());
    let request = post_with("transfer-encoding: chunked\r\n", &chunks);
    let answer = send(running.addr(), &request).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_for_leave_to_send_its_body_gets_it() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let hello = hello();
    let headers = format!(
        "expect: 100-continue\r\ncontent-length: {}\r\n",
        hello.len()
    );
    let mut stream = connect(running.addr()).await;
    stream
        .write_all(post_with(&headers, "").as_bytes())
        .await
        .unwrap();
    let mut leave = [0; 25];
    soon(tokio::io::AsyncReadExt::read_exact(&mut stream, &mut leave))
        .await
        .unwrap();
    assert_eq!(leave, *b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(hello.as_bytes()).await.unwrap();
    assert_eq!(status(&read_answers(&mut stream, 1).await), "200");
}

#[tokio::test]
async fn a_request_that_states_its_length_twice_is_refused_and_nothing_behind_it_is_read() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let smuggled = post(&hello());
    for headers in [
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
    ] {
        let request = post_with(headers, &format!("0\r\n\r\n{smuggled}"));
        let mut stream = connect(running.addr()).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert_eq!(status(&answer), "400", "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
    let two = post_with("content-length: 4\r\ncontent-length: 5\r\n", "{}   ");
    assert_eq!(status(&send(running.addr(), &two).await), "400");
    still_serves(&running).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_clear_error_although_it_is_not_read() {
    let (_lab, running) = with_hello(tight()).await;
    let large = "x".repeat(8_000_000);
    let chunked = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    for request in [
        post(&large),
        post_with("transfer-encoding: chunked\r\n", &chunked),
    ] {
        let mut stream = connect(running.addr()).await;
        // The endpoint may have closed before all was sent.
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = read_to_end(&mut stream).await;
        assert_eq!(status(&answer), "413");
        assert!(answer.contains("over the limit of 1000 bytes"), "{answer}");
    }
    still_serves(&running).await;
}

#[tokio::test]
async fn a_body_of_25_megabytes_is_taken() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let padding = " ".repeat(25 * 1024 * 1024 - hello().len());
    let answer = send(running.addr(), &post(&format!("{}{padding}", hello()))).await;
    assert_eq!(status(&answer), "200");
}

#[tokio::test]
async fn what_is_no_http_is_refused_or_cut_and_others_are_served() {
    let (_lab, running) = with_hello(tight()).await;
    let head = format!("x: {}\r\n", "y".repeat(10_000));
    let lines = "a: b\r\n".repeat(200);
    for (request, expected) in [
        (post_with(&head, ""), "431"),
        (post_with(&lines, ""), "431"),
        ("\u{0}\u{1}\u{2}\u{3}garbage\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nhost : x\r\n\r\n".to_owned(), "400"),
        (
            "CONNECT example.com:443 HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(),
            "403",
        ),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400"),
        (
            "GET / HTTP/1.1\r\nhost: evil@localhost\r\n\r\n".to_owned(),
            "400",
        ),
        (
            format!(
                "POST {} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
                converse_path()
            ),
            "400",
        ),
        (
            "GET / HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n".to_owned(),
            "400",
        ),
    ] {
        let mut stream = connect(running.addr()).await;
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = read_answers(&mut stream, 1).await;
        let first: String = request.chars().take(60).collect();
        assert_eq!(status(&answer), expected, "{first:?}: {answer}");
    }
    still_serves(&running).await;
}

#[tokio::test]
async fn a_web_page_cannot_call_an_endpoint_whatever_name_it_gives_it() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let path = converse_path();
    for lines in [
        "host: evil.example",
        "host: evil.example:8181",
        "host: 127.0.0.1.nip.io",
        "host: localhost\r\norigin: https://evil.example",
        "host: localhost\r\norigin: null",
        "host: localhost:1\r\norigin: http://localhost:3000",
        "host: localhost:1\r\norigin: http://127.0.0.1:1",
        "host: localhost\r\nsec-fetch-site: cross-site",
    ] {
        let request = format!("POST {path} HTTP/1.1\r\n{lines}\r\ncontent-length: 2\r\n\r\n{{}}");
        let answer = send(running.addr(), &request).await;
        assert_eq!(status(&answer), "403", "{lines}: {answer}");
        assert!(answer.contains("AccessDeniedException"), "{answer}");
    }
    let absolute = "GET http://evil.example/_replay/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    assert_eq!(status(&send(running.addr(), absolute).await), "403");
    let own = "GET http://localhost:1/_replay/health HTTP/1.1\r\nhost: localhost:1\r\norigin: http://localhost:1\r\n\r\n";
    assert_eq!(status(&send(running.addr(), own).await), "200");
    still_serves(&running).await;
}

#[tokio::test]
async fn a_token_is_asked_for_where_one_is_set() {
    let (lab, running) = with_hello(ServerLimits::default()).await;
    running.stop().await.unwrap();
    let token = Token::new("correct-horse").unwrap();
    let endpoint = endpoint(&lab.path(), in_mode(Mode::Replay));
    let running = start(endpoint.access(Access::LoopbackWith(token))).await;
    let ask = async |path: &str, header: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{header}\r\n");
        let answer = send(running.addr(), &request).await;
        assert!(!answer.contains("correct-horse"), "{answer}");
        status(&answer).to_owned()
    };
    assert_eq!(ask("/_replay/health", "").await, "403");
    assert_eq!(ask("/token/wrong-horse/_replay/health", "").await, "403");
    assert_eq!(ask("/token/correct-horse/_replay/health", "").await, "200");
    let header = "x-bedrock-replay-token: correct-horse\r\n";
    assert_eq!(ask("/scope/a/_replay/health", header).await, "200");
}

#[tokio::test]
async fn an_address_that_others_reach_needs_a_token() {
    let lab = Lab::new("").await;
    let open = recorder(&lab, Mode::RecordMissing);
    let refused = open.start("0.0.0.0:0".parse().unwrap()).await;
    assert!(refused.unwrap_err().to_string().contains("loopback"));
}

#[tokio::test]
async fn a_path_that_is_no_operation_is_refused_by_name() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let get = async |path: &str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
        send(running.addr(), &request).await
    };
    for path in [
        "/foundation-models",
        "/../../etc/passwd",
        "/scope/..%2F..%2Fetc/passwd",
        "/",
    ] {
        let answer = get(path).await;
        assert_eq!(status(&answer), "404", "{answer}");
        assert!(answer.contains("UnknownOperationException"), "{answer}");
    }
    // The body of a two-way stream never ends: it is refused before one byte of it.
    let stream = "POST /model/amazon.nova-sonic-v1:0/invoke-with-bidirectional-stream HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = send(running.addr(), stream).await;
    assert!(
        answer.contains("InvokeModelWithBidirectionalStream"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_head_and_a_body_that_never_end_are_ended() {
    let (_lab, running) = with_hello(tight()).await;
    let mut head = connect(running.addr()).await;
    head.write_all(b"POST /model HTTP/1.1\r\nhost: ")
        .await
        .unwrap();
    let mut body = connect(running.addr()).await;
    let begun = post_with("content-length: 100\r\n", "{");
    body.write_all(begun.as_bytes()).await.unwrap();
    assert_eq!(status(&read_to_end(&mut body).await), "408");
    assert_eq!(read_to_end(&mut head).await, "");
    still_serves(&running).await;
}

#[tokio::test]
async fn a_thousand_half_open_connections_keep_nobody_out() {
    allow_files(4_096);
    for seats in [128, 2_000] {
        let limits = ServerLimits {
            connections: seats,
            head_time: Duration::from_mins(5),
            ..tight()
        };
        let (_lab, running) = with_hello(limits).await;
        let mut open = Vec::new();
        for number in 0..1_000 {
            let mut stream = soon(connect(running.addr())).await;
            // An endpoint that has ended it by now has done so rightly.
            let _ = stream
                .write_all(b"POST /model/m/converse HTTP/1.1\r\nhost: x")
                .await;
            open.push(stream);
            if number % 250 == 249 {
                still_serves(&running).await;
            }
        }
        still_serves(&running).await;
    }
}

/// This process, which holds both ends of each connection, may have so many files open.
fn allow_files(files: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < files) {
        let current = Some(limit.maximum.map_or(files, |most| most.min(files)));
        setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
    }
}

#[tokio::test]
async fn counting_a_scope_anew_leaves_nothing_over_that_was_asked_for() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    send(running.addr(), &post(&hello())).await;
    let reset = "POST /_replay/reset HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";
    send(running.addr(), reset).await;
    assert_eq!(running.stop().await.unwrap().unused, 0);
}

#[tokio::test]
async fn a_reset_below_a_scopes_url_is_that_scopes() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let reset = async |path: &str| {
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
        send(running.addr(), &request).await
    };
    let own = reset("/scope/my%20test/_replay/reset").await;
    assert!(own.contains(r#"{"reset":"my test"}"#), "{own}");
    let named = reset("/scope/a/_replay/reset?scope=b").await;
    assert!(named.contains(r#"{"reset":"b"}"#), "{named}");
}

#[tokio::test]
async fn the_control_api_tells_what_was_done() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let ask = async |line: &str| {
        let request = format!("{line} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
        let answer = send(running.addr(), &request).await;
        let body = answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned());
        (status(&answer).to_owned(), body.unwrap_or_default())
    };
    let (code, health) = ask("GET /_replay/health").await;
    assert_eq!(code, "200");
    assert!(
        health.contains(r#""status":"ok","mode":"replay""#),
        "{health}"
    );
    for _ in 0..2 {
        send(running.addr(), &post(&hello())).await;
    }
    let (_, summary) = ask("GET /_replay/summary").await;
    assert!(
        summary.starts_with(
            r#"{"calls":2,"hits":1,"recorded":0,"unanswered":0,"passed":0,"misses":1"#
        ),
        "{summary}"
    );
    let (_, misses) = ask("GET /_replay/misses").await;
    assert!(misses.contains("it was made once more"), "{misses}");
    assert_eq!(
        ask("POST /_replay/reset?scope=other").await.1,
        "{\"reset\":\"other\"}\n"
    );
    assert_eq!(status(&send(running.addr(), &post(&hello())).await), "400");
    assert_eq!(ask("POST /_replay/reset").await.1, "{\"reset\":\"\"}\n");
    assert_eq!(status(&send(running.addr(), &post(&hello())).await), "200");
    assert_eq!(ask("DELETE /_replay/health").await.0, "400");
    assert_eq!(ask("GET /_replay/everything").await.0, "404");
}

#[tokio::test]
async fn a_health_check_may_ask_for_the_head_alone() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let request = "HEAD /_replay/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = send(running.addr(), request).await;
    assert_eq!(status(&answer), "200");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn an_endpoint_that_stops_ends_the_answers_under_way_and_leaves_one_plain_file() {
    let lab = Lab::new("latency-ms=300").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let mut stream = connect(running.addr()).await;
    stream.write_all(post(&hello()).as_bytes()).await.unwrap();
    // Until the simulator has it, there is nothing under way.
    while lab.served() == 0 {
        tokio::task::yield_now().await;
    }
    let (summary, answer) = tokio::join!(running.stop(), read_to_end(&mut stream));
    assert_eq!(status(&answer), "200", "{answer}");
    assert_eq!(summary.unwrap().recorded, 1);
    let files: Vec<_> = std::fs::read_dir(lab.folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

/// `Playback` is what both doors ask: an endpoint is one on any of its options.
#[test]
fn an_endpoint_needs_a_cassette() {
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(bedrock_replay::clock::SystemClock::new());
    let path = folder.path().join("none.sqlite");
    assert!(Playback::open(&path, PlaybackOptions::default(), clock).is_err());
}
