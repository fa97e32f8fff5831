//! Removing exchanges that nobody asks for any more.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::connection::open_writer;
use super::error::{CassetteError, Problem};
use super::insert::delete_exchange;
use super::pack::{Keys, Packed, pack};
use super::read::Reader;
use super::slot::Slot;

/// Removes exchanges from a cassette, such as those that
/// [`PlaybackReport::unused`](crate::playback::PlaybackReport::unused) names, and packs it: what
/// only they referred to is gone from the file as well.
///
/// Occurrences are counted from 0. Of equal requests remove the last ones first, as a report
/// names them: one that lacks an earlier occurrence misses it.
///
/// # Errors
/// A damaged file, a full disk, or another process that has the file open. Either all of these
/// exchanges are gone or none is; what was removed stays removed where only packing fails.
pub fn prune(path: &Path, slots: &[Slot]) -> Result<Packed, CassetteError> {
    let before = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    delete(path, slots)?;
    let packed = pack(path, &Keys::AsTheyAre)?;
    Ok(Packed { before, ..packed })
}

fn delete(path: &Path, slots: &[Slot]) -> Result<(), CassetteError> {
    let keyed_by = Reader::open(path)?.keyed_by()?;
    let mut file = open_writer(path, &keyed_by, None)?;
    let deleted = delete_all(&mut file.connection, slots);
    deleted.map_err(|problem| problem.of(path))
}

/// All or none.
fn delete_all(connection: &mut Connection, slots: &[Slot]) -> Result<(), Problem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for slot in slots {
        delete_exchange(&transaction, slot)?;
    }
    Ok(transaction.commit()?)
}
