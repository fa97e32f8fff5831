//! A cassette as text, for eyes, `git diff` and merges: one JSON object a line, in an order
//! that follows from the content alone.

use std::io::Write;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::{CassetteError, Problem};
use super::in_order::InOrder;
use super::lines::{ExchangeLine, HeaderLine, Line, RecordingLine};
use super::read::Reader;
use super::slot::Slot;

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The cassette.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// Where it is written to.
    #[error("the export could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Writes a cassette as text: a line on what keyed it, its recordings in the order of their
/// dates, its exchanges by scope and then as a conversation grows.
///
/// # Errors
/// A damaged cassette, or `out` that takes no more.
pub fn export(reader: &mut Reader, out: &mut dyn Write) -> Result<(), ExportError> {
    reader.held(|reader| write_all(reader, out))
}

fn write_all(reader: &mut Reader, out: &mut dyn Write) -> Result<(), ExportError> {
    let keyed_by = reader.keyed_by()?;
    let header = HeaderLine::of(&keyed_by)
        .map_err(|_| Problem::damaged("its match-on rules").of(reader.path()))?;
    write_line(out, &Line::Cassette(header))?;
    let recordings = InOrder::of(reader)?;
    for recording in &recordings.recordings {
        write_line(out, &Line::Recording(RecordingLine::of(recording)))?;
    }
    for slot in in_conversation_order(reader)? {
        let Some(stored) = reader.exchange(&slot)? else {
            return Err(Problem::damaged(format!("exchange {slot} is gone"))
                .of(reader.path())
                .into());
        };
        let recording = recordings.number(&stored);
        let recording = recording.map_err(|problem| problem.of(reader.path()))?;
        let exchange = &stored.exchange;
        let line = ExchangeLine::of(&slot, recording, &exchange.request, &exchange.attempts);
        write_line(out, &Line::Exchange(Box::new(line)))?;
    }
    Ok(())
}

fn write_line(out: &mut dyn Write, line: &Line) -> Result<(), ExportError> {
    let mut text = serde_json::to_vec(line).map_err(std::io::Error::from)?;
    text.push(b'\n');
    out.write_all(&text)?;
    Ok(())
}

/// Every slot: by scope, and in it by how much has been said, so that a dialogue reads from
/// its beginning whoever was recorded first.
///
/// # Errors
/// A damaged cassette.
pub fn in_conversation_order(reader: &mut Reader) -> Result<Vec<Slot>, CassetteError> {
    let mut keyed = Vec::new();
    for slot in reader.slots()? {
        let body = reader
            .request(&slot)?
            .map(|request| request.body)
            .unwrap_or_default();
        keyed.push(((messages(&body), body.len()), slot));
    }
    keyed.sort_by(|(size, slot), (other_size, other)| {
        let place = (&slot.scope, size, &slot.key, slot.occurrence);
        place.cmp(&(&other.scope, other_size, &other.key, other.occurrence))
    });
    Ok(keyed.into_iter().map(|(_, slot)| slot).collect())
}

fn messages(body: &[u8]) -> usize {
    #[derive(Deserialize)]
    struct Conversation {
        #[serde(default)]
        messages: Vec<IgnoredAny>,
    }
    serde_json::from_slice(body).map_or(0, |body: Conversation| body.messages.len())
}
