//! How the file is opened: for replay without leaving a trace, for recording with a log that
//! several processes share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{CassetteError, Problem};
use super::header::{self, Found, Header, Journal};
use super::lease::{Alone, Lease, Purpose};
use super::recording::Recording;
use super::schema::{self, KeyedBy, PAGE_SIZE};

/// How long one process waits for another's commit.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long between two tries to change the journal, which SQLite does not wait for by itself.
const PAUSE: Duration = Duration::from_millis(5);
/// How long `pack` waits for those who only look in.
const PATIENCE_TO_BE_ALONE: Duration = Duration::from_secs(1);
/// SQLite's names of the journals.
const ROLLBACK: &str = "delete";
const WRITE_AHEAD: &str = "wal";
/// What SQLite puts behind a file's name.
const JOURNAL: &str = "-journal";
const LOG: &str = "-wal";
/// What ends the path in SQLite's `file:` URIs or stands for another character there.
const NOT_OF_A_PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');
/// Pages of the log before it goes into the file. While it grows each sync also has to write the
/// file system's own log, which takes ten times as long as one that writes where it wrote before.
const LOG_PAGES: u32 = 100;
/// Pages kept in memory by a reader: 16 MiB, in SQLite's negative kibibytes.
const READER_CACHE: i64 = -16_384;

/// A connection and the lease under which it was opened, dropped in this order.
#[derive(Debug)]
pub struct Opened {
    pub connection: Connection,
    /// None where this process is alone with the file already.
    #[expect(dead_code, reason = "held until the connection is closed")]
    visit: Option<Visit>,
}

/// A lease whose last holder leaves one plain file: who only read it may have been the last to
/// have the log open, and SQLite lets no reader end it.
#[derive(Debug)]
struct Visit {
    path: PathBuf,
    /// Present until the end.
    lease: Option<Lease>,
}

impl Visit {
    fn new(path: &Path, purpose: Purpose) -> Result<Self, Problem> {
        let lease = Lease::new(path, purpose)?;
        Ok(Self {
            path: path.to_owned(),
            lease: Some(lease),
        })
    }

    fn found(&self) -> Result<Found, Problem> {
        self.lease.as_ref().map_or(Ok(Found::Empty), header::look)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let alone = self.lease.take().and_then(Lease::alone);
        if alone
            .as_ref()
            .is_some_and(|alone| is_unsettled(&self.path, alone))
        {
            leave_log_once(&self.path);
        }
        drop(alone);
    }
}

fn is_unsettled(path: &Path, alone: &Alone) -> bool {
    let is_log =
        |found| matches!(found, Found::Cassette(header) if header.journal == Journal::WriteAhead);
    header::look(alone).is_ok_and(is_log) || has_beside(path, LOG)
}

/// Opens a cassette to read it; a plain file is neither changed nor joined by another.
///
/// # Errors
/// Whatever is wrong with the file.
pub fn open_reader(path: &Path) -> Result<Opened, CassetteError> {
    reader(path).map_err(|problem| problem.of(path))
}

fn reader(path: &Path) -> Result<Opened, Problem> {
    let visit = Visit::new(path, Purpose::Read)?;
    let settled = settle(path, &visit)?;
    let is_unsettled = has_log(path) || has_beside(path, JOURNAL);
    let connection = if settled == Settled::CannotWrite && !is_unsettled {
        // Nobody can write here, so nobody will: there is nothing to lock.
        open_read_only(&immutable(path), OpenFlags::SQLITE_OPEN_URI)?
    } else {
        let opened = open_read_only(path, OpenFlags::empty());
        opened.map_err(|problem| match problem {
            Problem::PermissionDenied if is_unsettled => Problem::Unsettled,
            problem => problem,
        })?
    };
    Ok(Opened {
        connection,
        visit: Some(visit),
    })
}

fn open_read_only(name: &Path, more: OpenFlags) -> Result<Connection, Problem> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(name, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // Without it every step plans its statement anew for the values bound to it: half of the
    // time that a replayed call takes in SQLite.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    schema::check(&connection)?;
    Ok(connection)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// The file is plain.
    Plain,
    /// Another process is recording.
    InUse,
    /// The file or its folder cannot be written, or the disk is full.
    CannotWrite,
}

/// Ends what a killed recording left: its log goes into the file.
fn settle(path: &Path, visit: &Visit) -> Result<Settled, Problem> {
    let header = cassette_header(visit)?;
    let is_plain = header.journal == Journal::Rollback && !has_beside(path, JOURNAL);
    if is_plain && header.check_length().is_ok() {
        return Ok(Settled::Plain);
    }
    // A file that seems too short may be one that another process is just creating.
    let settled = leave_log_once(path);
    let header = cassette_header(visit)?;
    if settled != Settled::InUse && header.journal == Journal::Rollback {
        header.check_length()?;
    }
    Ok(settled)
}

fn cassette_header(visit: &Visit) -> Result<Header, Problem> {
    match visit.found()? {
        Found::Cassette(header) => Ok(header),
        Found::Empty => Err(Problem::Empty),
    }
}

fn leave_log_once(path: &Path) -> Settled {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(connection) = Connection::open_with_flags(path, flags) else {
        return Settled::CannotWrite;
    };
    match leave_log(&connection).and_then(|()| remove_cold_journal(&connection, path)) {
        Ok(()) => Settled::Plain,
        Err(Problem::Busy) => Settled::InUse,
        Err(_) => Settled::CannotWrite,
    }
}

/// A process that was killed before its journal was on disk had not changed the file yet.
/// SQLite leaves such a journal alone.
fn remove_cold_journal(connection: &Connection, path: &Path) -> Result<(), Problem> {
    if !has_beside(path, JOURNAL) {
        return Ok(());
    }
    // Whoever may write is the only one who could have a journal.
    if reserve(connection)? == Reserved::Plain {
        std::fs::remove_file(beside(path, JOURNAL))?;
    }
    Ok(connection.execute_batch("ROLLBACK")?)
}

/// An empty log holds nothing that could be lost.
fn has_log(path: &Path) -> bool {
    std::fs::metadata(beside(path, LOG)).is_ok_and(|metadata| metadata.len() > 0)
}

fn has_beside(path: &Path, suffix: &str) -> bool {
    std::fs::exists(beside(path, suffix)).unwrap_or(false)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn immutable(path: &Path) -> PathBuf {
    let path = path.to_string_lossy();
    let escaped = percent_encoding::utf8_percent_encode(&path, NOT_OF_A_PATH);
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
) -> Result<Opened, CassetteError> {
    writer(path, keyed_by, largest).map_err(|problem| problem.of(path))
}

fn writer(path: &Path, keyed_by: &KeyedBy, largest: Option<u64>) -> Result<Opened, Problem> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let visit = Visit::new(path, Purpose::Write)?;
    let connection = connect_and_enter_log(path, keyed_by, &visit)?;
    check_keys(&connection, keyed_by)?;
    limit(&connection, largest)?;
    Ok(Opened {
        connection,
        visit: Some(visit),
    })
}

fn connect_and_enter_log(
    path: &Path,
    keyed_by: &KeyedBy,
    visit: &Visit,
) -> Result<Connection, Problem> {
    let is_new = visit.found()? == Found::Empty;
    let is_plain = !is_new && settle(path, visit)? == Settled::Plain;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    if !is_new {
        schema::check(&connection)?;
    }
    if is_plain {
        end_interrupted(&connection)?;
    }
    // Before the log is entered, so that a file that is not empty is always a cassette.
    schema::create(&mut connection, keyed_by)?;
    schema::check(&connection)?;
    patiently(|| enter_log(&connection))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    Ok(connection)
}

fn check_keys(connection: &Connection, expected: &KeyedBy) -> Result<(), Problem> {
    schema::check(connection)?;
    let found = schema::keyed_by(connection)?;
    if found == *expected {
        return Ok(());
    }
    Err(Problem::KeyedOtherwise {
        found: found.to_string(),
        expected: expected.to_string(),
    })
}

fn limit(connection: &Connection, largest: Option<u64>) -> Result<(), Problem> {
    let Some(largest) = largest else {
        return Ok(());
    };
    let page_size: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = i64::try_from(largest / page_size).unwrap_or(i64::MAX);
    connection.pragma_update(None, "max_page_count", pages)?;
    Ok(())
}

/// If nobody is recording, a recording that has not ended was killed.
fn end_interrupted(connection: &Connection) -> Result<(), Problem> {
    if reserve(connection)? == Reserved::Plain {
        Recording::end_all(connection)?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

/// What a transaction that may write was begun on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reserved {
    /// One plain file: nobody can enter the log before it ends.
    Plain,
    /// A log that another process entered meanwhile.
    Log,
}

fn reserve(connection: &Connection) -> Result<Reserved, Problem> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode.eq_ignore_ascii_case(WRITE_AHEAD) {
        return Ok(Reserved::Log);
    }
    Ok(Reserved::Plain)
}

/// While this lives, nobody else opens a file.
#[derive(Debug)]
pub struct HeldBack {
    /// Held against those who know SQLite's locks alone; dropped before the lease.
    #[expect(dead_code, reason = "held for its lock")]
    connection: Connection,
    alone: Alone,
}

impl HeldBack {
    /// Keeps everybody out of a file that nobody has open.
    ///
    /// # Errors
    /// [`Problem::Busy`] while another has it open.
    pub fn everybody(path: &Path) -> Result<Self, Problem> {
        let alone = be_alone(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        leave_log(&connection)?;
        if reserve(&connection)? == Reserved::Log {
            return Err(Problem::Busy);
        }
        Ok(Self { connection, alone })
    }

    /// Opens a file to read it, be it the one that is held or another.
    ///
    /// # Errors
    /// As [`open_reader`].
    pub fn open_reader(&self, path: &Path) -> Result<Opened, CassetteError> {
        if !self.alone.is_at(path) {
            return open_reader(path);
        }
        let opened = open_read_only(path, OpenFlags::empty());
        let connection = opened.map_err(|problem| problem.of(path))?;
        Ok(Opened {
            connection,
            visit: None,
        })
    }
}

/// Whether somebody else, this process or another one, has a cassette open now.
#[must_use]
pub fn is_open_elsewhere(path: &Path) -> bool {
    Lease::new(path, Purpose::Read).is_ok_and(|lease| lease.alone().is_none())
}

fn be_alone(path: &Path) -> Result<Alone, Problem> {
    for _ in 0..PATIENCE_TO_BE_ALONE.as_millis() / PAUSE.as_millis() {
        if let Some(alone) = Lease::new(path, Purpose::Read)?.alone() {
            return Ok(alone);
        }
        std::thread::sleep(PAUSE);
    }
    Err(Problem::Busy)
}

/// One plain file again.
///
/// # Errors
/// [`Problem::Busy`] while another connection has the file open.
pub fn leave_log(connection: &Connection) -> Result<(), Problem> {
    set_journal(connection, ROLLBACK)
}

fn enter_log(connection: &Connection) -> Result<(), Problem> {
    set_journal(connection, WRITE_AHEAD)
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
