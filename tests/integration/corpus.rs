//! Real exchanges that other projects recorded, read from where the variable says; they are
//! never part of this project.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and says what it skips"
)]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use flate2::read::GzDecoder;
use serde::{Deserialize, Deserializer};

use bedrock_replay::exchange::{Request, RequestParts};

/// The variable that names the folder which holds `dev.jsonl.gz`.
pub const VARIABLE: &str = "BEDROCK_REPLAY_CORPUS";

/// One recorded exchange.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "each test reads what it needs")]
pub struct CorpusExchange {
    pub id: String,
    pub operation: String,
    pub model: Option<String>,
    /// The publisher's grouping of equal requests.
    pub request_key: String,
    pub features: Vec<String>,
    pub request: CorpusRequest,
    pub response: CorpusResponse,
}

#[derive(Debug, Deserialize)]
pub struct CorpusRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    #[serde(rename = "body_b64", deserialize_with = "bytes", default)]
    pub body: Bytes,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "each test reads what it needs")]
pub struct CorpusResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    #[serde(rename = "body_b64", deserialize_with = "bytes", default)]
    pub body: Bytes,
}

impl CorpusRequest {
    /// Host, and path with query, as sent; some publishers leave the scheme out.
    pub fn address(&self) -> (&str, &str) {
        let address = self
            .url
            .split_once("://")
            .map_or(&*self.url, |(_, rest)| rest);
        address.split_at(address.find('/').unwrap())
    }

    /// The request as a door would hand it on.
    pub fn read(&self) -> Request {
        let (host, path_and_query) = self.address();
        Request::read(RequestParts {
            method: &self.method,
            path_and_query,
            host,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (&**name, &**value))
                .collect(),
            body: self.body.clone(),
        })
        .unwrap()
    }
}

fn bytes<'de, D: Deserializer<'de>>(value: D) -> Result<Bytes, D::Error> {
    let text = Option::<String>::deserialize(value)?.unwrap_or_default();
    BASE64
        .decode(text)
        .map(Bytes::from)
        .map_err(serde::de::Error::custom)
}

/// The file's lines, or `None` and a message where the variable names no folder.
pub fn lines() -> Option<impl BufRead> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the corpus is no part of the project; only the environment knows where it is"
    )]
    let Some(folder) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
        eprintln!("skipped: {VARIABLE} names no folder that holds dev.jsonl.gz");
        return None;
    };
    let file = File::open(folder.join("dev.jsonl.gz")).unwrap();
    Some(BufReader::new(GzDecoder::new(file)))
}

/// Every exchange, or `None` and a message where the variable names no folder.
pub fn read() -> Option<Vec<CorpusExchange>> {
    let lines = lines()?.lines();
    Some(
        lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect(),
    )
}
