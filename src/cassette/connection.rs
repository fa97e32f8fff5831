//! How the file is opened: for replay without leaving a trace, for recording with a log that
//! several processes share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{CassetteError, Problem};
use super::header::{self, Found, Journal};
use super::schema::{self, KeyedBy, PAGE_SIZE};

/// How long one process waits for another's commit.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long between two tries to change the journal, which SQLite does not wait for by itself.
const PAUSE: Duration = Duration::from_millis(5);
/// Pages kept in memory by a reader: 8 MiB, in SQLite's negative kibibytes.
const READER_CACHE: i64 = -8_192;

/// Opens a cassette to read it; a plain file is neither changed nor joined by another.
///
/// # Errors
/// Whatever is wrong with the file.
pub fn open_reader(path: &Path) -> Result<Connection, CassetteError> {
    reader(path).map_err(|problem| problem.of(path))
}

fn reader(path: &Path) -> Result<Connection, Problem> {
    let Found::Cassette(header) = header::look(path)? else {
        return Err(Problem::NotFound);
    };
    let mut flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut name = path.to_owned();
    if header.journal == Journal::WriteAhead && settle(path) == Settled::CannotWrite {
        // Nobody can write here, so nobody will: without a log there is nothing to lock.
        if !has_log(path) {
            flags |= OpenFlags::SQLITE_OPEN_URI;
            name = immutable(path);
        }
    }
    let connection = Connection::open_with_flags(name, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    schema::check(&connection)?;
    Ok(connection)
}

#[derive(PartialEq, Eq)]
enum Settled {
    /// The file is plain now.
    Plain,
    /// Another process is recording.
    InUse,
    /// The file or its folder cannot be written.
    CannotWrite,
}

/// Ends what a killed recording left: its log goes into the file.
fn settle(path: &Path) -> Settled {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(connection) = Connection::open_with_flags(path, flags) else {
        return Settled::CannotWrite;
    };
    match leave_log(&connection) {
        Ok(()) => Settled::Plain,
        Err(Problem::Busy) => Settled::InUse,
        Err(_) => Settled::CannotWrite,
    }
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0)
}

fn immutable(path: &Path) -> PathBuf {
    let path = path.to_string_lossy();
    let escaped = percent_encoding::utf8_percent_encode(&path, percent_encoding::CONTROLS)
        .to_string()
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{escaped}?immutable=1").into()
}

/// Opens a cassette to write, and creates it where there is none.
///
/// # Errors
/// Whatever is wrong with the file.
pub fn open_writer(
    path: &Path,
    keyed_by: &KeyedBy,
    largest: Option<u64>,
) -> Result<Connection, CassetteError> {
    writer(path, keyed_by, largest).map_err(|problem| problem.of(path))
}

fn writer(path: &Path, keyed_by: &KeyedBy, largest: Option<u64>) -> Result<Connection, Problem> {
    let found = header::look(path)?;
    if found == Found::Nothing {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE as i64)?;
    if let Found::Cassette(_) = found {
        schema::check(&connection)?;
        end_interrupted(&connection)?;
    }
    patiently(|| enter_log(&connection))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if let Some(largest) = largest {
        let pages = largest / PAGE_SIZE as u64;
        connection.pragma_update(
            None,
            "max_page_count",
            i64::try_from(pages).unwrap_or(i64::MAX),
        )?;
    }
    schema::create(&mut connection, keyed_by)?;
    schema::check(&connection)?;
    Ok(connection)
}

/// If nobody else has the file open, a recording that has not ended was killed.
fn end_interrupted(connection: &Connection) -> Result<(), Problem> {
    if leave_log(connection).is_err() {
        return Ok(());
    }
    let open: i64 = connection.query_row(
        "SELECT count(*) FROM recording WHERE ended = 0",
        [],
        |row| row.get(0),
    )?;
    if open > 0 {
        connection.execute("UPDATE recording SET ended = 1 WHERE ended = 0", [])?;
    }
    Ok(())
}

/// One plain file again; the last of several processes succeeds.
///
/// # Errors
/// [`Problem::Busy`] while another process has the file open.
pub fn leave_log(connection: &Connection) -> Result<(), Problem> {
    set_journal(connection, "delete")
}

fn enter_log(connection: &Connection) -> Result<(), Problem> {
    set_journal(connection, "wal")
}

fn set_journal(connection: &Connection, wanted: &str) -> Result<(), Problem> {
    let sql = format!("PRAGMA journal_mode = {wanted}");
    let mode: String = connection.query_row(&sql, [], |row| row.get(0))?;
    if mode.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::Busy)
}

fn patiently(mut action: impl FnMut() -> Result<(), Problem>) -> Result<(), Problem> {
    let tries = PATIENCE.as_millis() / PAUSE.as_millis();
    for _ in 0..tries {
        match action() {
            Err(Problem::Busy) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    Err(Problem::Busy)
}
