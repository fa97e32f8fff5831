//! A request and an attempt as the columns of their rows, each with its digest.

use std::time::Duration;

use rusqlite::Row;

use super::codec::{Message, read_varint, write_varint};
use super::digest::{Checksum, Digest, RowHash};
use super::error::Problem;
use super::slot::{AttemptPlace, Slot};
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
        let headers = headers_text(&message.headers);
        let columns = [&*self.operation, &self.path, &headers];
        if digest_request(slot, self.recording, columns, &message.body)[..] != self.digest {
            return Err(Problem::damaged(format!("the request of exchange {slot}")));
        }
        let damaged = || Problem::damaged(format!("the columns of exchange {slot}"));
        let operation = Operation::from_name(&self.operation).ok_or_else(damaged)?;
        Ok(Request {
            target: Target::parse(operation.method(), &self.path).map_err(|_| damaged())?,
            headers: message.headers,
            body: message.body.into(),
            origin: Origin::default(),
            invocation: None,
        })
    }
}

/// Reads the columns that [`StoredRow::read`] expects.
pub const SELECT_ATTEMPT: &str = "SELECT number, previous, role, ending, status, message, chunks, \
     fault_kind, fault_message, first_byte, total, checksum, digest FROM attempt WHERE id = ?1";

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

/// How much of an attempt's row is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// That it is stored as it was written: its checksum.
    Stored,
    /// That it is what was on the wire, too: its digest.
    Wire,
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

/// A row as read: columns, stored message, checksum, digest.
pub struct StoredRow<'r> {
    pub row: AttemptRow,
    /// Nothing where there was no answer.
    pub message: Option<&'r [u8]>,
    /// Nothing where the word is no role.
    pub role: Option<Role>,
    checksum: i64,
    digest: &'r [u8],
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

    /// The checksum over the same columns, its message as it is stored.
    pub fn checksum(&self, place: AttemptPlace, message: Option<&[u8]>) -> i64 {
        let chunks = self.chunks.as_deref().unwrap_or_default();
        let message = message.unwrap_or_default();
        let mut checksum = Checksum::new(place.seed, 256 + message.len() + chunks.len());
        checksum.number(self.number.into());
        checksum.number(self.previous.map_or(0, |number| u64::from(number) + 1));
        checksum.bytes(self.ending.as_bytes());
        checksum.number(self.status.map_or(0, |status| u64::from(status) + 1));
        checksum.bytes(message);
        checksum.bytes(chunks);
        let fault = self.fault.as_ref();
        checksum.bytes(fault.map_or("", |fault| fault.kind.name()).as_bytes());
        checksum.bytes(fault.map_or("", |fault| &fault.message).as_bytes());
        checksum.number(micros(self.first_byte));
        checksum.number(micros(self.total));
        checksum.finish()
    }

    /// Puts the attempt together around its message.
    fn attempt(self, message: Option<Message>) -> Option<Attempt> {
        let outcome = if self.ending == "fault" {
            Outcome::Fault(self.fault?)
        } else {
            let message = message?;
            Outcome::Response(Response {
                status: self.status?,
                headers: message.headers,
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

impl<'r> StoredRow<'r> {
    /// Reads the columns of [`SELECT_ATTEMPT`].
    pub fn read(row: &'r Row<'_>) -> rusqlite::Result<Self> {
        let ending = row.get_ref(3)?.as_str()?;
        let kind = row.get_ref(7)?.as_str_or_null()?;
        let kind = kind.and_then(FaultKind::from_name);
        let fault_message: Option<String> = row.get(8)?;
        Ok(Self {
            row: AttemptRow {
                number: row.get(0)?,
                previous: row.get(1)?,
                ending: ENDINGS
                    .into_iter()
                    .find(|known| *known == ending)
                    .unwrap_or_default(),
                status: row.get(4)?,
                chunks: row.get(6)?,
                fault: kind
                    .zip(fault_message)
                    .map(|(kind, message)| Fault { kind, message }),
                first_byte: Duration::from_micros(row.get(9)?),
                total: Duration::from_micros(row.get(10)?),
            },
            message: row.get_ref(5)?.as_blob_or_null()?,
            role: Role::from_name(row.get_ref(2)?.as_str()?),
            checksum: row.get(11)?,
            digest: row.get_ref(12)?.as_blob()?,
        })
    }

    /// Whether the row is stored as it was written, and belongs to that exchange.
    pub fn is_sound(&self, place: AttemptPlace) -> bool {
        self.row.checksum(place, self.message) == self.checksum
    }

    /// The attempt, once its message is known; `None` where the digest does not hold.
    pub fn attempt(self, slot: &Slot, message: Option<Message>, proof: Proof) -> Option<Attempt> {
        if proof == Proof::Wire {
            let (headers, body) = match &message {
                Some(message) => (headers_text(&message.headers), &*message.body),
                None => (String::new(), &[][..]),
            };
            if self.row.digest(slot, &headers, body)[..] != *self.digest {
                return None;
            }
        }
        self.row.attempt(message)
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
