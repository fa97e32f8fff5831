//! Where and when a recorded answer was given: facts of its recording, and no part of its key.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::cassette::{CassetteError, Reader, Slot};

/// Where and when an answer was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whence {
    /// The region that gave it, where it is known.
    pub region: Option<String>,
    /// When its recording began.
    pub at: Timestamp,
}

/// What a cassette says of its recordings, read when it is first asked for.
#[derive(Debug, Default)]
pub struct Recordings(Mutex<HashMap<u32, Whence>>);

impl Recordings {
    /// Where and when an exchange was recorded. Where all recordings are alike, no exchange has
    /// to be looked up.
    ///
    /// # Errors
    /// A damaged file.
    pub fn of(&self, slot: &Slot, reader: &Reader) -> Result<Option<Whence>, CassetteError> {
        let mut known = self.known();
        if known.is_empty() {
            learn(&mut known, reader)?;
        }
        if let Some(only) = the_only(&known) {
            return Ok(Some(only.clone()));
        }
        let Some(recording) = reader.recording_of(slot)? else {
            return Ok(None);
        };
        if !known.contains_key(&recording) {
            // Begun since, by this session or another one.
            learn(&mut known, reader)?;
        }
        Ok(known.get(&recording).cloned())
    }

    /// A panic elsewhere leaves it whole: entries are only ever added.
    fn known(&self) -> MutexGuard<'_, HashMap<u32, Whence>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn learn(known: &mut HashMap<u32, Whence>, reader: &Reader) -> Result<(), CassetteError> {
    for recording in reader.recordings()? {
        let whence = Whence {
            region: recording.region,
            at: recording.started_at,
        };
        known.insert(recording.id, whence);
    }
    Ok(())
}

fn the_only(known: &HashMap<u32, Whence>) -> Option<&Whence> {
    let mut all = known.values();
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
