//! A queue before a pace: calls leave in the order in which they came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::limit::{Limit, Size};
use super::pace::{Pace, Reservation};
use crate::clock::SharedClock;

/// Where the calls to one model in one region wait.
#[derive(Debug)]
pub struct Turnstile {
    pace: Mutex<Pace>,
    /// Who holds it is the next to leave.
    first: tokio::sync::Mutex<()>,
    changed: Notify,
    clock: SharedClock,
}

impl Turnstile {
    /// A turnstile for a quota.
    #[must_use]
    pub fn new(limit: Option<Limit>, clock: SharedClock) -> Self {
        Self {
            pace: Mutex::new(Pace::new(limit, clock.elapsed())),
            first: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            clock,
        }
    }

    /// Waits until a call of that size may leave.
    pub async fn enter(&self, size: Size) -> Reservation {
        let _first = self.first.lock().await;
        loop {
            // Asked for before the pace is, so that no change is slept through.
            let changed = self.changed.notified();
            let taken = self.pace().take(self.clock.elapsed(), size);
            match taken {
                Ok(reservation) => return reservation,
                Err(wait) => drop(tokio::time::timeout(wait, changed).await),
            }
        }
    }

    /// Tells what a call used, where it is known.
    pub fn settle(&self, reservation: Reservation, used: Option<u64>) {
        self.pace().settle(reservation, used);
        self.changed.notify_waiters();
    }

    /// Tells that the service throttled a call.
    pub fn throttled(&self) {
        self.pace().throttled(self.clock.elapsed());
    }

    /// A panic elsewhere leaves a pace as it was before or after its step.
    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One turnstile for each region and model.
#[derive(Debug)]
pub struct Turnstiles {
    clock: SharedClock,
    known: Mutex<HashMap<(String, String), Arc<Turnstile>>>,
}

impl Turnstiles {
    /// None yet.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            known: Mutex::default(),
        }
    }

    /// The turnstile of a model in a region.
    pub fn of(
        &self,
        region: &str,
        model: &str,
        limit: impl FnOnce() -> Option<Limit>,
    ) -> Arc<Turnstile> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (region.to_owned(), model.to_owned());
        let new = || Arc::new(Turnstile::new(limit(), Arc::clone(&self.clock)));
        Arc::clone(known.entry(place).or_insert_with(new))
    }
}
