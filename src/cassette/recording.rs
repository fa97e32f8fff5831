//! One session that wrote to a cassette: the only place that holds a date.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::digest::{Digest, RowHash};
use super::error::Problem;
use crate::exchange::Provenance;

/// A session that wrote to a cassette, to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recording {
    /// Its number in this cassette, from 1.
    pub id: u32,
    /// When the session began.
    pub started_at: Timestamp,
    /// The version that wrote it.
    pub tool_version: String,
    /// Who answered.
    pub provenance: Provenance,
    /// The endpoint's host.
    pub host: String,
    /// The region, where known.
    pub region: Option<String>,
    /// Whether the session has ended.
    pub state: RecordingState,
}

/// Whether a recording may still grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordingState {
    /// Its session has ended.
    Ended,
    /// Its session is under way, or was killed.
    Open,
}

const COLUMNS: &str = "id, started_at, tool_version, provenance, host, region, state, digest";

impl RecordingState {
    const ALL: [Self; 2] = [Self::Ended, Self::Open];

    const fn name(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Open => "open",
        }
    }
}

impl Recording {
    pub(super) fn read_all(connection: &Connection) -> Result<Vec<Self>, Problem> {
        let sql = format!("SELECT {COLUMNS} FROM recording ORDER BY id");
        let mut statement = connection.prepare(&sql)?;
        let rows = statement.query_map([], Columns::read)?;
        rows.map(|row| {
            let (columns, digest) = row?;
            columns.checked(&digest)
        })
        .collect()
    }

    pub(super) fn read(connection: &Connection, id: u32) -> Result<Self, Problem> {
        let sql = format!("SELECT {COLUMNS} FROM recording WHERE id = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let row = statement.query_row([id], Columns::read).optional()?;
        let row = row.filter(|(columns, _)| columns.id == id);
        let (columns, digest) =
            row.ok_or_else(|| Problem::damaged(format!("recording {id} is gone")))?;
        columns.checked(&digest)
    }

    pub(super) fn insert(&self, connection: &Connection) -> Result<(), Problem> {
        let sql =
            format!("INSERT INTO recording ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        let columns = self.columns();
        connection.execute(
            &sql,
            params![
                columns.id,
                columns.started_at,
                columns.tool_version,
                columns.provenance,
                columns.host,
                columns.region,
                columns.state,
                columns.digest(),
            ],
        )?;
        Ok(())
    }

    /// Marks a recording as ended.
    pub(super) fn end(connection: &Connection, id: u32) -> Result<(), Problem> {
        let sql = "UPDATE recording SET state = 'ended' WHERE id = ?1";
        connection.execute(sql, [id])?;
        Ok(())
    }

    /// Marks every recording as ended.
    pub(super) fn end_all(connection: &Connection) -> Result<(), Problem> {
        let sql = "SELECT count(*) FROM recording WHERE state = 'open'";
        let open: u32 = connection.query_row(sql, [], |row| row.get(0))?;
        if open > 0 {
            let sql = "UPDATE recording SET state = 'ended' WHERE state = 'open'";
            connection.execute(sql, [])?;
        }
        Ok(())
    }

    /// Whether both are one session to one endpoint, whatever their numbers.
    pub(super) fn is_same_session(&self, other: &Self) -> bool {
        self.clone().numbered(other.id) == other.clone().numbered(other.id)
    }

    /// The same recording, ended, under another number.
    pub(super) fn numbered(self, id: u32) -> Self {
        Self {
            id,
            state: RecordingState::Ended,
            ..self
        }
    }

    fn columns(&self) -> Columns {
        Columns {
            id: self.id,
            started_at: self.started_at.to_string(),
            tool_version: self.tool_version.clone(),
            provenance: self.provenance.to_string(),
            host: self.host.clone(),
            region: self.region.clone().unwrap_or_default(),
            state: self.state.name().to_owned(),
        }
    }
}

struct Columns {
    id: u32,
    started_at: String,
    tool_version: String,
    provenance: String,
    host: String,
    region: String,
    state: String,
}

impl Columns {
    fn read(row: &Row<'_>) -> rusqlite::Result<(Self, Vec<u8>)> {
        let columns = Self {
            id: row.get(0)?,
            started_at: row.get(1)?,
            tool_version: row.get(2)?,
            provenance: row.get(3)?,
            host: row.get(4)?,
            region: row.get(5)?,
            state: row.get(6)?,
        };
        Ok((columns, row.get(7)?))
    }

    /// The digest over all but the state, which changes once.
    fn digest(&self) -> Digest {
        let mut hash = RowHash::new("recording");
        hash.number(self.id.into());
        hash.text(&self.started_at);
        hash.text(&self.tool_version);
        hash.text(&self.provenance);
        hash.text(&self.host);
        hash.text(&self.region);
        hash.finish()
    }

    fn checked(self, digest: &[u8]) -> Result<Recording, Problem> {
        let id = self.id;
        let damaged = || Problem::damaged(format!("recording {id}"));
        if self.digest()[..] != *digest {
            return Err(damaged());
        }
        self.recording().ok_or_else(damaged)
    }

    fn recording(self) -> Option<Recording> {
        Some(Recording {
            id: self.id,
            started_at: self.started_at.parse().ok()?,
            provenance: self.provenance.parse().ok()?,
            tool_version: self.tool_version,
            host: self.host,
            region: Some(self.region).filter(|region| !region.is_empty()),
            state: RecordingState::ALL
                .into_iter()
                .find(|state| state.name() == self.state)?,
        })
    }
}
