//! The first hundred bytes of an SQLite file, read before SQLite touches it: they tell a
//! cassette from another file, a truncated one, and one that a recording left open.
//!
//! Offsets: "The Database Header", SQLite file format documentation.

use super::error::Problem;
use super::lease::{Front, Lease};

/// `BdRp`: `PRAGMA application_id` of a cassette.
pub const APPLICATION_ID: u32 = u32::from_be_bytes(*b"BdRp");

const LENGTH: usize = 100;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A cassette's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How it is written.
    pub journal: Journal,
    /// Bytes that it should have, and has.
    expected: u64,
    found: u64,
}

/// What the header says of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// One plain file.
    Rollback,
    /// A recording is under way, or was killed: `-wal` may hold exchanges.
    WriteAhead,
}

/// What lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Not a byte: SQLite creates a file before its first write.
    Empty,
    /// A cassette's header.
    Cassette(Header),
}

/// Looks at a file.
///
/// # Errors
/// Another kind of file.
pub fn look(lease: &Lease) -> Result<Found, Problem> {
    let front = lease.front(LENGTH as u64)?;
    if front.length == 0 {
        return Ok(Found::Empty);
    }
    read(&front).map(Found::Cassette)
}

impl Header {
    /// Whether the file is as long as its header says. While a journal stands beside it, it
    /// may not be.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn check_length(&self) -> Result<(), Problem> {
        if self.found < self.expected {
            return Err(Problem::Truncated {
                expected: self.expected,
                found: self.found,
            });
        }
        Ok(())
    }
}

fn read(front: &Front) -> Result<Header, Problem> {
    let other = |found: String| Problem::NotACassette { found };
    let known = front.bytes.len().min(MAGIC.len());
    if front.bytes[..known] != MAGIC[..known] {
        return Err(other("another kind of file".to_owned()));
    }
    let Some(bytes) = front.bytes.first_chunk::<LENGTH>() else {
        return Err(other(format!("a file of {} bytes", front.length)));
    };
    let id = number(bytes, 68);
    if id != APPLICATION_ID {
        return Err(other(format!(
            "an SQLite file with the application id {id}"
        )));
    }
    Ok(Header {
        journal: match bytes[18] {
            2 => Journal::WriteAhead,
            _ => Journal::Rollback,
        },
        expected: page_size(bytes) * u64::from(number(bytes, 28)),
        found: front.length,
    })
}

fn page_size(bytes: &[u8; LENGTH]) -> u64 {
    match u64::from(bytes[16]) << 8 | u64::from(bytes[17]) {
        1 => 65_536,
        size => size,
    }
}

fn number(bytes: &[u8; LENGTH], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_be_bytes(number)
}
