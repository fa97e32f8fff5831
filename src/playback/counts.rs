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
        ticket.counted_before = ticket.counted.replace(kept);
        self.exchange(ticket.counted_before, ticket.counted);
    }

    /// Takes back what was counted last of a ticket: it is not kept, and what it would have
    /// replaced still is.
    pub fn lose(&self, ticket: &mut Ticket) {
        let lost = ticket.counted;
        ticket.counted = ticket.counted_before.take();
        self.exchange(lost, ticket.counted);
    }

    fn exchange(&self, before: Option<Kept>, now: Option<Kept>) {
        if let Some(before) = before {
            self.of(before).fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(now) = now {
            self.of(now).fetch_add(1, Ordering::Relaxed);
        }
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
