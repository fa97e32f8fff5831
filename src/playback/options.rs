//! What a user chooses of a playback, each choice a word of its own.

use jiff::Timestamp;

use crate::identity::MatchOn;
use crate::redaction::Redaction;

use super::Mode;

/// Which attempts of an exchange are replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attempts {
    /// The last one at once: the call's outcome, without its retries.
    #[default]
    Outcome,
    /// The same, where it is an answer: what `record-missing` would ask again is a miss here too.
    /// For whoever looks ahead.
    Answers,
    /// Each in turn, one per try of the SDK, so that back-off code can be tested.
    All,
}

/// How fast a recorded answer is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Pace {
    /// At once.
    #[default]
    Instant,
    /// As it was recorded: the first byte and each chunk at its own time.
    Recorded,
    /// With every recorded time multiplied: 0.5 is twice as fast. Values that are no
    /// positive number count as 0.
    Times(f64),
}

/// What is said of exchanges that no request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unused {
    /// Nothing.
    Ok,
    /// A warning in the log.
    #[default]
    Warn,
    /// An error, so that a stale recording is noticed.
    Error,
}

/// Of which replay misses the nearest exchange is looked for; each costs a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Explained {
    /// The first ones of a session.
    #[default]
    First,
    /// None: misses are expected, and counted by whoever asks.
    Never,
}

/// The choices of a playback.
#[derive(Debug, Clone, Default)]
pub struct PlaybackOptions {
    /// The record mode.
    pub mode: Mode,
    /// Which parts of a request count.
    pub match_on: MatchOn,
    /// What is replaced before anything is hashed or reaches disk.
    pub redaction: Redaction,
    /// Which attempts are replayed.
    pub attempts: Attempts,
    /// How fast.
    pub pace: Pace,
    /// What is said of exchanges that were not replayed.
    pub unused: Unused,
    /// Which misses are explained.
    pub explained: Explained,
    /// An answer of a session that began before this is no answer to `record-missing`, which asks
    /// again and replaces it, nor to [`Attempts::Answers`].
    pub since: Option<Timestamp>,
    /// The largest size of the file in bytes, where one is set.
    pub largest: Option<u64>,
}
