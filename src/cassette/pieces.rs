//! Bytes of any length as rows of a table, each with its checksum and of a size that lets four
//! fill a page: the table `text`, and `dictionary`.

use rusqlite::{Row, Rows, Statement, params};

use super::digest::Checksum;
use super::error::Problem;

/// The most bytes of a row; with its other columns it takes a quarter of the largest page.
const LONGEST: usize = 2_000;

/// The first byte of a piece.
mod mark {
    pub const LAST: u8 = 0;
    pub const MORE_FOLLOW: u8 = 1;
}

/// Writes the pieces in rows `first`, `first + 1` … by a statement that takes id, bytes and
/// checksum.
pub fn insert(statement: &mut Statement<'_>, first: i64, bytes: &[u8]) -> Result<(), Problem> {
    let mut pieces = bytes.chunks(LONGEST - 1).peekable();
    let mut id = first;
    while let Some(piece) = pieces.next() {
        let mark = match pieces.peek() {
            Some(_) => mark::MORE_FOLLOW,
            None => mark::LAST,
        };
        let stored = [&[mark], piece].concat();
        statement.execute(params![id, stored, checksum(id, &stored)])?;
        id = id.wrapping_add(1);
    }
    Ok(())
}

/// Reads pieces from rows of id, bytes and checksum that begin at `first`; nothing where they
/// begin elsewhere.
///
/// # Errors
/// A piece that is damaged or missing.
pub fn read<T>(
    mut rows: Rows<'_>,
    first: i64,
    read: impl FnOnce(&[u8]) -> T,
) -> Result<Option<T>, Problem> {
    let Some(piece) = next(&mut rows, first)? else {
        return Ok(None);
    };
    if piece.is_last {
        return Ok(Some(read(piece.bytes)));
    }
    let mut whole = piece.bytes.to_vec();
    let mut id = first;
    loop {
        id = id.wrapping_add(1);
        let missing = || Problem::damaged("a piece of a long text is missing");
        let piece = next(&mut rows, id)?.ok_or_else(missing)?;
        whole.extend_from_slice(piece.bytes);
        if piece.is_last {
            return Ok(Some(read(&whole)));
        }
    }
}

struct Piece<'r> {
    bytes: &'r [u8],
    is_last: bool,
}

fn next<'r>(rows: &'r mut Rows<'_>, id: i64) -> Result<Option<Piece<'r>>, Problem> {
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    if row.get::<_, i64>(0)? != id {
        return Ok(None);
    }
    let damaged = || Problem::damaged("a piece of a long text");
    check(row, id)?.ok_or_else(damaged).map(Some)
}

fn check<'r>(row: &'r Row<'_>, id: i64) -> Result<Option<Piece<'r>>, Problem> {
    let stored = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
    if row.get::<_, i64>(2)? != checksum(id, stored) {
        return Ok(None);
    }
    Ok(stored.split_first().map(|(mark, bytes)| Piece {
        bytes,
        is_last: *mark == mark::LAST,
    }))
}

fn checksum(id: i64, stored: &[u8]) -> i64 {
    Checksum::of(id.cast_unsigned(), stored)
}
