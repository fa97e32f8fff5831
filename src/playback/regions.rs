//! Which region gave a recorded answer: a fact of its recording, and no part of its key.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cassette::{CassetteError, Reader, Slot};

/// A recording's region, where it is known.
type Region = Option<String>;

/// The regions of a cassette's recordings, read when they are first asked for.
#[derive(Debug, Default)]
pub struct Regions(Mutex<HashMap<u32, Region>>);

impl Regions {
    /// The region of an exchange. Where all recordings have the same one, no exchange has to
    /// be looked up.
    ///
    /// # Errors
    /// A damaged file.
    pub fn of(&self, slot: &Slot, reader: &Reader) -> Result<Region, CassetteError> {
        let mut known = self.known();
        if known.is_empty() {
            learn(&mut known, reader)?;
        }
        if let Some(only) = the_only(&known) {
            return Ok(only.clone());
        }
        let Some(recording) = reader.recording_of(slot)? else {
            return Ok(None);
        };
        if !known.contains_key(&recording) {
            // Begun since, by this session or another one.
            learn(&mut known, reader)?;
        }
        Ok(known.get(&recording).cloned().flatten())
    }

    /// A panic elsewhere leaves it whole: entries are only ever added.
    fn known(&self) -> MutexGuard<'_, HashMap<u32, Region>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn learn(known: &mut HashMap<u32, Region>, reader: &Reader) -> Result<(), CassetteError> {
    let recordings = reader.recordings()?.into_iter();
    known.extend(recordings.map(|recording| (recording.id, recording.region)));
    Ok(())
}

fn the_only(known: &HashMap<u32, Region>) -> Option<&Region> {
    let mut regions = known.values();
    let first = regions.next()?;
    regions.all(|other| other == first).then_some(first)
}
