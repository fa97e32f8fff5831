//! What a cassette holds as a whole: how much, of whom, where each exchange stands, what comes
//! near a request.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension as _, Params, Row, params};

use super::error::{CassetteError, Problem};
use super::read::Reader;
use super::recording::Recording;
use super::schema::{self, KeyedBy};
use super::slot::Slot;
use crate::exchange::{Operation, Provenance, Request};
use crate::identity::RequestKey;

/// A request with its place: what the search for the nearest one reads.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRequest {
    /// Where it stands.
    pub slot: Slot,
    /// The request, its origin left out.
    pub request: Request,
}

impl Reader {
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

    /// Who answered its exchanges, without repeats. Whoever was asked and never gave an answer,
    /// but throttled, failed or refused, counts only where nobody gave one.
    ///
    /// # Errors
    /// A damaged file.
    pub fn provenances(&self) -> Result<Vec<Provenance>, CassetteError> {
        let sources = self.sources()?;
        if sources.len() < 2 {
            return Ok(sources);
        }
        let recordings = self.recordings()?.into_iter();
        let by_id = recordings.map(|recording| (recording.id, recording.provenance));
        let answered = self.named(self.who_answered(&by_id.collect(), sources.len()))?;
        if answered.is_empty() {
            return Ok(sources);
        }
        Ok(answered.into_iter().collect())
    }

    /// Whom its exchanges come from, answered or not, without repeats. A recording that was begun
    /// for an exchange that another one then took over does not count.
    ///
    /// # Errors
    /// A damaged file.
    pub fn sources(&self) -> Result<Vec<Provenance>, CassetteError> {
        let used = self.used_recordings()?;
        let recordings = self.recordings()?.into_iter();
        let found: BTreeSet<Provenance> = recordings
            .filter(|recording| used.contains(&recording.id))
            .map(|recording| recording.provenance)
            .collect();
        Ok(found.into_iter().collect())
    }

    /// Looks until of so many each has shown an answer.
    fn who_answered(
        &self,
        recordings: &BTreeMap<u32, Provenance>,
        most: usize,
    ) -> Result<BTreeSet<Provenance>, Problem> {
        let sql = "SELECT request_key, scope, occurrence, recording FROM exchange";
        let mut statement = self.file.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let Some(provenance) = recordings.get(&row.get(3)?) else {
                continue;
            };
            if !found.contains(provenance) && self.is_answered(&read_slot(row)?)? {
                found.insert(provenance.clone());
            }
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }

    fn is_answered(&self, slot: &Slot) -> Result<bool, Problem> {
        let sql = "SELECT role = 'answer' FROM attempt WHERE id = ?1";
        let mut statement = self.file.connection.prepare_cached(sql)?;
        let found = statement.query_row([slot.outcome().id], |row| row.get(0));
        Ok(found.optional()?.unwrap_or_default())
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

    fn read_slots(&self, sql: &str, parameters: impl Params) -> Result<Vec<Slot>, Problem> {
        let mut statement = self.file.connection.prepare_cached(sql)?;
        let slots = statement.query_map(parameters, read_slot)?;
        slots.map(|slot| Ok(slot?)).collect()
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
