//! The first hundred bytes of an SQLite file, read before SQLite touches it: they tell a
//! cassette from another file, a truncated one, and one that a recording left open.
//!
//! Offsets: "The Database Header", SQLite file format documentation.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::error::Problem;

/// `BdRp`: `PRAGMA application_id` of a cassette.
pub const APPLICATION_ID: u32 = u32::from_be_bytes(*b"BdRp");

const LENGTH: usize = 100;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What the header says of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// One plain file.
    Rollback,
    /// A recording is under way, or was killed: `-wal` may hold exchanges.
    WriteAhead,
}

/// A cassette's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How it is written.
    pub journal: Journal,
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or a file without a byte (SQLite creates one before its first write).
    Nothing,
    /// A file with a cassette's header.
    Cassette(Header),
}

/// Looks at a path.
///
/// # Errors
/// A directory, another kind of file, a truncated file, no permission.
pub fn look(path: &Path) -> Result<Found, Problem> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Problem::IsDirectory);
    }
    if !metadata.is_file() {
        return Err(Problem::NotACassette {
            found: "no ordinary file".to_owned(),
        });
    }
    if metadata.len() == 0 {
        return Ok(Found::Nothing);
    }
    let mut bytes = [0; LENGTH];
    if file.read_exact(&mut bytes).is_err() {
        return Err(Problem::NotACassette {
            found: format!("a file of {} bytes", metadata.len()),
        });
    }
    let header = read(&bytes)?;
    if header.journal == Journal::Rollback {
        check_length(&bytes, metadata.len())?;
    }
    Ok(Found::Cassette(header))
}

fn read(bytes: &[u8; LENGTH]) -> Result<Header, Problem> {
    if !bytes.starts_with(MAGIC) {
        return Err(Problem::NotACassette {
            found: "another kind of file".to_owned(),
        });
    }
    let journal = match bytes[18] {
        2 => Journal::WriteAhead,
        _ => Journal::Rollback,
    };
    // Until a first checkpoint a write-ahead file may not hold its own header yet.
    if journal == Journal::Rollback && number(bytes, 68) != APPLICATION_ID {
        return Err(Problem::NotACassette {
            found: format!(
                "an SQLite file with the application id {}",
                number(bytes, 68)
            ),
        });
    }
    Ok(Header { journal })
}

fn check_length(bytes: &[u8; LENGTH], found: u64) -> Result<(), Problem> {
    let page = match u64::from(bytes[16]) << 8 | u64::from(bytes[17]) {
        1 => 65_536,
        size => size,
    };
    let expected = page * u64::from(number(bytes, 28));
    if found < expected {
        return Err(Problem::Truncated { expected, found });
    }
    Ok(())
}

fn number(bytes: &[u8; LENGTH], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_be_bytes(number)
}
