//! Rows on their way in.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::codec::{MessageCodec, Packer, Text};
use super::error::Problem;
use super::pieces;
use super::read::SELECT_TEXT;
use super::row::{
    AttemptRow, Role, SELECT_ATTEMPT, StoredRow, attempt_digest, micros, request_digest,
};
use super::slot::{AttemptPlace, Slot};
use crate::exchange::{Attempt, Request};

/// Removes an exchange and its attempts.
pub fn delete_exchange(connection: &Connection, slot: &Slot) -> Result<(), Problem> {
    let mut place = Some(slot.outcome());
    while let Some(next) = place {
        // Whether it is damaged or not: what is recorded anew takes its place.
        let sql = "SELECT previous FROM attempt WHERE id = ?1";
        let previous: Option<u32> = connection
            .query_row(sql, [next.id], |row| row.get(0))
            .optional()?
            .flatten();
        connection.execute("DELETE FROM attempt WHERE id = ?1", [next.id])?;
        place = previous.map(|number| slot.retried(number));
    }
    let sql = "DELETE FROM exchange WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3";
    let parameters = params![slot.key.as_bytes(), slot.scope, slot.occurrence];
    connection.execute(sql, parameters)?;
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
    let message = MessageCodec::encode(&request.headers, &request.body, packer)?;
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
    let room = Room::make(connection, slot, number)?;
    let row = AttemptRow::of(number, room.previous, attempt);
    let message = attempt
        .response()
        .map(|response| MessageCodec::encode(&response.headers, &response.body.bytes, packer));
    let message = message.transpose()?;
    if let Some(message) = &message {
        insert_texts(connection, packer, &message.texts)?;
    }
    let message = message.map(|message| message.stored);
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO attempt
         (id, number, previous, role, ending, status, message, chunks, fault_kind,
          fault_message, first_byte, total, checksum, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    let role = if room.is_last {
        Role::of_last(attempt)
    } else {
        Role::Retried
    };
    statement.execute(params![
        room.place.id,
        number,
        row.previous,
        role.name(),
        row.ending,
        row.status,
        message,
        row.chunks,
        row.fault.as_ref().map(|fault| fault.kind.name()),
        row.fault.as_ref().map(|fault| fault.message.as_str()),
        micros(row.first_byte),
        micros(row.total),
        row.checksum(room.place, message.as_deref()),
        attempt_digest(slot, &row, attempt),
    ])?;
    Ok(())
}

/// Where an attempt goes among those of its exchange.
struct Room {
    place: AttemptPlace,
    previous: Option<u32>,
    is_last: bool,
}

impl Room {
    /// Moves the attempt that was the last aside, if it no longer is.
    fn make(connection: &Connection, slot: &Slot, number: u32) -> Result<Self, Problem> {
        let place = slot.outcome();
        let last = Standing::at(connection, place)?;
        if last.as_ref().is_some_and(|last| last.number > number) {
            return Self::before(connection, slot, number);
        }
        let previous = match last {
            Some(last) if last.number == number => last.previous,
            Some(last) => {
                last.move_aside(connection, slot)?;
                Some(last.number)
            }
            None => None,
        };
        Ok(Self {
            place,
            previous,
            is_last: true,
        })
    }

    fn before(connection: &Connection, slot: &Slot, number: u32) -> Result<Self, Problem> {
        let mut place = slot.outcome();
        let mut previous = None;
        while let Some(standing) = Standing::at(connection, place)? {
            previous = standing.previous;
            match previous {
                Some(earlier) if earlier >= number => place = slot.retried(earlier),
                _ => break,
            }
        }
        Ok(Self {
            place: slot.retried(number),
            previous,
            is_last: false,
        })
    }
}

/// An attempt that stands somewhere.
struct Standing {
    number: u32,
    previous: Option<u32>,
}

impl Standing {
    /// # Errors
    /// A row that is damaged, or that belongs to another exchange: two of many quintillions
    /// may have one id.
    fn at(connection: &Connection, place: AttemptPlace) -> Result<Option<Self>, Problem> {
        let mut statement = connection.prepare_cached(SELECT_ATTEMPT)?;
        let found = statement.query_row([place.id], |row| {
            let stored = StoredRow::read(row)?;
            Ok(stored.is_sound(place).then_some(Self {
                number: stored.row.number,
                previous: stored.row.previous,
            }))
        });
        match found.optional()? {
            Some(None) => Err(Problem::damaged(
                "an attempt of an exchange that is recorded",
            )),
            found => Ok(found.flatten()),
        }
    }

    /// It is no longer the last.
    fn move_aside(&self, connection: &Connection, slot: &Slot) -> Result<(), Problem> {
        let sql = "UPDATE attempt SET id = ?2, role = ?3 WHERE id = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let (from, to) = (slot.outcome(), slot.retried(self.number));
        statement.execute(params![from.id, to.id, Role::Retried.name()])?;
        Ok(())
    }
}

fn insert_texts(
    connection: &Connection,
    packer: &mut Packer,
    texts: &[Text],
) -> Result<(), Problem> {
    let mut select = connection.prepare_cached(SELECT_TEXT)?;
    let mut insert = connection
        .prepare_cached("INSERT OR REPLACE INTO text (id, bytes, checksum) VALUES (?1, ?2, ?3)")?;
    for text in texts {
        let id = text.id.0;
        let is_same = |stored: &[u8]| packer.is_packed(&text.bytes, stored);
        match pieces::read(select.query([id])?, id, is_same) {
            Ok(Some(true)) => {}
            // Two of many quintillions may have one id.
            Ok(Some(false)) => return Err(Problem::damaged("a long text is another one")),
            // What is recorded anew mends what is damaged.
            Ok(None) | Err(Problem::Damaged { .. }) => {
                pieces::insert(&mut insert, id, &packer.pack(&text.bytes)?)?;
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(())
}
