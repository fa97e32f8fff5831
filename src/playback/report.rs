//! What a playback did: hits, recordings, misses, and what nobody asked for.

use std::fmt;

use crate::cassette::Slot;

/// Exchanges that are named in a report.
const NAMED: usize = 5;

/// What a playback did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaybackReport {
    /// Requests served from the cassette.
    pub replayed: u64,
    /// Answers recorded.
    pub recorded: u64,
    /// Transmissions that came to no answer: throttled, failed or cut, or refused to whoever
    /// asked. They are kept, unless an answer of before stands there; `record-missing` asks again.
    pub unanswered: u64,
    /// Requests without a recording.
    pub missed: u64,
    /// Exchanges that no request asked for, in the order of the cassette: in mode `replay` all of
    /// them, in mode `record-all` those of earlier recordings, which stay until they are
    /// [pruned](crate::cassette::prune).
    pub unused: Vec<Slot>,
}

/// Exchanges were left over, and the user wants to know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnusedExchanges {
    /// The cassette.
    pub cassette: std::path::PathBuf,
    /// The exchanges.
    pub unused: Vec<Slot>,
}

impl fmt::Display for UnusedExchanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.unused.len();
        let cassette = self.cassette.display();
        let (exchanges, were) = match count {
            1 => ("exchange", "was"),
            _ => ("exchanges", "were"),
        };
        let named: Vec<String> = self
            .unused
            .iter()
            .take(NAMED)
            .map(Slot::to_string)
            .collect();
        write!(
            f,
            "{count} {exchanges} of cassette `{cassette}` {were} not asked for: {}",
            named.join(", ")
        )?;
        if count > NAMED {
            write!(f, " and {} more", count - NAMED)?;
        }
        f.write_str(" (`cassette::prune` or `bedrock-replay cassette prune` removes them; `Unused::Ok` keeps them)")
    }
}
