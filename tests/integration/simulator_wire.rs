//! The simulator on the socket: bytes as they travel, garbage, limits, the program itself.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bedrock_replay::clock::Clock;
use bedrock_replay::exchange::{Operation, SIMULATED_HEADER, StreamWatch};
use bedrock_replay::simulator::{ListenError, Running, Simulator};
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::simulator::start;

const BODY: &str = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#;
const PERMUTED: &str =
    r#"{ "messages": [ {"content": [{"text": "\u0048ello"}], "role": "user"} ] }"#;

/// A clock that stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

async fn start_still() -> Running {
    let builder = Simulator::builder().seed(3).clock(Arc::new(Still));
    builder.start("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends bytes and reads until the end; an error of the transport ends it as well.
async fn exchange(running: &Running, sent: &[u8]) -> Vec<u8> {
    let mut connection = TcpStream::connect(running.addr()).await.unwrap();
    let (mut reader, mut writer) = connection.split();
    let mut received = Vec::new();
    let write = async {
        // The other side may have heard enough before all is sent.
        let _ = writer.write_all(sent).await;
    };
    let read = async {
        let _ = reader.read_to_end(&mut received).await;
    };
    tokio::join!(write, read);
    received
}

async fn exchange_text(running: &Running, sent: &str) -> String {
    String::from_utf8(exchange(running, sent.as_bytes()).await).unwrap()
}

#[tokio::test]
async fn equal_requests_get_equal_bytes() {
    let running = start_still().await;
    let whole = |body: &str| post("/model/a.b-v1%3A0/converse", body);
    let first = exchange_text(&running, &whole(BODY)).await;
    assert_eq!(first, exchange_text(&running, &whole(BODY)).await);
    assert_eq!(first, exchange_text(&running, &whole(PERMUTED)).await);
    let bare = post("/model/a.b-v1:0/converse", BODY);
    assert_eq!(first, exchange_text(&running, &bare).await);
    insta::assert_snapshot!(first.replace('\r', ""));

    let streamed = post("/model/a.b-v1%3A0/converse-stream", BODY);
    let first = exchange(&running, streamed.as_bytes()).await;
    assert_eq!(first, exchange(&running, streamed.as_bytes()).await);
}

#[tokio::test]
async fn every_answer_says_that_it_is_simulated() {
    let running = start("none").await;
    for request in [
        post("/model/m/converse", BODY),
        post("/model/m/converse-stream", BODY),
        post("/model/m/converse", "garbage"),
        post("/nowhere", ""),
    ] {
        let answer =
            String::from_utf8_lossy(&exchange(&running, request.as_bytes()).await).into_owned();
        assert!(
            answer.contains(&format!("{SIMULATED_HEADER}: 1")),
            "{answer}"
        );
        assert!(answer.contains("\r\ndate: "), "{answer}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_an_unknown_operation() {
    let running = start_still().await;
    let answer = exchange_text(&running, &post("/model/m/dream", BODY)).await;
    insta::assert_snapshot!(answer.replace('\r', ""));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let running = start("none").await;
    let body = format!(r#"{{"messages":"{}"}}"#, "x".repeat(25 * 1024 * 1024));
    let answer = exchange(&running, post("/model/m/converse", &body).as_bytes()).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(
        answer.contains("RequestEntityTooLargeException"),
        "{answer}"
    );
}

#[tokio::test]
async fn garbage_harms_nobody_else() {
    let running = start("none").await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET / HTTP/9\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"POST /model/m/converse HTTP/1.1\r\ncontent-length: 99\r\n\r\nshort",
    ] {
        let mut connection = TcpStream::connect(running.addr()).await.unwrap();
        connection.write_all(garbage).await.unwrap();
        connection.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    let answer = exchange_text(&running, &post("/model/m/converse", BODY)).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn each_event_travels_as_a_chunk_of_its_own() {
    let running = start("none").await;
    let request = post("/model/m/converse-stream", BODY);
    let answer = exchange(&running, request.as_bytes()).await;
    let head = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap();
    assert!(String::from_utf8_lossy(&answer[..head]).contains("transfer-encoding: chunked"));
    let chunks = unchunked(&answer[head + 4..]);
    assert!(chunks.len() > 5);
    for chunk in &chunks {
        let length = u32::from_be_bytes(chunk[..4].try_into().unwrap());
        assert_eq!(usize::try_from(length).unwrap(), chunk.len());
    }
    assert!(StreamWatch::is_whole(
        Operation::ConverseStream,
        &chunks.concat()
    ));
}

/// The chunks of a chunked body that ends as it should.
fn unchunked(mut body: &[u8]) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    loop {
        let line = body.windows(2).position(|bytes| bytes == b"\r\n").unwrap();
        let length = std::str::from_utf8(&body[..line]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return chunks;
        }
        chunks.push(body[line + 2..][..length].to_vec());
        body = &body[line + 2 + length + 2..];
    }
}

#[tokio::test]
async fn a_reset_is_one_on_the_wire() {
    let running = start("reset=2").await;
    let mut connection = TcpStream::connect(running.addr()).await.unwrap();
    let request = post("/model/m/converse-stream", BODY);
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let error = connection.read_to_end(&mut received).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let text = String::from_utf8_lossy(&received);
    assert!(
        text.contains("messageStart") && text.contains("contentBlockDelta"),
        "{text}"
    );
}

#[tokio::test]
async fn latency_is_waited_for_before_the_answer_and_before_each_event() {
    // Time stands still and leaps to whatever is waited for next: no test waits for it.
    let running = start("latency-ms=60000; event-ms=30000").await;
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    let request = post("/model/m/converse-stream", BODY);
    let answer = exchange(&running, request.as_bytes()).await;
    let head = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap();
    let events = unchunked(&answer[head + 4..]).len();
    let waited = Duration::from_mins(1) + Duration::from_secs(30) * u32::try_from(events).unwrap();
    assert!(begin.elapsed() >= waited, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused() {
    let started = Simulator::builder()
        .start("0.0.0.0:0".parse().unwrap())
        .await;
    assert!(matches!(started, Err(ListenError::NotLoopback(_))));
}

#[test]
fn a_wrong_address_is_a_mistake_of_the_command_line_and_says_a_right_one() {
    let refused = |address: &str| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
        let program = program.args(["simulate", "--listen", address]);
        let output = program.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{address}: {told}");
        told
    };
    let told = refused("localhost:8123");
    assert!(told.contains("such as `127.0.0.1:8123`"), "{told}");
    for address in [
        "8080",
        "127.0.0.1",
        "127.0.0.1:99999",
        "nowhere.example:1",
        "",
    ] {
        let told = refused(address);
        assert!(told.contains("such as `127.0.0.1:8080`"), "{told}");
    }
    let told = refused("0.0.0.0:0");
    assert!(told.contains("--allow-remote"), "{told}");
}

#[tokio::test]
async fn a_stopped_simulator_listens_no_more() {
    let running = start("none").await;
    let address = running.addr();
    running.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_says_where_it_listens_and_ends_well_when_told_to() {
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(["simulate", "--listen", "127.0.0.1:0", "--throttle", "1"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line.strip_prefix("listening on http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = post("/model/m/converse", BODY);
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");

    let id = program.id().unwrap().to_string();
    let mut tell = tokio::process::Command::new("kill");
    assert!(tell.args(["-TERM", &id]).status().await.unwrap().success());
    assert_eq!(program.wait().await.unwrap().code(), Some(0));
}
