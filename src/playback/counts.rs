//! What a playback has done so far, counted.

use std::sync::atomic::{AtomicU64, Ordering};

use super::decision::{Kept, Ticket};
use super::report::PlaybackReport;
use crate::cassette::Slot;
use crate::exchange::Attempt;

/// Counts.
#[derive(Debug, Default)]
pub struct Counts {
    replayed: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    missed: AtomicU64,
}

impl Counts {
    /// Counts a request that is served.
    pub fn replay(&self) {
        self.replayed.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request without a recording; how many there were before it.
    pub fn miss(&self) -> u64 {
        self.missed.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts an attempt that is kept; if it replaces one of its ticket, in its place.
    pub fn keep(&self, ticket: &mut Ticket, attempt: &Attempt) {
        let kept = if attempt.is_answer() {
            Kept::Answer
        } else {
            Kept::Failure
        };
        if let Some(before) = ticket.counted.replace(kept) {
            self.of(before).fetch_sub(1, Ordering::Relaxed);
        }
        self.of(kept).fetch_add(1, Ordering::Relaxed);
    }

    const fn of(&self, kept: Kept) -> &AtomicU64 {
        match kept {
            Kept::Answer => &self.answered,
            Kept::Failure => &self.failed,
        }
    }

    /// The figures, with what no request asked for.
    pub fn report(&self, unused: Vec<Slot>) -> PlaybackReport {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        PlaybackReport {
            replayed: read(&self.replayed),
            recorded: read(&self.answered),
            unanswered: read(&self.failed),
            missed: read(&self.missed),
            unused,
        }
    }
}
