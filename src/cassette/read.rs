//! Reading a cassette: one exchange or attempt by its slot, and everything in order.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::codec::{Message, MessageCodec, TextId, TextSource, Unpacker};
use super::connection::{HeldBack, Opened, open_reader};
use super::error::{CassetteError, Problem};
use super::pieces;
use super::recording::Recording;
use super::row::{Proof, REQUEST_COLUMNS, RequestRow, Role, SELECT_ATTEMPT, StoredRow};
use super::schema::{self, KeyedBy};
use super::slot::{AttemptPlace, Slot};
use crate::exchange::{Attempt, Exchange, Operation, Origin, Provenance, Request};
use crate::identity::RequestKey;

/// A cassette that is read.
pub struct Reader {
    path: PathBuf,
    file: Opened,
    messages: Unpacker,
    texts: Unpacker,
}

/// An attempt and its position in the exchange, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedAttempt {
    /// 0 for the first transmission.
    pub number: u32,
    /// The attempt.
    pub attempt: Attempt,
}

/// An exchange with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredExchange {
    /// Where it stands.
    pub slot: Slot,
    /// The recording that it belongs to.
    pub recording: u32,
    /// The exchange.
    pub exchange: Exchange,
}

/// A request with its place: what the search for the nearest one reads.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRequest {
    /// Where it stands.
    pub slot: Slot,
    /// The request, its origin left out.
    pub request: Request,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens a cassette; the file stays as it is and gets no neighbours.
    ///
    /// # Errors
    /// No such file, no cassette, a newer format, a truncated or damaged file.
    pub fn open(path: &Path) -> Result<Self, CassetteError> {
        let file = open_reader(path)?;
        Self::over(path, file).map_err(|problem| problem.of(path))
    }

    /// Opens a cassette while nobody else can open one of them.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub(super) fn open_held(path: &Path, held: &HeldBack) -> Result<Self, CassetteError> {
        let file = held.open_reader(path)?;
        Self::over(path, file).map_err(|problem| problem.of(path))
    }

    fn over(path: &Path, file: Opened) -> Result<Self, Problem> {
        let dictionary = read_dictionary(&file.connection)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            messages: Unpacker::new(&dictionary)?,
            texts: Unpacker::new(&dictionary)?,
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a read transaction: until [`Reader::end`] every read sees the file as it is now,
    /// and no read has to lock it by itself.
    ///
    /// # Errors
    /// A damaged file, or another process that holds it.
    pub fn begin(&self) -> Result<(), CassetteError> {
        self.named(
            self.file
                .connection
                .execute_batch("BEGIN")
                .map_err(Problem::from),
        )
    }

    /// Ends a read transaction.
    ///
    /// # Errors
    /// None has begun.
    pub fn end(&self) -> Result<(), CassetteError> {
        self.named(
            self.file
                .connection
                .execute_batch("COMMIT")
                .map_err(Problem::from),
        )
    }

    /// What keyed it.
    ///
    /// # Errors
    /// A damaged file.
    pub fn keyed_by(&self) -> Result<KeyedBy, CassetteError> {
        self.named(schema::keyed_by(&self.file.connection))
    }

    /// How many exchanges it holds.
    ///
    /// # Errors
    /// A damaged file.
    pub fn len(&self) -> Result<u64, CassetteError> {
        let count = self
            .file
            .connection
            .query_row("SELECT count(*) FROM exchange", [], |row| row.get(0));
        self.named(count.map_err(Problem::from))
    }

    /// Whether it holds none.
    ///
    /// # Errors
    /// A damaged file.
    pub fn is_empty(&self) -> Result<bool, CassetteError> {
        Ok(self.len()? == 0)
    }

    /// Its recordings, in the order of their ids.
    ///
    /// # Errors
    /// A damaged file.
    pub fn recordings(&self) -> Result<Vec<Recording>, CassetteError> {
        self.named(Recording::read_all(&self.file.connection))
    }

    /// Who answered its exchanges, without repeats. A recording that was begun for an
    /// exchange that another one then took over does not count.
    ///
    /// # Errors
    /// A damaged file.
    pub fn provenances(&self) -> Result<Vec<Provenance>, CassetteError> {
        let used = self.used_recordings()?;
        let recordings = self.recordings()?.into_iter();
        let found: BTreeSet<Provenance> = recordings
            .filter(|recording| used.contains(&recording.id))
            .map(|recording| recording.provenance)
            .collect();
        Ok(found.into_iter().collect())
    }

    /// Every scope, with a recording that wrote to it: the latest where several did.
    ///
    /// # Errors
    /// A damaged file.
    pub fn scopes(&self) -> Result<Vec<(String, u32)>, CassetteError> {
        let read = || -> rusqlite::Result<Vec<(String, u32)>> {
            let sql = "SELECT scope, max(recording) FROM exchange GROUP BY scope";
            let mut statement = self.file.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        self.named(read().map_err(Problem::from))
    }

    /// The recording that an exchange belongs to.
    ///
    /// # Errors
    /// A damaged file.
    pub fn recording_of(&self, slot: &Slot) -> Result<Option<u32>, CassetteError> {
        let read = || -> rusqlite::Result<Option<u32>> {
            let sql = "SELECT recording FROM exchange
                       WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3";
            let mut statement = self.file.connection.prepare_cached(sql)?;
            let place = params![slot.key.as_bytes(), slot.scope, slot.occurrence];
            statement.query_row(place, |row| row.get(0)).optional()
        };
        self.named(read().map_err(Problem::from))
    }

    /// The recordings that any exchange belongs to.
    pub(super) fn used_recordings(&self) -> Result<BTreeSet<u32>, CassetteError> {
        let read = || -> rusqlite::Result<BTreeSet<u32>> {
            let sql = "SELECT DISTINCT recording FROM exchange";
            let mut statement = self.file.connection.prepare(sql)?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        self.named(read().map_err(Problem::from))
    }

    /// Reads the file as it is now, whatever another process records meanwhile.
    pub(super) fn held<T, E: From<CassetteError>>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin()?;
        let result = read(self);
        self.end()?;
        result
    }

    /// The request of an exchange, its origin left out.
    ///
    /// # Errors
    /// A damaged file.
    pub fn request(&mut self, slot: &Slot) -> Result<Option<Request>, CassetteError> {
        let found = self.read_request(slot);
        self.named(found.map(|found| found.map(|(_, request)| request)))
    }

    /// The last attempt of an exchange, the call's outcome: what a replay serves. It is proved to
    /// be stored as it was written; [`Reader::exchange`] proves that it is what was on the wire.
    ///
    /// # Errors
    /// A damaged file.
    pub fn outcome(&mut self, slot: &Slot) -> Result<Option<NumberedAttempt>, CassetteError> {
        let found = self.read_attempt(slot, slot.outcome(), Position::Last, Proof::Stored);
        self.named(found.map(|found| found.map(|(attempt, _)| attempt)))
    }

    /// One attempt of an exchange, proved as [`Reader::outcome`] is.
    ///
    /// # Errors
    /// A damaged file.
    pub fn attempt(
        &mut self,
        slot: &Slot,
        number: u32,
    ) -> Result<Option<NumberedAttempt>, CassetteError> {
        if let Some(outcome) = self.outcome(slot)?
            && outcome.number <= number
        {
            return Ok(Some(outcome).filter(|outcome| outcome.number == number));
        }
        let position = Position::Retried(number);
        let found = self.read_attempt(slot, slot.retried(number), position, Proof::Stored);
        self.named(found.map(|found| found.map(|(attempt, _)| attempt)))
    }

    /// A whole exchange.
    ///
    /// # Errors
    /// A damaged file.
    pub fn exchange(&mut self, slot: &Slot) -> Result<Option<StoredExchange>, CassetteError> {
        let found = self.read_exchange(slot);
        self.named(found)
    }

    /// Every slot, in the order of the primary key.
    ///
    /// # Errors
    /// A damaged file.
    pub fn slots(&self) -> Result<Vec<Slot>, CassetteError> {
        let sql = "SELECT request_key, scope, occurrence FROM exchange
                   ORDER BY request_key, scope, occurrence";
        self.named(self.read_slots(sql, []))
    }

    /// The slots that these recordings wrote, in the order of the primary key.
    ///
    /// # Errors
    /// A damaged file.
    pub fn slots_of_recordings(
        &self,
        recordings: &BTreeSet<u32>,
    ) -> Result<Vec<Slot>, CassetteError> {
        let sql = "SELECT request_key, scope, occurrence FROM exchange WHERE recording = ?1";
        let read = |recording: &u32| self.read_slots(sql, [recording]);
        let slots: Result<Vec<Vec<Slot>>, Problem> = recordings.iter().map(read).collect();
        let mut slots = self.named(slots)?.concat();
        slots.sort();
        Ok(slots)
    }

    /// How many attempts are stored, whether or not an exchange leads to them.
    pub(super) fn attempts(&self) -> Result<u64, CassetteError> {
        let sql = "SELECT count(*) FROM attempt";
        let count = self.file.connection.query_row(sql, [], |row| row.get(0));
        self.named(count.map_err(Problem::from))
    }

    /// How many exchanges the same request has in a scope.
    ///
    /// # Errors
    /// A damaged file.
    pub fn occurrences(&self, key: &RequestKey, scope: &str) -> Result<u32, CassetteError> {
        let count = self.file.connection.query_row(
            "SELECT count(*) FROM exchange WHERE request_key = ?1 AND scope = ?2",
            params![key.as_bytes(), scope],
            |row| row.get(0),
        );
        self.named(count.map_err(Problem::from))
    }

    /// Every place of the same request, whatever its scope.
    ///
    /// # Errors
    /// A damaged file.
    pub fn slots_of(&self, key: &RequestKey) -> Result<Vec<Slot>, CassetteError> {
        let sql = "SELECT request_key, scope, occurrence FROM exchange
                   WHERE request_key = ?1 ORDER BY scope, occurrence";
        self.named(self.read_slots(sql, params![key.as_bytes()]))
    }

    /// Requests of the same operation that might be meant: those of the scope first, then
    /// any, `most` at the most.
    ///
    /// # Errors
    /// A damaged file.
    pub fn candidates(
        &mut self,
        operation: Operation,
        scope: &str,
        most: usize,
    ) -> Result<Vec<StoredRequest>, CassetteError> {
        let sql = "SELECT request_key, scope, occurrence FROM exchange
                   WHERE operation = ?1 ORDER BY scope = ?2 DESC, scope, occurrence, request_key
                   LIMIT ?3";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let slots = self.read_slots(sql, params![operation.name(), scope, most]);
        let requests = slots.and_then(|slots| {
            let read = slots.into_iter().map(|slot| {
                let request = self.read_request(&slot)?;
                Ok(request.map(|(_, request)| StoredRequest { slot, request }))
            });
            read.filter_map(Result::transpose).collect()
        });
        self.named(requests)
    }

    /// SQLite's own check of the whole file; the lines that it complains with.
    ///
    /// # Errors
    /// A file too damaged to be checked.
    pub fn integrity(&self) -> Result<Vec<String>, CassetteError> {
        let lines = self
            .file
            .connection
            .prepare("PRAGMA integrity_check")
            .and_then(|mut statement| {
                let rows = statement.query_map([], |row| row.get(0))?;
                rows.collect::<Result<Vec<String>, _>>()
            });
        let mut lines = self.named(lines.map_err(Problem::from))?;
        lines.retain(|line| line != "ok");
        Ok(lines)
    }

    /// An attempt, and the number of the one before it.
    fn read_attempt(
        &mut self,
        slot: &Slot,
        place: AttemptPlace,
        position: Position,
        proof: Proof,
    ) -> Result<Option<(NumberedAttempt, Option<u32>)>, Problem> {
        let connection = &self.file.connection;
        let mut statement = connection.prepare_cached(SELECT_ATTEMPT)?;
        let mut rows = statement.query([place.id])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let stored = StoredRow::read(row)?;
        let (number, previous) = (stored.row.number, stored.row.previous);
        let damaged = || Problem::damaged(format!("attempt {number} of exchange {slot}"));
        if !stored.is_sound(place) {
            return Err(damaged());
        }
        if !position.fits(&stored) {
            let what = format!("attempt {number} of exchange {slot} is not where it should be");
            return Err(Problem::damaged(what));
        }
        let mut texts = Texts {
            connection,
            unpacker: &mut self.texts,
        };
        let message = stored.message;
        let message =
            message.map(|message| MessageCodec::decode(message, &mut self.messages, &mut texts));
        let attempt = stored.attempt(slot, message.transpose()?, proof);
        let attempt = attempt.ok_or_else(damaged)?;
        Ok(Some((NumberedAttempt { number, attempt }, previous)))
    }

    fn message(&mut self, stored: &[u8]) -> Result<Message, Problem> {
        let mut texts = Texts {
            connection: &self.file.connection,
            unpacker: &mut self.texts,
        };
        Ok(MessageCodec::decode(
            stored,
            &mut self.messages,
            &mut texts,
        )?)
    }

    fn read_exchange(&mut self, slot: &Slot) -> Result<Option<StoredExchange>, Problem> {
        let Some((recording, mut request)) = self.read_request(slot)? else {
            return Ok(None);
        };
        let recording_row = Recording::read(&self.file.connection, recording)?;
        request.origin = Origin {
            host: recording_row.host.clone(),
            region: recording_row.region.clone(),
        };
        Ok(Some(StoredExchange {
            slot: slot.clone(),
            recording,
            exchange: Exchange {
                request,
                attempts: self.read_attempts(slot)?,
                provenance: recording_row.provenance,
            },
        }))
    }

    /// All attempts in order: each names the one before it, so that none is missing.
    fn read_attempts(&mut self, slot: &Slot) -> Result<Vec<Attempt>, Problem> {
        let found = self.read_attempt(slot, slot.outcome(), Position::Last, Proof::Wire)?;
        let none = || Problem::damaged(format!("exchange {slot} has no outcome"));
        let (last, mut previous) = found.ok_or_else(none)?;
        let mut attempts = vec![last.attempt];
        while let Some(number) = previous {
            let position = Position::Retried(number);
            let found = self.read_attempt(slot, slot.retried(number), position, Proof::Wire)?;
            let missing = || Problem::damaged(format!("an attempt of exchange {slot} is missing"));
            let (attempt, before) = found.ok_or_else(missing)?;
            attempts.push(attempt.attempt);
            previous = before;
        }
        attempts.reverse();
        Ok(attempts)
    }

    fn read_request(&mut self, slot: &Slot) -> Result<Option<(u32, Request)>, Problem> {
        let sql = format!(
            "SELECT {REQUEST_COLUMNS} FROM exchange
             WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3"
        );
        let mut statement = self.file.connection.prepare_cached(&sql)?;
        let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence];
        let found = statement
            .query_row(parameters, RequestRow::read)
            .optional()?;
        drop(statement);
        let Some(row) = found else {
            return Ok(None);
        };
        let message = self.message(&row.message)?;
        Ok(Some((row.recording, row.request(slot, message)?)))
    }

    fn read_slots(&self, sql: &str, parameters: impl Params) -> Result<Vec<Slot>, Problem> {
        let mut statement = self.file.connection.prepare_cached(sql)?;
        let slots = statement.query_map(parameters, read_slot)?;
        slots.map(|slot| Ok(slot?)).collect()
    }

    fn named<T>(&self, result: Result<T, Problem>) -> Result<T, CassetteError> {
        result.map_err(|problem| problem.of(&self.path))
    }
}

/// Where an attempt must stand among those of its exchange. A damaged schema can lead to
/// another row than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Retried(u32),
    Last,
}

impl Position {
    fn fits(self, stored: &StoredRow<'_>) -> bool {
        match self {
            Self::Retried(number) => {
                let is_earlier = stored.row.previous.is_none_or(|before| before < number);
                stored.role == Some(Role::Retried) && stored.row.number == number && is_earlier
            }
            Self::Last => matches!(stored.role, Some(Role::Answer | Role::Failure)),
        }
    }
}

fn read_slot(row: &Row<'_>) -> rusqlite::Result<Slot> {
    let key: [u8; 32] = row.get(0)?;
    Ok(Slot {
        key: key.into(),
        scope: row.get(1)?,
        occurrence: row.get(2)?,
    })
}

/// The pieces of a text and whatever follows.
pub const SELECT_TEXT: &str = "SELECT id, bytes, checksum FROM text WHERE id >= ?1 ORDER BY id";

/// The text table.
pub struct Texts<'a> {
    pub connection: &'a Connection,
    pub unpacker: &'a mut Unpacker,
}

impl TextSource for Texts<'_> {
    fn text(&mut self, id: TextId) -> Option<Vec<u8>> {
        let mut statement = self.connection.prepare_cached(SELECT_TEXT).ok()?;
        let rows = statement.query([id.0]).ok()?;
        let unpacked = pieces::read(rows, id.0, |packed| {
            self.unpacker.unpack(packed).map(Cow::into_owned)
        });
        unpacked.ok()??
    }
}

/// The cassette's dictionary; empty where it has none.
pub fn read_dictionary(connection: &Connection) -> Result<Vec<u8>, Problem> {
    let mut statement =
        connection.prepare("SELECT id, bytes, checksum FROM dictionary ORDER BY id")?;
    let found = pieces::read(statement.query([])?, 0, <[u8]>::to_vec)?;
    Ok(found.unwrap_or_default())
}
