//! Rows on their way in.

use rusqlite::{Connection, params};

use super::codec::{MessageCodec, Packer, Text};
use super::error::Problem;
use super::row::{AttemptRow, Role, attempt_digest, headers_text, micros, request_digest};
use super::schema::PIECE;
use super::slot::Slot;
use crate::exchange::{Attempt, Request};

/// Removes an exchange and its attempts.
pub fn delete_exchange(connection: &Connection, slot: &Slot) -> Result<(), Problem> {
    for table in ["attempt", "exchange"] {
        let sql = format!(
            "DELETE FROM {table} WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3"
        );
        let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence];
        connection.execute(&sql, parameters)?;
    }
    Ok(())
}

/// Writes an exchange without attempts, or writes its request again.
pub fn insert_exchange(
    connection: &Connection,
    packer: &mut Packer,
    slot: &Slot,
    recording: u32,
    request: &Request,
) -> Result<(), Problem> {
    let headers = headers_text(&request.headers);
    let message = MessageCodec::encode(&headers, &request.body, packer)?;
    insert_texts(connection, packer, &message.texts)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO exchange
         (request_key, scope, occurrence, recording, operation, path, message, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET recording = excluded.recording,
             operation = excluded.operation, path = excluded.path, message = excluded.message,
             digest = excluded.digest",
    )?;
    statement.execute(params![
        slot.key.as_bytes(),
        slot.scope,
        slot.occurrence,
        recording,
        request.target.operation().name(),
        request.target.path_and_query(),
        message.stored,
        request_digest(slot, recording, request),
    ])?;
    Ok(())
}

/// Writes an attempt, over the one of the same number where there is one.
pub fn insert_attempt(
    connection: &Connection,
    packer: &mut Packer,
    slot: &Slot,
    number: u32,
    attempt: &Attempt,
) -> Result<(), Problem> {
    let neighbours = Neighbours::of(connection, slot, number)?;
    let row = AttemptRow::of(number, neighbours.previous, attempt);
    let message = attempt.response().map(|response| {
        let headers = headers_text(&response.headers);
        MessageCodec::encode(&headers, &response.body.bytes, packer)
    });
    let message = message.transpose()?;
    if let Some(message) = &message {
        insert_texts(connection, packer, &message.texts)?;
    }
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO attempt
         (request_key, scope, occurrence, number, previous, role, ending, status, message,
          chunks, fault_kind, fault_message, first_byte, total, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    statement.execute(params![
        slot.key.as_bytes(),
        slot.scope,
        slot.occurrence,
        number,
        row.previous,
        neighbours.role(attempt).name(),
        row.ending,
        row.status,
        message.map(|message| message.stored),
        row.chunks,
        row.fault.as_ref().map(|fault| fault.kind.name()),
        row.fault.as_ref().map(|fault| fault.message.as_str()),
        micros(row.first_byte),
        micros(row.total),
        attempt_digest(slot, &row, attempt),
    ])?;
    neighbours.mark_retried(connection, slot)
}

/// The attempts around one in its exchange.
struct Neighbours {
    previous: Option<u32>,
    next: Option<u32>,
}

impl Neighbours {
    fn of(connection: &Connection, slot: &Slot, number: u32) -> Result<Self, Problem> {
        let mut statement = connection.prepare_cached(
            "SELECT max(number) FILTER (WHERE number < ?4), min(number) FILTER (WHERE number > ?4)
             FROM attempt WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3",
        )?;
        let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence, number];
        Ok(statement.query_row(parameters, |row| {
            Ok(Self {
                previous: row.get(0)?,
                next: row.get(1)?,
            })
        })?)
    }

    fn role(&self, attempt: &Attempt) -> Role {
        match self.next {
            Some(_) => Role::Retried,
            None => Role::of_last(attempt),
        }
    }

    /// The attempt before this one is no longer the last.
    fn mark_retried(&self, connection: &Connection, slot: &Slot) -> Result<(), Problem> {
        let Some(previous) = self.previous else {
            return Ok(());
        };
        let mut statement = connection.prepare_cached(
            "UPDATE attempt SET role = ?5
             WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3 AND number = ?4",
        )?;
        statement.execute(params![
            slot.key.as_bytes(),
            slot.scope,
            slot.occurrence,
            previous,
            Role::Retried.name(),
        ])?;
        Ok(())
    }
}

fn insert_texts(
    connection: &Connection,
    packer: &mut Packer,
    texts: &[Text],
) -> Result<(), Problem> {
    let mut known = connection.prepare_cached("SELECT 1 FROM text WHERE hash = ?1 LIMIT 1")?;
    let mut insert =
        connection.prepare_cached("INSERT INTO text (hash, piece, bytes) VALUES (?1, ?2, ?3)")?;
    for text in texts {
        if known.exists([text.hash.0])? {
            continue;
        }
        let stored = packer.pack(&text.bytes)?;
        for (piece, bytes) in stored.chunks(PIECE).enumerate() {
            insert.execute(params![text.hash.0, piece, bytes])?;
        }
    }
    Ok(())
}
