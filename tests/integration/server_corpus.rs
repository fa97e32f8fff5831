//! The corpus again, over the socket: every exchange with its recorded URL, headers and body,
//! by a client that knows nothing of AWS.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it counted"
)]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use bedrock_replay::Mode;
use bedrock_replay::cassette::Published;
use bedrock_replay::exchange::Headers;
use bedrock_replay::identity::MatchOn;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::cassette::session;
use crate::corpus::{self, CorpusExchange};
use crate::lab::soon;
use crate::server_lab::{connect, endpoint, in_mode, start};

/// What a connection sets anew.
const OF_THE_CONNECTION: [&str; 5] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "transfer-encoding",
];

#[tokio::test]
async fn the_corpus_replays_over_a_socket_byte_for_byte() {
    let Some(corpus) = corpus::read() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.sqlite");
    import(&path);
    let running = start(endpoint(&path, in_mode(Mode::Replay))).await;
    let mut failed = Vec::new();
    for exchange in &corpus {
        let answer = call(running.addr(), exchange).await;
        if let Err(reason) = compare(exchange, &answer) {
            failed.push(format!("{} {}: {reason}", exchange.operation, exchange.id));
        }
    }
    let summary = running.stop().await.unwrap();
    println!("corpus, over a socket: {summary:?}");
    let count = failed.len();
    assert!(failed.is_empty(), "{count} failed\n{}", failed.join("\n"));
    assert_eq!((summary.hits, summary.unused), (corpus.len() as u64, 0));
}

fn import(path: &Path) {
    let mut lines = corpus::lines().unwrap();
    let match_on = MatchOn::new();
    let published = Published::read(&mut lines, "dev.jsonl.gz", &match_on, &session(1)).unwrap();
    published.incoming.merge_into(path).unwrap();
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

async fn call(address: SocketAddr, exchange: &CorpusExchange) -> Answer {
    let request = &exchange.request;
    let (_, path) = request.address();
    let mut bytes = format!("{} {path} HTTP/1.1\r\nhost: localhost\r\n", request.method);
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        // An id says which call a request belongs to: these are calls of their own.
        if name != "amz-sdk-invocation-id" && !OF_THE_CONNECTION.contains(&&*name) {
            let _ = write!(bytes, "{name}: {value}\r\n");
        }
    }
    let length = request.body.len();
    let _ = write!(
        bytes,
        "content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let mut stream = connect(address).await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream.write_all(&request.body).await.unwrap();
    let mut answer = Vec::new();
    soon(stream.read_to_end(&mut answer)).await.unwrap();
    read(&answer)
}

fn read(answer: &[u8]) -> Answer {
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap()[9..12].parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let is_chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
    let body = &answer[end + 4..];
    Answer {
        status,
        headers,
        body: if is_chunked {
            unchunked(body)
        } else {
            body.to_vec()
        },
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let length = std::str::from_utf8(&rest[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..][..length]);
        rest = &rest[end + 4 + length..];
    }
}

fn compare(exchange: &CorpusExchange, answer: &Answer) -> Result<(), String> {
    let recorded = &exchange.response;
    if answer.status != recorded.status {
        let body = String::from_utf8_lossy(&answer.body);
        return Err(format!("{} for {}: {body}", answer.status, recorded.status));
    }
    if answer.body != recorded.body {
        return Err("another body".to_owned());
    }
    let kept = |lines: &[(String, String)]| -> Vec<String> {
        let lines = lines.iter().map(|(name, value)| (&**name, &**value));
        Headers::of_response(lines)
            .iter()
            .filter(|(name, _)| !OF_THE_CONNECTION.contains(name))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect()
    };
    let (expected, found) = (kept(&recorded.headers), kept(&answer.headers));
    if expected != found {
        return Err(format!("headers {found:?} for {expected:?}"));
    }
    Ok(())
}
