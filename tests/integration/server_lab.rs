//! An endpoint under test, and clients that know nothing of HTTP but its bytes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use bedrock_replay::Mode;
use bedrock_replay::clock::SystemClock;
use bedrock_replay::playback::{Playback, PlaybackOptions};
use bedrock_replay::server::{Builder, Running, ServerLimits, Unsigned};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::lab::{HAIKU, Lab, config, impatient, soon};

pub fn in_mode(mode: Mode) -> PlaybackOptions {
    PlaybackOptions {
        mode,
        ..PlaybackOptions::default()
    }
}

/// An endpoint on a cassette, before it listens.
pub fn endpoint(path: &Path, options: PlaybackOptions) -> Builder {
    let playback = Playback::open(path, options, Arc::new(SystemClock::new()));
    Builder::new(Arc::new(playback.unwrap()))
}

/// The same, recording from wherever the lab's simulator is.
pub fn recorder(lab: &Lab, mode: Mode) -> Builder {
    let connector = SharedHttpConnector::new(Connector::builder().build_http());
    let sender = Unsigned::new(&lab.url(), connector).unwrap();
    endpoint(&lab.path(), in_mode(mode)).sender(Arc::new(sender))
}

pub async fn start(builder: Builder) -> Running {
    builder.start("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

/// Limits that a test can wait for.
pub fn tight() -> ServerLimits {
    ServerLimits {
        body: 1_000,
        head: 8 * 1024,
        head_time: Duration::from_millis(300),
        body_time: Duration::from_millis(300),
        connections: 64,
        grace: Duration::from_secs(5),
    }
}

/// A cassette with one answer to `hello`, and an endpoint that replays it.
pub async fn with_hello(limits: ServerLimits) -> (Lab, Running) {
    let mut lab = Lab::new("").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    let answer = send(recording.addr(), &post(&hello())).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    recording.stop().await.unwrap();
    lab.unplug().await;
    let replaying = endpoint(&lab.path(), in_mode(Mode::Replay)).limits(limits);
    (lab, start(replaying).await)
}

pub fn hello() -> String {
    r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#.to_owned()
}

pub fn converse_path() -> String {
    format!("/model/{HAIKU}/converse")
}

/// A request for Converse, with its length.
pub fn post(body: &str) -> String {
    let length = body.len();
    post_with(&format!("content-length: {length}\r\n"), body)
}

/// A request for Converse with other headers.
pub fn post_with(headers: &str, body: &str) -> String {
    let path = converse_path();
    format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}\r\n{body}")
}

pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Sends bytes, and reads until the other side ends.
pub async fn send(address: SocketAddr, bytes: &str) -> String {
    let mut stream = connect(address).await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    if bytes.contains("connection: close") {
        return read_to_end(&mut stream).await;
    }
    read_answers(&mut stream, bytes.matches(" HTTP/1.1\r\n").count()).await
}

/// Reads to the end; an end by a reset is told.
pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let ended = soon(stream.read_to_end(&mut answer)).await;
    let mut text = String::from_utf8_lossy(&answer).into_owned();
    if let Err(error) = ended {
        text = format!("{text}[{:?}]", error.kind());
    }
    text
}

/// Reads so many answers with a length, or to the end.
pub async fn read_answers(stream: &mut TcpStream, count: usize) -> String {
    let mut text = String::new();
    while whole_answers(&text) < count {
        let mut bytes = [0; 4096];
        match soon(stream.read(&mut bytes)).await {
            Ok(0) => break,
            Ok(read) => text.push_str(&String::from_utf8_lossy(&bytes[..read])),
            Err(error) => return format!("{text}[{:?}]", error.kind()),
        }
    }
    text
}

fn whole_answers(mut text: &str) -> usize {
    let mut count = 0;
    while let Some((head, rest)) = text.split_once("\r\n\r\n") {
        let lines = head.lines();
        let mut lengths = lines.filter_map(|line| line.strip_prefix("content-length: "));
        let length = lengths.next().map_or(0, |length| length.parse().unwrap());
        let Some(behind) = rest.get(length..) else {
            break;
        };
        if !head.starts_with("HTTP/1.1 1") {
            count += 1;
        }
        text = behind;
    }
    count
}

/// The AWS SDK on an endpoint, over a socket.
pub fn sdk(url: &str) -> Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = impatient(config())
        .endpoint_url(url)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .http_client(http);
    Client::from_conf(config.build())
}
