//! Reading a cassette: one exchange or attempt by its slot, and everything in order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::codec::{Message, MessageCodec, TextHash, TextSource, Unpacker};
use super::connection::{Opened, PlainAfter, open_reader};
use super::error::{CassetteError, Problem};
use super::recording::Recording;
use super::row::{ATTEMPT_COLUMNS, REQUEST_COLUMNS, RequestRow, Role, StoredRow};
use super::schema::{self, KeyedBy};
use super::slot::Slot;
use crate::exchange::{Attempt, Exchange, Operation, Origin, Provenance, Request};
use crate::identity::RequestKey;

/// A cassette that is read.
pub struct Reader {
    path: PathBuf,
    file: Opened,
    /// Declared after the file, so that it is dropped after it.
    _plain: PlainAfter,
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

    fn over(path: &Path, file: Opened) -> Result<Self, Problem> {
        let dictionary = read_dictionary(&file.connection)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            _plain: PlainAfter::reading(path),
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

    /// The last attempt of an exchange: the call's outcome.
    ///
    /// # Errors
    /// A damaged file.
    pub fn outcome(&mut self, slot: &Slot) -> Result<Option<NumberedAttempt>, CassetteError> {
        let sql = format!(
            "SELECT {ATTEMPT_COLUMNS} FROM attempt
             WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3
             ORDER BY number DESC LIMIT 1"
        );
        let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence];
        let found = self.attempt_row(&sql, parameters);
        let found = found.and_then(|found| {
            found
                .map(|row| self.numbered(slot, row, Position::Last))
                .transpose()
        });
        self.named(found)
    }

    /// One attempt of an exchange.
    ///
    /// # Errors
    /// A damaged file.
    pub fn attempt(
        &mut self,
        slot: &Slot,
        number: u32,
    ) -> Result<Option<NumberedAttempt>, CassetteError> {
        let sql = format!(
            "SELECT {ATTEMPT_COLUMNS} FROM attempt
             WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3 AND number = ?4"
        );
        let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence, number];
        let found = self.attempt_row(&sql, parameters);
        let found = found.and_then(|found| {
            found
                .map(|row| self.numbered(slot, row, Position::Number(number)))
                .transpose()
        });
        self.named(found)
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

    /// Every slot of an exchange or of an attempt without one.
    pub(super) fn every_slot(&self) -> Result<Vec<Slot>, CassetteError> {
        let sql = "SELECT request_key, scope, occurrence FROM exchange
                   UNION SELECT request_key, scope, occurrence FROM attempt
                   ORDER BY request_key, scope, occurrence";
        self.named(self.read_slots(sql, []))
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

    fn attempt_row(
        &self,
        sql: &str,
        parameters: impl Params,
    ) -> Result<Option<StoredRow>, Problem> {
        let mut statement = self.file.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row(parameters, StoredRow::read)
            .optional()?)
    }

    fn numbered(
        &mut self,
        slot: &Slot,
        stored: StoredRow,
        position: Position,
    ) -> Result<NumberedAttempt, Problem> {
        let number = stored.row.number;
        let fits = match position {
            // A damaged schema can lead to another row than was asked for.
            Position::Number(wanted) => stored.role.is_some() && number == wanted,
            Position::Earlier => stored.role == Some(Role::Retried),
            Position::Last => matches!(stored.role, Some(Role::Answer | Role::Failure)),
        };
        if !fits {
            let what = format!("attempt {number} of exchange {slot} is not where it should be");
            return Err(Problem::damaged(what));
        }
        let message = match &stored.message {
            Some(message) => Some(self.message(message)?),
            None => None,
        };
        Ok(NumberedAttempt {
            number,
            attempt: stored.attempt(slot, message)?,
        })
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

    fn read_attempts(&mut self, slot: &Slot) -> Result<Vec<Attempt>, Problem> {
        let sql = format!(
            "SELECT {ATTEMPT_COLUMNS} FROM attempt
             WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3 ORDER BY number"
        );
        let mut statement = self.file.connection.prepare_cached(&sql)?;
        let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence];
        let rows: Vec<StoredRow> = statement
            .query_map(parameters, StoredRow::read)?
            .collect::<Result<_, _>>()?;
        drop(statement);
        check_chain(slot, &rows)?;
        let last = rows.len().saturating_sub(1);
        rows.into_iter()
            .enumerate()
            .map(|(index, stored)| {
                let position = if index == last {
                    Position::Last
                } else {
                    Position::Earlier
                };
                Ok(self.numbered(slot, stored, position)?.attempt)
            })
            .collect()
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

/// Where an attempt must stand among those of its exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Number(u32),
    Earlier,
    Last,
}

/// Each attempt names the one before it: none is missing.
fn check_chain(slot: &Slot, rows: &[StoredRow]) -> Result<(), Problem> {
    let mut before = None;
    for stored in rows {
        if stored.row.previous != before {
            let what = format!("an attempt of exchange {slot} is missing");
            return Err(Problem::damaged(what));
        }
        before = Some(stored.row.number);
    }
    if rows.is_empty() {
        let what = format!("exchange {slot} has no attempt");
        return Err(Problem::damaged(what));
    }
    Ok(())
}

fn read_slot(row: &Row<'_>) -> rusqlite::Result<Slot> {
    let key: [u8; 32] = row.get(0)?;
    Ok(Slot {
        key: key.into(),
        scope: row.get(1)?,
        occurrence: row.get(2)?,
    })
}

/// The text table.
pub struct Texts<'a> {
    pub connection: &'a Connection,
    pub unpacker: &'a mut Unpacker,
}

impl TextSource for Texts<'_> {
    fn text(&mut self, hash: TextHash) -> Option<Vec<u8>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT bytes FROM text WHERE hash = ?1 ORDER BY piece")
            .ok()?;
        let packed = join_pieces(statement.query([hash.0]).ok()?).ok()?;
        // Whether it is the right one, the digest of the whole row tells.
        self.unpacker.unpack(&packed)
    }
}

fn join_pieces(mut rows: rusqlite::Rows<'_>) -> rusqlite::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(row) = rows.next()? {
        bytes.extend_from_slice(row.get_ref(0)?.as_blob()?);
    }
    Ok(bytes)
}

/// The cassette's dictionary; empty where it has none.
pub fn read_dictionary(connection: &Connection) -> Result<Vec<u8>, Problem> {
    let mut statement = connection.prepare("SELECT bytes FROM dictionary ORDER BY piece")?;
    Ok(join_pieces(statement.query([])?)?)
}
