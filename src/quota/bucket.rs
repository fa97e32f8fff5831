//! A token bucket that is filled by the time that passes.

use std::time::Duration;

/// Part of a minute's amount that may go at once.
const BURST: f64 = 0.02;
/// Part of a quota that is used in the long run. With the burst it stays below the whole in
/// any minute, however the service cuts its minutes.
const SHARE: f64 = 0.97;

/// A bucket.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    capacity: f64,
    per_second: f64,
    level: f64,
    /// Until when it was filled.
    at: Duration,
}

impl Bucket {
    /// A full bucket for so much in a minute.
    pub(super) fn of_minute(amount: f64, now: Duration) -> Self {
        let capacity = (amount * BURST).max(1.0);
        Self {
            capacity,
            per_second: amount * SHARE / 60.0,
            level: capacity,
            at: now,
        }
    }

    /// Lets in what flowed since the last time, at a part of its speed.
    pub(super) fn fill(&mut self, now: Duration, part: f64) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.level = (self.level + passed * self.per_second * part).min(self.capacity);
        self.at = self.at.max(now);
    }

    /// How long until a cost can be taken, at a part of its speed. What is larger than the
    /// bucket goes when it is full, and leaves it in debt.
    pub(super) fn wait(&self, cost: f64, part: f64) -> Duration {
        let missing = cost.min(self.capacity) - self.level;
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        let seconds = missing / (self.per_second * part);
        // A moment more: rounded down, it would be asked again and again.
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX / 2) + Duration::from_millis(1)
    }

    pub(super) fn take(&mut self, cost: f64) {
        self.level -= cost;
    }

    /// What was taken and not used flows back; more than was taken is taken now.
    pub(super) fn give_back(&mut self, amount: f64) {
        self.level = (self.level + amount).min(self.capacity);
    }

    /// Nothing is left for a moment.
    pub(super) fn empty(&mut self) {
        self.level = self.level.min(0.0);
    }
}
