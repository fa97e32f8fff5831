//! One session that wrote to a cassette: the only place that holds a date.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

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

const COLUMNS: &str = "id, started_at, tool_version, provenance, host, region, ended";

impl Recording {
    pub(super) fn read_all(connection: &Connection) -> Result<Vec<Self>, Problem> {
        let sql = format!("SELECT {COLUMNS} FROM recording ORDER BY id");
        let mut statement = connection.prepare(&sql)?;
        let rows = statement.query_map([], Columns::read)?;
        rows.map(|row| row?.recording()).collect()
    }

    pub(super) fn read(connection: &Connection, id: u32) -> Result<Self, Problem> {
        let sql = format!("SELECT {COLUMNS} FROM recording WHERE id = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        statement.query_row([id], Columns::read)?.recording()
    }

    pub(super) fn insert(&self, connection: &Connection) -> Result<(), Problem> {
        let sql = format!("INSERT INTO recording ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        connection.execute(
            &sql,
            params![
                self.id,
                self.started_at.to_string(),
                self.tool_version,
                self.provenance.to_string(),
                self.host,
                self.region.as_deref().unwrap_or_default(),
                self.state == RecordingState::Ended,
            ],
        )?;
        Ok(())
    }
}

struct Columns {
    id: u32,
    started_at: String,
    tool_version: String,
    provenance: String,
    host: String,
    region: String,
    ended: bool,
}

impl Columns {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            started_at: row.get(1)?,
            tool_version: row.get(2)?,
            provenance: row.get(3)?,
            host: row.get(4)?,
            region: row.get(5)?,
            ended: row.get(6)?,
        })
    }

    fn recording(self) -> Result<Recording, Problem> {
        let damaged = || Problem::damaged(format!("recording {}", self.id));
        Ok(Recording {
            id: self.id,
            started_at: self.started_at.parse().map_err(|_| damaged())?,
            provenance: self.provenance.parse().map_err(|_| damaged())?,
            tool_version: self.tool_version,
            host: self.host,
            region: Some(self.region).filter(|region| !region.is_empty()),
            state: if self.ended {
                RecordingState::Ended
            } else {
                RecordingState::Open
            },
        })
    }
}
