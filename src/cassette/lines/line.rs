//! The objects of an export: the cassette, then its recordings, then its exchanges.

use std::str::FromStr as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::body::BodyLine;
use crate::cassette::recording::{Recording, RecordingState};
use crate::cassette::row::micros;
use crate::cassette::schema::KeyedBy;
use crate::cassette::slot::Slot;
use crate::exchange::{
    Attempt, Body, Chunk, Ending, Fault, FaultKind, Headers, Operation, Origin, Outcome, Request,
    Response, Target,
};
use crate::identity::{MatchOn, RequestKey};

/// The version of this text form.
pub const VERSION: u32 = 1;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first.
    Cassette(HeaderLine),
    /// A recording.
    Recording(RecordingLine),
    /// An exchange.
    Exchange(Box<ExchangeLine>),
}

/// What a line lacks or has wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// What should stand there.
    pub expected: String,
    /// What does.
    pub found: String,
}

impl LineProblem {
    /// A problem.
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// A value that does not fit.
    fn value(expected: impl Into<String>, found: &str) -> Self {
        Self::new(expected, format!("`{found}`"))
    }
}

/// The first line: the text form's version, and what keyed the cassette.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderLine {
    /// [`VERSION`].
    pub export: u32,
    /// The canonical form's version.
    pub canonical_version: u32,
    /// The parts that count.
    pub match_on: Box<RawValue>,
}

impl HeaderLine {
    /// Writes the first line.
    pub fn of(keyed_by: &KeyedBy) -> serde_json::Result<Self> {
        Ok(Self {
            export: VERSION,
            canonical_version: keyed_by.canonical_version,
            match_on: RawValue::from_string(keyed_by.match_on.clone())?,
        })
    }

    /// Reads it.
    pub fn keyed_by(&self) -> Result<KeyedBy, LineProblem> {
        if self.export != VERSION {
            return Err(LineProblem::new(
                format!("an export of version {VERSION}"),
                format!("version {}", self.export),
            ));
        }
        let match_on = MatchOn::from_str(self.match_on.get())
            .map_err(|error| LineProblem::new("match-on rules", error.to_string()))?;
        Ok(KeyedBy {
            canonical_version: self.canonical_version,
            match_on: match_on.to_string(),
        })
    }
}

/// A session that wrote the cassette.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingLine {
    /// Its number, to which exchanges refer.
    pub id: u32,
    started_at: String,
    tool_version: String,
    provenance: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

impl RecordingLine {
    /// Writes a recording.
    pub fn of(recording: &Recording) -> Self {
        Self {
            id: recording.id,
            started_at: recording.started_at.to_string(),
            tool_version: recording.tool_version.clone(),
            provenance: recording.provenance.to_string(),
            host: recording.host.clone(),
            region: recording.region.clone(),
        }
    }

    /// Reads it.
    pub fn recording(self) -> Result<Recording, LineProblem> {
        let started_at = self.started_at.parse();
        let provenance = self.provenance.parse();
        Ok(Recording {
            id: self.id,
            started_at: started_at.map_err(|_| {
                LineProblem::value("a date such as `2026-01-31T12:00:00Z`", &self.started_at)
            })?,
            tool_version: self.tool_version,
            provenance: provenance
                .map_err(|_| LineProblem::value("a provenance", &self.provenance))?,
            host: self.host,
            region: self.region.filter(|region| !region.is_empty()),
            state: RecordingState::Ended,
        })
    }
}

/// A logical call.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeLine {
    /// The request key; computed on import where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The scope; empty for the default one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The occurrence.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub occurrence: u32,
    /// The recording's number.
    pub recording: u32,
    operation: String,
    path: String,
    #[serde(default, skip_serializing_if = "Headers::is_empty")]
    headers: Headers,
    #[serde(default, skip_serializing_if = "BodyLine::is_empty")]
    body: BodyLine,
    /// Its transmissions, in order.
    pub attempts: Vec<AttemptLine>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl ExchangeLine {
    /// Writes an exchange.
    pub fn of(slot: &Slot, recording: u32, request: &Request, attempts: &[Attempt]) -> Self {
        Self {
            key: Some(slot.key.to_string()),
            scope: slot.scope.clone(),
            occurrence: slot.occurrence,
            recording,
            operation: request.target.operation().name().to_owned(),
            path: request.target.path_and_query(),
            headers: request.headers.clone(),
            body: BodyLine::of(&request.body),
            attempts: attempts.iter().map(AttemptLine::of).collect(),
        }
    }

    /// The key that the line states.
    pub fn stated_key(&self) -> Result<Option<RequestKey>, LineProblem> {
        let parsed = self.key.as_deref().map(str::parse).transpose();
        parsed.map_err(|_| {
            let found = self.key.clone().unwrap_or_default();
            LineProblem::value("a request key of 64 hex digits", &found)
        })
    }

    /// The request, sent to that endpoint.
    pub fn request(&self, origin: Origin) -> Result<Request, LineProblem> {
        let operation = Operation::from_name(&self.operation)
            .ok_or_else(|| LineProblem::value("the name of an operation", &self.operation))?;
        let target = Target::parse(operation.method(), &self.path)
            .ok()
            .filter(|target| target.operation() == operation)
            .ok_or_else(|| LineProblem::value(format!("a path of {operation}"), &self.path))?;
        Ok(Request {
            target,
            headers: Headers::of_request(self.headers.iter()),
            body: bytes_of(&self.body)?.into(),
            origin,
            invocation: None,
        })
    }

    /// Its attempts.
    pub fn attempts(&self) -> Result<Vec<Attempt>, LineProblem> {
        if self.attempts.is_empty() {
            return Err(LineProblem::new("at least one attempt", "none"));
        }
        self.attempts.iter().map(AttemptLine::attempt).collect()
    }
}

/// One transmission. A fault without a status is one before any answer; with a status, one
/// that broke the body off.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Headers::is_empty")]
    headers: Headers,
    #[serde(default, skip_serializing_if = "BodyLine::is_empty")]
    body: BodyLine,
    /// `truncated` or `abandoned`; left out for a whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ending: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<FaultLine>,
    first_byte_us: u64,
    total_us: u64,
    /// Lengths and times at which the body arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    chunks: Vec<(usize, u64)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultLine {
    kind: String,
    message: String,
}

impl AttemptLine {
    fn of(attempt: &Attempt) -> Self {
        let timed = Self {
            status: None,
            headers: Headers::default(),
            body: BodyLine::default(),
            ending: None,
            fault: None,
            first_byte_us: micros(attempt.first_byte),
            total_us: micros(attempt.total),
            chunks: Vec::new(),
        };
        match &attempt.outcome {
            Outcome::Fault(fault) => Self {
                fault: Some(FaultLine::of(fault)),
                ..timed
            },
            Outcome::Response(response) => timed.with_response(response),
        }
    }

    fn with_response(self, response: &Response) -> Self {
        let mark = |chunk: &Chunk| (chunk.length, micros(chunk.at));
        Self {
            status: Some(response.status),
            headers: response.headers.clone(),
            body: BodyLine::of(&response.body.bytes),
            ending: match response.ending {
                Ending::Truncated => Some("truncated".to_owned()),
                Ending::Abandoned => Some("abandoned".to_owned()),
                Ending::Complete | Ending::Broken(_) => None,
            },
            fault: match &response.ending {
                Ending::Broken(fault) => Some(FaultLine::of(fault)),
                _ => None,
            },
            chunks: response.body.chunks.iter().map(mark).collect(),
            ..self
        }
    }

    fn attempt(&self) -> Result<Attempt, LineProblem> {
        let fault = self.fault.as_ref().map(FaultLine::fault).transpose()?;
        let outcome = match (self.status, fault) {
            (Some(status), fault) => Outcome::Response(Response {
                status,
                headers: Headers::of_response(self.headers.iter()),
                body: self.body()?,
                ending: self.ending(fault)?,
            }),
            (None, Some(_)) if !self.body.is_empty() => {
                return Err(LineProblem::new("a `status` beside a `body`", "none"));
            }
            (None, Some(fault)) => Outcome::Fault(fault),
            (None, None) => {
                return Err(LineProblem::new("a `status` or a `fault`", "neither"));
            }
        };
        Ok(Attempt {
            outcome,
            first_byte: Duration::from_micros(self.first_byte_us),
            total: Duration::from_micros(self.total_us),
        })
    }

    fn body(&self) -> Result<Body, LineProblem> {
        let chunk = |(length, at): &(usize, u64)| Chunk {
            length: *length,
            at: Duration::from_micros(*at),
        };
        Ok(Body {
            bytes: bytes_of(&self.body)?.into(),
            chunks: self.chunks.iter().map(chunk).collect(),
        })
    }

    fn ending(&self, fault: Option<Fault>) -> Result<Ending, LineProblem> {
        match (self.ending.as_deref(), fault) {
            (None, None) => Ok(Ending::Complete),
            (None, Some(fault)) => Ok(Ending::Broken(fault)),
            (Some("truncated"), None) => Ok(Ending::Truncated),
            (Some("abandoned"), None) => Ok(Ending::Abandoned),
            (Some(other), _) => Err(LineProblem::value(
                "the ending `truncated` or `abandoned`, a fault or nothing",
                other,
            )),
        }
    }
}

impl FaultLine {
    fn of(fault: &Fault) -> Self {
        Self {
            kind: fault.kind.name().to_owned(),
            message: fault.message.clone(),
        }
    }

    fn fault(&self) -> Result<Fault, LineProblem> {
        let kind = FaultKind::from_name(&self.kind).ok_or_else(|| {
            let names = FaultKind::ALL.map(FaultKind::name).join("`, `");
            LineProblem::value(format!("a fault of kind `{names}`"), &self.kind)
        })?;
        Ok(Fault {
            kind,
            message: self.message.clone(),
        })
    }
}

fn bytes_of(body: &BodyLine) -> Result<Vec<u8>, LineProblem> {
    body.bytes()
        .map_err(|found| LineProblem::new("a body in one readable form", found))
}
