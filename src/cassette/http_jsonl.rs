//! Exchanges that other projects published: one JSON object a line with the request and the
//! response as they were on the wire, bodies in base64.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::Deserialize;

use super::import::{ImportError, Incoming, IncomingExchange};
use super::recording::{Recording, RecordingState};
use super::schema::KeyedBy;
use super::slot::Slot;
use super::write::Session;
use crate::exchange::{
    Attempt, Body, Ending, EventStream, Headers, Operation, Outcome, Provenance, Request,
    RequestParts, Response, StreamWatch,
};
use crate::identity::{CANONICAL_VERSION, MatchOn, RequestKey};

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// From 1.
    pub line: usize,
    /// The line's own `id`, where it has one.
    pub id: Option<String>,
    /// Why.
    pub reason: String,
}

/// What was read of such a file.
#[derive(Debug)]
pub struct Published {
    /// The exchanges.
    pub incoming: Incoming,
    /// Those among them whose stream is not whole: kept, and never replayed as whole.
    pub incomplete: usize,
    /// Lines that were not taken.
    pub refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct PublishedLine {
    id: Option<String>,
    repo: Option<String>,
    request: PublishedRequest,
    response: PublishedResponse,
}

#[derive(Deserialize)]
struct PublishedRequest {
    #[serde(default = "post")]
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body_b64: Option<String>,
}

#[derive(Deserialize)]
struct PublishedResponse {
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body_b64: Option<String>,
}

fn post() -> String {
    "POST".to_owned()
}

impl Published {
    /// Reads such a file. Equal requests get successive occurrences, in the order of their
    /// lines. `source_name` names it in errors, and as the source of lines without a `repo`.
    ///
    /// # Errors
    /// A file that cannot be read; a line that is not taken is only named.
    pub fn read(
        input: &mut dyn BufRead,
        source_name: &str,
        match_on: &MatchOn,
        session: &Session,
    ) -> Result<Self, ImportError> {
        let mut reading = Reading::new(source_name, match_on, session);
        for (index, line) in input.lines().enumerate() {
            let line = line.map_err(|error| ImportError::Read {
                source_name: source_name.to_owned(),
                error,
            })?;
            if !line.trim().is_empty() {
                reading.take(index + 1, &line);
            }
        }
        Ok(reading.published)
    }
}

struct Reading<'a> {
    source_name: &'a str,
    match_on: &'a MatchOn,
    session: &'a Session,
    occurrences: BTreeMap<RequestKey, u32>,
    published: Published,
}

impl<'a> Reading<'a> {
    fn new(source_name: &'a str, match_on: &'a MatchOn, session: &'a Session) -> Self {
        Self {
            source_name,
            match_on,
            session,
            occurrences: BTreeMap::new(),
            published: Published {
                incoming: Incoming {
                    keyed_by: KeyedBy {
                        canonical_version: CANONICAL_VERSION,
                        match_on: match_on.to_string(),
                    },
                    recordings: Vec::new(),
                    exchanges: Vec::new(),
                },
                incomplete: 0,
                refused: Vec::new(),
            },
        }
    }

    fn take(&mut self, number: usize, text: &str) {
        let mut id = None;
        let taken = serde_json::from_str::<PublishedLine>(text)
            .map_err(|error| not_an_exchange(&error))
            .and_then(|line| {
                id.clone_from(&line.id);
                self.exchange(&line)
            });
        match taken {
            Ok(exchange) => self.published.incoming.exchanges.push(exchange),
            Err(reason) => self.published.refused.push(Refused {
                line: number,
                id,
                reason,
            }),
        }
    }

    fn exchange(&mut self, line: &PublishedLine) -> Result<IncomingExchange, String> {
        let request = read_request(&line.request)?;
        let response = read_response(request.target.operation(), &line.response)?;
        if response.ending == Ending::Truncated {
            self.published.incomplete += 1;
        }
        let source = line.repo.as_deref().unwrap_or(self.source_name);
        let recording = self.recording(source, &request);
        let key = RequestKey::of(&request, self.match_on);
        let count = self.occurrences.entry(key).or_default();
        let occurrence = *count;
        *count += 1;
        Ok(IncomingExchange {
            slot: Slot {
                key,
                scope: String::new(),
                occurrence,
            },
            recording,
            request,
            attempts: vec![Attempt {
                outcome: Outcome::Response(response),
                first_byte: Duration::ZERO,
                total: Duration::ZERO,
            }],
        })
    }

    /// One recording per source and endpoint.
    fn recording(&mut self, source: &str, request: &Request) -> u32 {
        let recordings = &mut self.published.incoming.recordings;
        let recording = Recording {
            id: u32::try_from(recordings.len()).unwrap_or(u32::MAX) + 1,
            started_at: self.session.started_at,
            tool_version: self.session.tool_version.clone(),
            provenance: Provenance::Imported(source.to_owned()),
            host: request.origin.host.clone(),
            region: request.origin.region.clone(),
            state: RecordingState::Ended,
        };
        let known = recordings
            .iter()
            .find(|known| known.is_same_session(&recording));
        if let Some(known) = known {
            return known.id;
        }
        let id = recording.id;
        recordings.push(recording);
        id
    }
}

/// What a line is not, in words; serde's own name a line 1 that nobody sees.
fn not_an_exchange(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let found = told.split(" at line ").next().unwrap_or(&told);
    let column = error.column();
    format!(
        "expected one JSON object with `request` (`url`, `headers`, `body_b64`) and `response` (`status`, `headers`, `body_b64`), found at column {column}: {found}"
    )
}

fn read_request(published: &PublishedRequest) -> Result<Request, String> {
    let (host, path_and_query) = split_url(&published.url)?;
    Request::read(RequestParts {
        method: &published.method,
        path_and_query,
        host,
        headers: pairs(&published.headers),
        body: body(published.body_b64.as_deref())?,
    })
    .map_err(|error| error.to_string())
}

/// Host and path of `https://host/path`, or no host and the path of `/path`.
fn split_url(url: &str) -> Result<(&str, &str), String> {
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    let slash = address
        .find('/')
        .ok_or_else(|| format!("expected a URL with a path, found `{url}`"))?;
    Ok(address.split_at(slash))
}

fn read_response(operation: Operation, published: &PublishedResponse) -> Result<Response, String> {
    let bytes = body(published.body_b64.as_deref())?;
    Ok(Response {
        status: published.status,
        // Kept as published, redacted values too: nothing here relies on them.
        headers: Headers::of_response(pairs(&published.headers)),
        ending: ending(operation, published.status, &bytes)?,
        body: Body::whole(bytes),
    })
}

fn ending(operation: Operation, status: u16, bytes: &Bytes) -> Result<Ending, String> {
    if !operation.is_stream() || status != 200 {
        return Ok(Ending::Complete);
    }
    EventStream::read(bytes).map_err(|error| error.to_string())?;
    if StreamWatch::is_whole(operation, bytes) {
        Ok(Ending::Complete)
    } else {
        Ok(Ending::Truncated)
    }
}

fn body(text: Option<&str>) -> Result<Bytes, String> {
    let bytes = BASE64.decode(text.unwrap_or_default());
    bytes
        .map(Bytes::from)
        .map_err(|error| format!("`body_b64` is no base64: {error}"))
}

fn pairs(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect()
}
