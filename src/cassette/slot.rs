//! Where an exchange stands in a cassette.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::identity::RequestKey;

/// The primary key of an exchange: which request, in which scope, for the how-many-th time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The request key.
    pub key: RequestKey,
    /// The scope's name; empty for the default scope.
    pub scope: String,
    /// 0, 1, 2 … of the same key in the same scope.
    pub occurrence: u32,
}

impl Slot {
    /// Where its last attempt stands.
    pub(super) fn outcome(&self) -> AttemptPlace {
        self.place(None)
    }

    /// Where an attempt stands after which others were made.
    pub(super) fn retried(&self, number: u32) -> AttemptPlace {
        AttemptPlace {
            seed: self.outcome().seed,
            ..self.place(Some(number))
        }
    }

    fn place(&self, number: Option<u32>) -> AttemptPlace {
        let mut hash = Sha256::new();
        hash.update(self.key.as_bytes());
        hash.update(self.occurrence.to_le_bytes());
        hash.update(
            number
                .map_or(0, |number| u64::from(number) + 1)
                .to_le_bytes(),
        );
        hash.update(&self.scope);
        AttemptPlace::of(&hash.finalize())
    }

    /// The same request in the same scope, at another time.
    pub(super) fn at(&self, occurrence: u32) -> Self {
        Self {
            occurrence,
            ..self.clone()
        }
    }
}

/// Where an attempt stands in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AttemptPlace {
    /// The row's id.
    pub id: i64,
    /// Goes into the row's checksum, so that no row is taken for one that has the same id. All
    /// attempts of an exchange have one.
    pub seed: u64,
}

impl AttemptPlace {
    fn of(hash: &[u8]) -> Self {
        let mut halves = hash.chunks_exact(8).map(|half| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(half);
            u64::from_be_bytes(bytes)
        });
        Self {
            id: halves.next().unwrap_or_default().cast_signed(),
            seed: halves.next().unwrap_or_default(),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key.short())?;
        if self.occurrence > 0 {
            write!(f, "#{}", self.occurrence)?;
        }
        if !self.scope.is_empty() {
            write!(f, " in scope {}", self.scope)?;
        }
        Ok(())
    }
}
