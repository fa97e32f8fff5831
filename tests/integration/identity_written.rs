//! Requests as SDKs put them on the wire.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use bedrock_replay::exchange::{Request, RequestParts};
use bedrock_replay::identity::{CanonicalRequest, MatchOn, RequestKey};

/// A request as it stands in a file: request line, headers, an empty line, the body's bytes.
pub struct Written {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Written {
    pub fn fixture(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/canonical");
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let mut words = lines.next().unwrap().split(' ');
        Self {
            method: words.next().unwrap().to_owned(),
            path: words.next().unwrap().to_owned(),
            headers: lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: bytes[end + 2..].to_vec(),
        }
    }

    pub fn read(&self) -> Request {
        let headers = self.headers.iter();
        Request::read(RequestParts {
            method: &self.method,
            path_and_query: &self.path,
            host: "bedrock-runtime.us-east-1.amazonaws.com",
            headers: headers.map(|(name, value)| (&**name, &**value)).collect(),
            body: self.body.clone().into(),
        })
        .unwrap()
    }

    pub fn canonical(&self) -> CanonicalRequest {
        CanonicalRequest::of(&self.read(), &MatchOn::new())
    }

    pub fn key(&self) -> RequestKey {
        self.canonical().key()
    }

    /// The same with a text of the body replaced, wherever it stands.
    pub fn with(mut self, old: &str, new: &str) -> Self {
        let body = String::from_utf8(self.body).unwrap();
        assert!(body.contains(old), "{old} is not in {body}");
        self.body = body.replace(old, new).into_bytes();
        self
    }
}

pub fn rust() -> Written {
    Written::fixture("converse.rust.http")
}
