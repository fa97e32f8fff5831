//! Recordings in an order that does not depend on who wrote first.

use std::collections::BTreeMap;

use super::error::{CassetteError, Problem};
use super::read::{Reader, StoredExchange};
use super::recording::Recording;

/// The recordings of a cassette in the order of their dates, whatever their ids: equal ones as
/// one, those of no exchange left out.
#[derive(Debug)]
pub struct InOrder {
    /// Numbered from 1.
    pub recordings: Vec<Recording>,
    numbers: BTreeMap<u32, u32>,
}

impl InOrder {
    /// Reads them.
    pub fn of(reader: &Reader) -> Result<Self, CassetteError> {
        let used = reader.used_recordings()?;
        let mut found = reader.recordings()?;
        found.retain(|recording| used.contains(&recording.id));
        let mut sorted: Vec<(Recording, u32)> = found
            .into_iter()
            .map(|recording| (recording.clone().numbered(0), recording.id))
            .collect();
        sorted.sort();
        let mut in_order = Self {
            recordings: Vec::new(),
            numbers: BTreeMap::new(),
        };
        for (recording, id) in sorted {
            let number = in_order.add(&recording);
            in_order.numbers.insert(id, number);
        }
        Ok(in_order)
    }

    fn add(&mut self, recording: &Recording) -> u32 {
        match self.recordings.last() {
            Some(last) if last.clone().numbered(0) == *recording => last.id,
            last => {
                let number = last.map_or(1, |last| last.id + 1);
                self.recordings.push(recording.clone().numbered(number));
                number
            }
        }
    }

    /// The number of an exchange's recording.
    pub fn number(&self, stored: &StoredExchange) -> Result<u32, Problem> {
        let number = self.numbers.get(&stored.recording).copied();
        number
            .ok_or_else(|| Problem::damaged(format!("exchange {} names no recording", stored.slot)))
    }
}
