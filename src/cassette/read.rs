//! Reading a cassette: one exchange or attempt by its slot, and everything in order.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::codec::{Message, MessageCodec, TextId, TextSource, Unpacker};
use super::connection::{HeldBack, Opened, open_reader};
use super::error::{CassetteError, Problem};
use super::pieces;
use super::recording::Recording;
use super::row::{Proof, REQUEST_COLUMNS, RequestRow, Role, SELECT_ATTEMPT, StoredRow};
use super::slot::{AttemptPlace, Slot};
use crate::exchange::{Attempt, Exchange, Origin, Request};

/// A cassette that is read.
pub struct Reader {
    path: PathBuf,
    pub(super) file: Opened,
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

    pub(super) fn read_request(&mut self, slot: &Slot) -> Result<Option<(u32, Request)>, Problem> {
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

    pub(super) fn named<T>(&self, result: Result<T, Problem>) -> Result<T, CassetteError> {
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
