//! A request and an attempt as the columns of their rows, each with its digest.

use std::time::Duration;

use rusqlite::Row;

use super::codec::{Message, read_varint, write_varint};
use super::digest::{Digest, RowHash};
use super::error::Problem;
use super::slot::Slot;
use crate::exchange::{
    Attempt, Body, Chunk, Ending, Fault, FaultKind, Headers, Operation, Origin, Outcome, Request,
    Response, Target,
};

/// The columns that [`RequestRow::read`] expects, in its order.
pub const REQUEST_COLUMNS: &str = "recording, operation, path, message, digest";

/// A request as read, its message still in stored form.
pub struct RequestRow {
    pub recording: u32,
    operation: String,
    path: String,
    pub message: Vec<u8>,
    digest: Vec<u8>,
}

/// The digest of a request's row, its message as it was.
pub fn request_digest(slot: &Slot, recording: u32, request: &Request) -> Digest {
    let path = request.target.path_and_query();
    let headers = headers_text(&request.headers);
    let operation = request.target.operation().name();
    digest_request(slot, recording, [operation, &path, &headers], &request.body)
}

fn digest_request(slot: &Slot, recording: u32, columns: [&str; 3], body: &[u8]) -> Digest {
    let mut hash = RowHash::of_slot("exchange", slot);
    hash.number(recording.into());
    for column in columns {
        hash.text(column);
    }
    hash.bytes(body);
    hash.finish()
}

impl RequestRow {
    /// Reads the columns of [`REQUEST_COLUMNS`].
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            recording: row.get(0)?,
            operation: row.get(1)?,
            path: row.get(2)?,
            message: row.get(3)?,
            digest: row.get(4)?,
        })
    }

    /// The request, its origin left out, once its message is known.
    ///
    /// # Errors
    /// [`Problem::Damaged`] where the digest does not hold.
    pub fn request(&self, slot: &Slot, message: Message) -> Result<Request, Problem> {
        let columns = [&*self.operation, &self.path, &message.headers];
        if digest_request(slot, self.recording, columns, &message.body)[..] != self.digest {
            return Err(Problem::damaged(format!("the request of exchange {slot}")));
        }
        let damaged = || Problem::damaged(format!("the columns of exchange {slot}"));
        let operation = Operation::from_name(&self.operation).ok_or_else(damaged)?;
        Ok(Request {
            target: Target::parse(operation.method(), &self.path).map_err(|_| damaged())?,
            headers: serde_json::from_str(&message.headers).map_err(|_| damaged())?,
            body: message.body.into(),
            origin: Origin::default(),
            invocation: None,
        })
    }
}

/// The columns that [`StoredRow::read`] expects, in its order.
pub const ATTEMPT_COLUMNS: &str = "number, ending, status, message, chunks, fault_kind, \
                                   fault_message, first_byte, total, digest, previous, role";

/// The digest of an attempt's row.
pub fn attempt_digest(slot: &Slot, row: &AttemptRow, attempt: &Attempt) -> Digest {
    match attempt.response() {
        Some(response) => {
            let headers = headers_text(&response.headers);
            row.digest(slot, &headers, &response.body.bytes)
        }
        None => row.digest(slot, "", &[]),
    }
}

/// What an attempt came to. A word, because a flipped bit makes it no other word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Another attempt follows.
    Retried,
    /// The exchange's outcome, an answer.
    Answer,
    /// The exchange's outcome, no answer.
    Failure,
}

impl Role {
    const ALL: [Self; 3] = [Self::Retried, Self::Answer, Self::Failure];

    /// The role of an exchange's last attempt.
    pub fn of_last(attempt: &Attempt) -> Self {
        if attempt.is_answer() {
            Self::Answer
        } else {
            Self::Failure
        }
    }

    /// The word that is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retried => "retried",
            Self::Answer => "answer",
            Self::Failure => "failure",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The columns of an attempt, all but its message.
#[derive(Debug, PartialEq, Eq)]
pub struct AttemptRow {
    pub number: u32,
    /// The number of the attempt before it.
    pub previous: Option<u32>,
    pub ending: &'static str,
    pub status: Option<u16>,
    pub chunks: Option<Vec<u8>>,
    pub fault: Option<Fault>,
    pub first_byte: Duration,
    pub total: Duration,
}

/// A row as read: columns, stored message, digest.
pub struct StoredRow {
    pub row: AttemptRow,
    /// Nothing where there was no answer.
    pub message: Option<Vec<u8>>,
    /// Nothing where the word is no role.
    pub role: Option<Role>,
    digest: Vec<u8>,
}

const ENDINGS: [&str; 5] = ["complete", "truncated", "abandoned", "broken", "fault"];

impl AttemptRow {
    /// Takes an attempt apart.
    pub fn of(number: u32, previous: Option<u32>, attempt: &Attempt) -> Self {
        let response = attempt.response();
        let (ending, fault) = match &attempt.outcome {
            Outcome::Fault(fault) => ("fault", Some(fault)),
            Outcome::Response(response) => match &response.ending {
                Ending::Complete => ("complete", None),
                Ending::Truncated => ("truncated", None),
                Ending::Abandoned => ("abandoned", None),
                Ending::Broken(fault) => ("broken", Some(fault)),
            },
        };
        Self {
            number,
            previous,
            ending,
            status: response.map(|response| response.status),
            chunks: response.map(|response| chunks_bytes(&response.body.chunks)),
            fault: fault.cloned(),
            first_byte: attempt.first_byte,
            total: attempt.total,
        }
    }

    /// The digest over every column but the role, which may change, its message as it was.
    fn digest(&self, slot: &Slot, headers: &str, body: &[u8]) -> Digest {
        let mut hash = RowHash::of_slot("attempt", slot);
        hash.number(self.number.into());
        hash.number(self.previous.map_or(0, |number| u64::from(number) + 1));
        hash.text(self.ending);
        hash.number(self.status.map_or(0, |status| u64::from(status) + 1));
        hash.text(headers);
        hash.bytes(body);
        hash.bytes(self.chunks.as_deref().unwrap_or_default());
        let fault = self.fault.as_ref();
        hash.text(fault.map_or("", |fault| fault.kind.name()));
        hash.text(fault.map_or("", |fault| fault.message.as_str()));
        hash.number(micros(self.first_byte));
        hash.number(micros(self.total));
        hash.finish()
    }

    /// Puts the attempt together around its message.
    fn attempt(self, message: Option<Message>) -> Option<Attempt> {
        let outcome = if self.ending == "fault" {
            Outcome::Fault(self.fault?)
        } else {
            let message = message?;
            Outcome::Response(Response {
                status: self.status?,
                headers: serde_json::from_str(&message.headers).ok()?,
                ending: match self.ending {
                    "complete" => Ending::Complete,
                    "truncated" => Ending::Truncated,
                    "abandoned" => Ending::Abandoned,
                    _ => Ending::Broken(self.fault?),
                },
                body: Body {
                    bytes: message.body.into(),
                    chunks: read_chunks(self.chunks.as_deref()?)?,
                },
            })
        };
        Some(Attempt {
            outcome,
            first_byte: self.first_byte,
            total: self.total,
        })
    }
}

impl StoredRow {
    /// Reads the columns of [`ATTEMPT_COLUMNS`].
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let ending: String = row.get(1)?;
        let kind: Option<String> = row.get(5)?;
        let message: Option<String> = row.get(6)?;
        let kind = kind.as_deref().and_then(FaultKind::from_name);
        Ok(Self {
            row: AttemptRow {
                number: row.get(0)?,
                previous: row.get(10)?,
                ending: ENDINGS
                    .into_iter()
                    .find(|known| *known == ending)
                    .unwrap_or_default(),
                status: row.get(2)?,
                chunks: row.get(4)?,
                fault: kind
                    .zip(message)
                    .map(|(kind, message)| Fault { kind, message }),
                first_byte: Duration::from_micros(row.get(7)?),
                total: Duration::from_micros(row.get(8)?),
            },
            message: row.get(3)?,
            role: Role::from_name(row.get_ref(11)?.as_str()?),
            digest: row.get(9)?,
        })
    }

    /// The attempt, once its message is known.
    ///
    /// # Errors
    /// [`Problem::Damaged`] where the digest does not hold.
    pub fn attempt(self, slot: &Slot, message: Option<Message>) -> Result<Attempt, Problem> {
        let number = self.row.number;
        let damaged = || Problem::damaged(format!("attempt {number} of exchange {slot}"));
        let (headers, body) = match &message {
            Some(message) => (&*message.headers, &*message.body),
            None => ("", &[][..]),
        };
        if self.row.digest(slot, headers, body)[..] != self.digest {
            return Err(damaged());
        }
        self.row.attempt(message).ok_or_else(damaged)
    }
}

/// Microseconds; what a cassette keeps of a duration.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX >> 1)
}

/// Header lines as a JSON list of pairs.
pub fn headers_text(headers: &Headers) -> String {
    serde_json::to_string(headers).unwrap_or_default()
}

fn chunks_bytes(chunks: &[Chunk]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before = 0;
    for chunk in chunks {
        let at = micros(chunk.at).max(before);
        write_varint(chunk.length as u64, &mut bytes);
        write_varint(at - before, &mut bytes);
        before = at;
    }
    bytes
}

fn read_chunks(mut bytes: &[u8]) -> Option<Vec<Chunk>> {
    let mut chunks = Vec::new();
    let mut at = 0_u64;
    while !bytes.is_empty() {
        let length = usize::try_from(read_varint(&mut bytes)?).ok()?;
        at = at.checked_add(read_varint(&mut bytes)?)?;
        chunks.push(Chunk {
            length,
            at: Duration::from_micros(at),
        });
    }
    Some(chunks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chunks_survive_their_bytes(steps in prop::collection::vec((any::<u32>(), any::<u32>()), 0..20)) {
            let mut at = Duration::ZERO;
            let chunks: Vec<Chunk> = steps
                .into_iter()
                .map(|(length, step)| {
                    at += Duration::from_micros(step.into());
                    Chunk { length: length as usize, at }
                })
                .collect();
            prop_assert_eq!(read_chunks(&chunks_bytes(&chunks)), Some(chunks));
        }
    }
}
