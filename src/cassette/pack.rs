//! The smallest form of a cassette, and one form for equal content: rows in key order,
//! recordings in the order of their dates, texts that nothing refers to gone, a trained
//! dictionary, nothing free.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use super::codec::{BodyCodec, Packer, train};
use super::connection::leave_log;
use super::error::{CassetteError, Problem};
use super::read::{Reader, StoredExchange};
use super::recording::{Recording, RecordingState};
use super::schema::{self, PAGE_SIZE, PIECE};
use super::slot::Slot;
use super::write::{insert_attempt, insert_exchange};

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
}

/// Packs a cassette in place: a packed copy is made beside it and takes its name.
///
/// # Errors
/// A damaged file, another process that records into it, a full disk; the file is then as
/// it was.
pub fn pack(path: &Path) -> Result<Packed, CassetteError> {
    let packed = || -> Result<Packed, Problem> {
        // Replacing the file under a recording would lose what it writes.
        leave_log(&Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE,
        )?)?;
        let before = std::fs::metadata(path)?.len();
        let copy = Copy::beside(path);
        write_copy(path, &copy)?;
        std::fs::File::open(&copy.packed)?.sync_all()?;
        std::fs::rename(&copy.packed, path)?;
        Ok(Packed {
            before,
            after: std::fs::metadata(path)?.len(),
        })
    };
    Reader::open(path)?;
    packed().map_err(|problem| problem.of(path))
}

/// Files beside the cassette that are gone when packing ends, however it ends.
struct Copy {
    unpacked: PathBuf,
    packed: PathBuf,
}

impl Copy {
    fn beside(path: &Path) -> Self {
        let with = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{}.{suffix}", std::process::id()));
            PathBuf::from(name)
        };
        let copy = Self {
            unpacked: with("unpacked"),
            packed: with("packed"),
        };
        copy.remove();
        copy
    }

    fn remove(&self) {
        for path in [&self.unpacked, &self.packed] {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}

fn write_copy(path: &Path, copy: &Copy) -> Result<(), Problem> {
    let mut reader = Reader::open(path).map_err(|error| error.problem)?;
    let dictionary = learn(&mut reader)?;
    let mut connection = Connection::open(&copy.unpacked)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE as i64)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    let keyed_by = reader.keyed_by().map_err(|error| error.problem)?;
    schema::create(&mut connection, &keyed_by)?;
    copy_rows(&mut reader, &connection, &dictionary)?;
    connection.execute("VACUUM INTO ?1", [copy.packed.to_string_lossy()])?;
    Ok(())
}

fn learn(reader: &mut Reader) -> Result<Vec<u8>, Problem> {
    let mut samples = Vec::new();
    for slot in slots(reader)? {
        let stored = exchange(reader, &slot)?;
        samples.push(BodyCodec::sample(&stored.exchange.request.body));
        let responses = stored
            .exchange
            .attempts
            .iter()
            .filter_map(|attempt| attempt.response());
        samples.extend(responses.map(|response| BodyCodec::sample(&response.body.bytes)));
    }
    Ok(train(&samples))
}

fn copy_rows(
    reader: &mut Reader,
    connection: &Connection,
    dictionary: &[u8],
) -> Result<(), Problem> {
    connection.execute_batch("BEGIN")?;
    let mut packer = Packer::for_packing(dictionary)?;
    for (piece, bytes) in dictionary.chunks(PIECE).enumerate() {
        let sql = "INSERT INTO dictionary (piece, bytes) VALUES (?1, ?2)";
        connection.execute(sql, params![piece, bytes])?;
    }
    let numbers = renumber(reader, connection)?;
    for slot in slots(reader)? {
        let stored = exchange(reader, &slot)?;
        let damaged = || Problem::damaged(format!("exchange {slot} names no recording"));
        let recording = *numbers.get(&stored.recording).ok_or_else(damaged)?;
        let request = &stored.exchange.request;
        insert_exchange(connection, &mut packer, &slot, recording, request)?;
        for (number, attempt) in stored.exchange.attempts.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            insert_attempt(connection, &mut packer, &slot, number, attempt)?;
        }
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

/// Recordings in the order of their dates, equal ones as one, those of no exchange left out.
fn renumber(reader: &mut Reader, connection: &Connection) -> Result<BTreeMap<u32, u32>, Problem> {
    let mut used = std::collections::BTreeSet::new();
    for slot in slots(reader)? {
        used.insert(exchange(reader, &slot)?.recording);
    }
    let recordings = reader.recordings().map_err(|error| error.problem)?;
    let mut kept: Vec<(Recording, u32)> = recordings
        .into_iter()
        .filter(|recording| used.contains(&recording.id))
        .map(|recording| {
            let id = recording.id;
            let nameless = Recording {
                id: 0,
                state: RecordingState::Ended,
                ..recording
            };
            (nameless, id)
        })
        .collect();
    kept.sort();
    let mut numbers = BTreeMap::new();
    let mut last: Option<Recording> = None;
    for (recording, old) in kept {
        let numbered = match &last {
            Some(same)
                if (Recording {
                    id: 0,
                    ..same.clone()
                }) == recording =>
            {
                same.id
            }
            other => {
                let id = other.as_ref().map_or(1, |recording| recording.id + 1);
                let recording = Recording { id, ..recording };
                recording.insert(connection)?;
                last = Some(recording);
                id
            }
        };
        numbers.insert(old, numbered);
    }
    Ok(numbers)
}

fn slots(reader: &Reader) -> Result<Vec<Slot>, Problem> {
    reader.slots().map_err(|error| error.problem)
}

fn exchange(reader: &mut Reader, slot: &Slot) -> Result<StoredExchange, Problem> {
    let stored = reader.exchange(slot).map_err(|error| error.problem)?;
    stored.ok_or_else(|| Problem::damaged(format!("exchange {slot} is gone")))
}
