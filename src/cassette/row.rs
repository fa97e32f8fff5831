//! An attempt as the columns of its row, and the digest that tells whether a bit has changed.

use std::time::Duration;

use rusqlite::Row;
use sha2::{Digest as _, Sha256};

use super::codec::{read_varint, write_varint};
use super::error::Problem;
use crate::exchange::{Attempt, Body, Chunk, Ending, Fault, FaultKind, Headers, Outcome, Response};

/// Bytes of a row's digest: the front of a SHA-256.
const DIGEST: usize = 8;

/// The columns that [`AttemptRow::read`] expects, in its order.
pub const COLUMNS: &str = "number, ending, status, headers, body, chunks, fault_kind, \
                           fault_message, first_byte, total, digest";

/// The columns of an attempt, its body still in stored form.
#[derive(Debug, PartialEq, Eq)]
pub struct AttemptRow {
    pub number: u32,
    pub ending: &'static str,
    pub status: Option<u16>,
    pub headers: Option<String>,
    pub chunks: Option<Vec<u8>>,
    pub fault: Option<Fault>,
    pub first_byte: Duration,
    pub total: Duration,
}

/// A row as read: columns, stored body, digest.
pub struct StoredRow {
    pub row: AttemptRow,
    pub body: Vec<u8>,
    digest: Vec<u8>,
}

const ENDINGS: [&str; 5] = ["complete", "truncated", "abandoned", "broken", "fault"];

impl AttemptRow {
    /// Takes an attempt apart.
    pub fn of(number: u32, attempt: &Attempt) -> Self {
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
            ending,
            status: response.map(|response| response.status),
            headers: response.map(|response| headers_text(&response.headers)),
            chunks: response.map(|response| chunks_bytes(&response.body.chunks)),
            fault: fault.cloned(),
            first_byte: attempt.first_byte,
            total: attempt.total,
        }
    }

    /// The digest over every column and the body's own bytes.
    pub fn digest(&self, body: &[u8]) -> [u8; DIGEST] {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(&self.number.to_le_bytes());
        part(self.ending.as_bytes());
        part(&self.status.unwrap_or_default().to_le_bytes());
        part(self.headers.as_deref().unwrap_or_default().as_bytes());
        part(body);
        part(self.chunks.as_deref().unwrap_or_default());
        let fault = self.fault.as_ref();
        part(fault.map_or("", |fault| fault.kind.name()).as_bytes());
        part(fault.map_or("", |fault| fault.message.as_str()).as_bytes());
        part(&micros(self.first_byte).to_le_bytes());
        part(&micros(self.total).to_le_bytes());
        let mut digest = [0; DIGEST];
        digest.copy_from_slice(&hash.finalize()[..DIGEST]);
        digest
    }

    /// Puts the attempt together around its body.
    fn attempt(self, body: Vec<u8>) -> Option<Attempt> {
        let outcome = if self.ending == "fault" {
            Outcome::Fault(self.fault?)
        } else {
            Outcome::Response(Response {
                status: self.status?,
                headers: serde_json::from_str(self.headers.as_deref()?).ok()?,
                ending: match self.ending {
                    "complete" => Ending::Complete,
                    "truncated" => Ending::Truncated,
                    "abandoned" => Ending::Abandoned,
                    _ => Ending::Broken(self.fault?),
                },
                body: Body {
                    bytes: body.into(),
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
    /// Reads the columns of [`COLUMNS`].
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let ending: String = row.get(1)?;
        let kind: Option<String> = row.get(6)?;
        let message: Option<String> = row.get(7)?;
        let kind = kind.as_deref().and_then(FaultKind::from_name);
        Ok(Self {
            row: AttemptRow {
                number: row.get(0)?,
                ending: ENDINGS
                    .into_iter()
                    .find(|known| *known == ending)
                    .unwrap_or_default(),
                status: row.get(2)?,
                headers: row.get(3)?,
                chunks: row.get(5)?,
                fault: kind
                    .zip(message)
                    .map(|(kind, message)| Fault { kind, message }),
                first_byte: Duration::from_micros(row.get(8)?),
                total: Duration::from_micros(row.get(9)?),
            },
            body: row.get::<_, Option<Vec<u8>>>(4)?.unwrap_or_default(),
            digest: row.get(10)?,
        })
    }

    /// The attempt, once its body is known.
    ///
    /// # Errors
    /// [`Problem::Damaged`] where the digest does not hold.
    pub fn attempt(self, body: Vec<u8>) -> Result<Attempt, Problem> {
        if self.row.digest(&body)[..] != self.digest {
            return Err(Problem::damaged("an attempt's digest does not hold"));
        }
        let damaged = || Problem::damaged("an attempt's columns do not fit together");
        self.row.attempt(body).ok_or_else(damaged)
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
