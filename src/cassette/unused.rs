//! What a run left over, written down: which exchanges of a cassette it did not ask for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::CassetteError;
use super::read::Reader;
use super::slot::Slot;

/// The exchanges of a cassette that one whole run did not ask for. A run that was cut short
/// leaves over what it never came to: its list would be false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnusedList {
    /// The cassette, as the run named it.
    cassette: PathBuf,
    /// SHA-256 over the slots of every exchange that it held then.
    contents: String,
    unused: BTreeSet<WrittenSlot>,
}

/// Why a list of unused exchanges cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusedListError {
    /// The cassette.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// A list that cannot be read or written.
    #[error("list of unused exchanges `{}`: {source}", path.display())]
    Io {
        /// The list.
        path: PathBuf,
        /// In the system's words.
        #[source]
        source: std::io::Error,
    },
    /// Some other file.
    #[error(
        "`{}` is no list of unused exchanges: {why} (`exec`, `serve` and `run` write one with --unused-file)",
        path.display()
    )]
    NotAList {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The cassette holds other exchanges than the run saw.
    #[error(
        "list `{}` is of other contents than cassette `{}` holds now: expected the exchanges of {expected}, found those of {found} (something was recorded or removed since; replay the run again with --unused-file)",
        list.display(),
        cassette.display()
    )]
    Outdated {
        /// The list.
        list: PathBuf,
        /// The cassette.
        cassette: PathBuf,
        /// The beginning of the fingerprint that the list was made of.
        expected: String,
        /// The beginning of the cassette's own.
        found: String,
    },
}

impl UnusedList {
    /// What a run left over of a cassette as it is now.
    ///
    /// # Errors
    /// A damaged cassette.
    pub fn of(cassette: &Path, unused: &[Slot]) -> Result<Self, CassetteError> {
        Ok(Self {
            cassette: cassette.to_owned(),
            contents: contents(&Reader::open(cassette)?)?,
            unused: unused.iter().map(WrittenSlot::of).collect(),
        })
    }

    /// Reads a list.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no such list.
    pub fn read(path: &Path) -> Result<Self, UnusedListError> {
        let text = std::fs::read(path).map_err(io(path))?;
        serde_json::from_slice(&text).map_err(|error| UnusedListError::NotAList {
            path: path.to_owned(),
            why: error.to_string(),
        })
    }

    /// Writes it, over the list that may stand there.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), UnusedListError> {
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::from);
        let written = text.and_then(|text| std::fs::write(path, text + "\n"));
        written.map_err(io(path))
    }

    /// The exchanges that every one of several lists names, in the order of the cassette: what
    /// one run left over another may still need.
    ///
    /// # Errors
    /// A list that cannot be read, or one of other contents than the cassette holds.
    pub fn common(cassette: &Path, lists: &[PathBuf]) -> Result<Vec<Slot>, UnusedListError> {
        let reader = Reader::open(cassette)?;
        let held = contents(&reader)?;
        let mut slots = reader.slots()?;
        for path in lists {
            let list = Self::read(path)?;
            list.check(path, cassette, &held)?;
            slots.retain(|slot| list.unused.contains(&WrittenSlot::of(slot)));
        }
        Ok(slots)
    }

    fn check(&self, list: &Path, cassette: &Path, held: &str) -> Result<(), UnusedListError> {
        if self.contents == held {
            return Ok(());
        }
        let short = |text: &str| text.chars().take(8).collect();
        Err(UnusedListError::Outdated {
            list: list.to_owned(),
            cassette: cassette.to_owned(),
            expected: short(&self.contents),
            found: short(held),
        })
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> UnusedListError {
    let path = path.to_owned();
    |source| UnusedListError::Io { path, source }
}

/// A slot with its whole key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSlot {
    key: String,
    scope: String,
    occurrence: u32,
}

impl WrittenSlot {
    fn of(slot: &Slot) -> Self {
        Self {
            key: slot.key.to_string(),
            scope: slot.scope.clone(),
            occurrence: slot.occurrence,
        }
    }
}

/// Which exchanges a cassette holds, whatever was answered in them.
fn contents(reader: &Reader) -> Result<String, CassetteError> {
    let mut hash = Sha256::new();
    for slot in reader.slots()? {
        hash.update(slot.key.as_bytes());
        hash.update(slot.occurrence.to_le_bytes());
        hash.update((slot.scope.len() as u64).to_le_bytes());
        hash.update(&slot.scope);
    }
    Ok(hex::encode(hash.finalize()))
}
