//! Exchanges from elsewhere: what was read is merged into a cassette in one transaction, so
//! that a file is taken whole or not at all.

use std::collections::{BTreeMap, HashSet};
use std::io::BufRead;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Params, TransactionBehavior, params};

use super::codec::Packer;
use super::connection::open_writer;
use super::error::{CassetteError, Problem};
use super::insert::{insert_attempt, insert_exchange};
use super::lines::{ExchangeLine, Line, LineProblem};
use super::read::read_dictionary;
use super::recording::Recording;
use super::row::{AttemptRow, attempt_digest, request_digest};
use super::schema::KeyedBy;
use super::slot::Slot;
use crate::exchange::{Attempt, Origin, Request};
use crate::identity::{CANONICAL_VERSION, MatchOn, RequestKey};

/// Exchanges that were read, and what keyed them.
#[derive(Debug)]
pub struct Incoming {
    pub(super) keyed_by: KeyedBy,
    pub(super) recordings: Vec<Recording>,
    pub(super) exchanges: Vec<IncomingExchange>,
}

#[derive(Debug)]
pub(super) struct IncomingExchange {
    pub slot: Slot,
    /// The number of one of the recordings.
    pub recording: u32,
    pub request: Request,
    pub attempts: Vec<Attempt>,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Exchanges that are new.
    pub added: u64,
    /// Of these, those whose place was taken by another: each got the next free occurrence.
    pub moved: u64,
    /// Exchanges that stood there already, the same in every part.
    pub known: u64,
}

/// Why a text could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line that is not what it should be.
    #[error(
        "`{source_name}` line {line}: expected {expected}, found {found} (nothing was imported)"
    )]
    Line {
        /// The file.
        source_name: String,
        /// From 1.
        line: usize,
        /// What should stand there.
        expected: String,
        /// What does.
        found: String,
    },
    /// The file could not be read.
    #[error("`{source_name}` could not be read: {error}")]
    Read {
        /// The file.
        source_name: String,
        /// In the system's words.
        error: std::io::Error,
    },
    /// The cassette.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
}

impl Incoming {
    /// Reads an export. `source_name` names it in errors.
    ///
    /// # Errors
    /// The first line that is not what it should be.
    pub fn read_export(input: &mut dyn BufRead, source_name: &str) -> Result<Self, ImportError> {
        let mut lines = Lines {
            input,
            source_name,
            number: 0,
        };
        let mut incoming = lines.header()?;
        let mut slots = HashSet::new();
        while let Some(text) = lines.next()? {
            let taken = read_line(&text).and_then(|line| incoming.take(line, &mut slots));
            taken.map_err(|problem| lines.refuse(problem))?;
        }
        Ok(incoming)
    }

    /// How many exchanges were read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether none was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// Merges all into a cassette, which is created where there is none. What stands there
    /// stays; an exchange that is the same in every part is not added twice.
    ///
    /// # Errors
    /// A cassette that other rules keyed, a full disk; nothing is then imported.
    pub fn merge_into(&self, path: &Path) -> Result<Imported, CassetteError> {
        let mut file = open_writer(path, &self.keyed_by, None)?;
        let merged = self.merge(&mut file.connection);
        merged.map_err(|problem| problem.of(path))
    }

    fn take(&mut self, line: Line, slots: &mut HashSet<Slot>) -> Result<(), LineProblem> {
        match line {
            Line::Cassette(_) => Err(LineProblem::new(
                "`recording` or `exchange`",
                "a second `cassette`",
            )),
            Line::Recording(line) => {
                if self.recording(line.id).is_ok() {
                    return Err(LineProblem::new("a new number", format!("`{}`", line.id)));
                }
                self.recordings.push(line.recording()?);
                Ok(())
            }
            Line::Exchange(line) => {
                let exchange = self.exchange(&line)?;
                if !slots.insert(exchange.slot.clone()) {
                    let found = format!("{} again", exchange.slot);
                    return Err(LineProblem::new("each exchange once", found));
                }
                self.exchanges.push(exchange);
                Ok(())
            }
        }
    }

    fn exchange(&self, line: &ExchangeLine) -> Result<IncomingExchange, LineProblem> {
        let recording = self.recording(line.recording)?;
        let request = line.request(Origin {
            host: recording.host.clone(),
            region: recording.region.clone(),
        })?;
        Ok(IncomingExchange {
            slot: Slot {
                key: self.key(line, &request)?,
                scope: line.scope.clone(),
                occurrence: line.occurrence,
            },
            recording: line.recording,
            attempts: line.attempts()?,
            request,
        })
    }

    fn recording(&self, id: u32) -> Result<&Recording, LineProblem> {
        let found = self.recordings.iter().find(|recording| recording.id == id);
        found.ok_or_else(|| {
            LineProblem::new("the number of a recording above", format!("recording {id}"))
        })
    }

    /// The stated key, if this version agrees or cannot know; where none is stated, its own.
    fn key(&self, line: &ExchangeLine, request: &Request) -> Result<RequestKey, LineProblem> {
        let stated = line.stated_key()?;
        if self.keyed_by.canonical_version != CANONICAL_VERSION {
            let none = || LineProblem::new("a `key`, since another version made them", "none");
            return stated.ok_or_else(none);
        }
        let match_on: MatchOn = self.keyed_by.match_on.parse().unwrap_or_default();
        let key = RequestKey::of(request, &match_on);
        match stated {
            Some(stated) if stated != key => Err(LineProblem::new(
                format!(
                    "the key of this request, `{}…` (leave `key` out to have it computed)",
                    key.short()
                ),
                format!("`{}…`", stated.short()),
            )),
            _ => Ok(key),
        }
    }

    fn merge(&self, connection: &mut Connection) -> Result<Imported, Problem> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut merge = Merge {
            packer: Packer::for_recording(&read_dictionary(&transaction)?)?,
            recordings: BTreeMap::new(),
            claimed: HashSet::new(),
            done: Imported::default(),
            connection: &transaction,
        };
        merge.take_recordings(&self.recordings)?;
        for exchange in &self.exchanges {
            merge.take(exchange)?;
        }
        let done = merge.done;
        transaction.commit()?;
        Ok(done)
    }
}

/// Lines of a text, counted.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    source_name: &'a str,
    number: usize,
}

impl Lines<'_> {
    fn header(&mut self) -> Result<Incoming, ImportError> {
        let first = self.next()?.unwrap_or_default();
        let expected = "`{\"cassette\":…}`, the first line of an export";
        let keyed_by = match read_line(&first) {
            Ok(Line::Cassette(header)) => header.keyed_by(),
            Ok(_) => Err(LineProblem::new(expected, "another line of an export")),
            Err(problem) => Err(LineProblem::new(expected, problem.found)),
        };
        Ok(Incoming {
            keyed_by: keyed_by.map_err(|problem| self.refuse(problem))?,
            recordings: Vec::new(),
            exchanges: Vec::new(),
        })
    }

    fn next(&mut self) -> Result<Option<String>, ImportError> {
        let mut text = String::new();
        let read = self.input.read_line(&mut text);
        let length = read.map_err(|error| ImportError::Read {
            source_name: self.source_name.to_owned(),
            error,
        })?;
        self.number += 1;
        Ok((length > 0).then_some(text))
    }

    fn refuse(&self, problem: LineProblem) -> ImportError {
        ImportError::Line {
            source_name: self.source_name.to_owned(),
            line: self.number,
            expected: problem.expected,
            found: problem.found,
        }
    }
}

fn read_line(text: &str) -> Result<Line, LineProblem> {
    if text.trim().is_empty() {
        return Err(LineProblem::new("a JSON object", "nothing"));
    }
    serde_json::from_str(text).map_err(|error| {
        LineProblem::new(
            "one of `{\"cassette\":…}`, `{\"recording\":…}`, `{\"exchange\":…}`",
            error.to_string(),
        )
    })
}

/// One transaction's worth of merging.
struct Merge<'a> {
    connection: &'a Connection,
    packer: Packer,
    /// The incoming recordings' numbers in this cassette.
    recordings: BTreeMap<u32, u32>,
    /// Places that an incoming exchange was found or put in: each stands for one.
    claimed: HashSet<Slot>,
    done: Imported,
}

impl Merge<'_> {
    fn take_recordings(&mut self, incoming: &[Recording]) -> Result<(), Problem> {
        let mut known = Recording::read_all(self.connection)?;
        for recording in incoming {
            let same = known.iter().find(|known| known.is_same_session(recording));
            let id = if let Some(same) = same {
                same.id
            } else {
                let last = known.iter().map(|known| known.id).max();
                let new = recording.clone().numbered(last.unwrap_or_default() + 1);
                new.insert(self.connection)?;
                let id = new.id;
                known.push(new);
                id
            };
            self.recordings.insert(recording.id, id);
        }
        Ok(())
    }

    fn take(&mut self, incoming: &IncomingExchange) -> Result<(), Problem> {
        let recording = *self.recordings.get(&incoming.recording).unwrap_or(&0);
        let standing = self.standing(&incoming.slot)?;
        for occurrence in &standing {
            let slot = incoming.slot.at(*occurrence);
            if !self.claimed.contains(&slot) && self.holds(&slot, recording, incoming)? {
                self.claimed.insert(slot);
                self.done.known += 1;
                return Ok(());
            }
        }
        let slot = match standing.last() {
            Some(last) if standing.contains(&incoming.slot.occurrence) => {
                self.done.moved += 1;
                incoming.slot.at(last + 1)
            }
            _ => incoming.slot.clone(),
        };
        self.insert(&slot, recording, incoming)?;
        self.claimed.insert(slot);
        self.done.added += 1;
        Ok(())
    }

    /// The occurrences of the same request in the same scope.
    fn standing(&self, slot: &Slot) -> Result<Vec<u32>, Problem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT occurrence FROM exchange WHERE request_key = ?1 AND scope = ?2
             ORDER BY occurrence",
        )?;
        let parameters = params![slot.key.as_bytes(), slot.scope];
        let occurrences = statement.query_map(parameters, |row| row.get(0))?;
        occurrences.map(|occurrence| Ok(occurrence?)).collect()
    }

    /// Whether this very exchange stands there: every row has the digest that it would have.
    fn holds(
        &self,
        slot: &Slot,
        recording: u32,
        incoming: &IncomingExchange,
    ) -> Result<bool, Problem> {
        let request = "SELECT digest FROM exchange
                       WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3";
        let expected = request_digest(slot, recording, &incoming.request);
        let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence];
        if self.digest(request, parameters)? != Some(expected) {
            return Ok(false);
        }
        // The same attempts stand in the same places.
        let last = incoming.attempts.len().saturating_sub(1);
        let mut previous = None;
        for (index, attempt) in incoming.attempts.iter().enumerate() {
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let row = AttemptRow::of(number, previous.replace(number), attempt);
            let place = if index == last {
                slot.outcome()
            } else {
                slot.retried(number)
            };
            let sql = "SELECT digest FROM attempt WHERE id = ?1";
            let expected = attempt_digest(slot, &row, attempt);
            if self.digest(sql, params![place.id])? != Some(expected) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn digest(&self, sql: &str, parameters: impl Params) -> Result<Option<[u8; 8]>, Problem> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row(parameters, |row| row.get(0))
            .optional()?)
    }

    fn insert(
        &mut self,
        slot: &Slot,
        recording: u32,
        incoming: &IncomingExchange,
    ) -> Result<(), Problem> {
        let packer = &mut self.packer;
        insert_exchange(self.connection, packer, slot, recording, &incoming.request)?;
        for (number, attempt) in (0..).zip(&incoming.attempts) {
            insert_attempt(self.connection, packer, slot, number, attempt)?;
        }
        Ok(())
    }
}
