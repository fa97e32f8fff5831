//! The digest and the checksum of a row. SQLite does not notice a flipped bit; with these a row
//! that is read is the row that was written.

use sha2::{Digest as _, Sha256};
use twox_hash::XxHash3_64;

use super::slot::Slot;

/// The front of a SHA-256: enough for damage, which does not choose.
pub type Digest = [u8; 8];

/// A hash over the parts of a row, each with its length in front.
pub struct RowHash(Sha256);

impl RowHash {
    /// A row of a table.
    pub fn new(table: &str) -> Self {
        let mut hash = Self(Sha256::new());
        hash.text(table);
        hash
    }

    /// A row of a table that belongs to an exchange.
    pub fn of_slot(table: &str, slot: &Slot) -> Self {
        let mut hash = Self::new(table);
        hash.bytes(slot.key.as_bytes());
        hash.text(&slot.scope);
        hash.number(slot.occurrence.into());
        hash
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    /// The digest.
    pub fn finish(self) -> Digest {
        let all = self.0.finalize();
        let mut digest = Digest::default();
        for (byte, front) in digest.iter_mut().zip(all) {
            *byte = front;
        }
        digest
    }
}

/// A fast checksum over a row as it is stored, each part with its length in front: what a replay
/// checks, for which a [`Digest`] over what was on the wire would cost a tenth of the call.
#[derive(Debug)]
pub struct Checksum {
    seed: u64,
    parts: Vec<u8>,
}

impl Checksum {
    /// A checksum that holds only where the row belongs; about so many bytes will be added.
    pub fn new(seed: u64, about: usize) -> Self {
        Self {
            seed,
            parts: Vec::with_capacity(about),
        }
    }

    /// Of bytes alone.
    pub fn of(seed: u64, bytes: &[u8]) -> i64 {
        XxHash3_64::oneshot_with_seed(seed, bytes).cast_signed()
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.parts.extend_from_slice(bytes);
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) {
        self.parts.extend_from_slice(&number.to_le_bytes());
    }

    /// The checksum.
    pub fn finish(self) -> i64 {
        Self::of(self.seed, &self.parts)
    }
}
