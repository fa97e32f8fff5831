//! A call before the turnstile of its model: it waits for its quota, and its time begins as it
//! leaves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::stop::{Stop, Stopped};
use crate::client::{Gate, Waiting};
use crate::clock::SharedClock;
use crate::quota::{Reservation, Size, Turnstile};
use crate::retry::Again;

/// A call's place before its model's turnstile.
#[derive(Clone)]
pub(crate) struct Queue {
    turnstile: Option<Arc<Turnstile>>,
    size: Size,
    stop: Stop,
    departure: Arc<Mutex<Departure>>,
    clock: SharedClock,
}

/// How a call left.
struct Departure {
    /// What it took of its quota.
    taken: Option<Reservation>,
    /// When; a call that met no gate leaves as it is made.
    at: Duration,
}

impl Gate for Queue {
    fn pass(&self) -> Waiting<'_> {
        Box::pin(async {
            if self.stop.is_over() {
                return Err(Stopped.into());
            }
            if let Some(turnstile) = &self.turnstile {
                let reservation = self.stop.or(turnstile.enter(self.size)).await?;
                self.departure().taken = Some(reservation);
            }
            self.departure().at = self.clock.elapsed();
            Ok(())
        })
    }
}

impl Queue {
    /// A place of a call that is made now; without a turnstile nobody waits.
    pub(crate) fn new(
        turnstile: Option<Arc<Turnstile>>,
        size: Size,
        stop: Stop,
        clock: SharedClock,
    ) -> Self {
        let departure = Departure {
            taken: None,
            at: clock.elapsed(),
        };
        Self {
            turnstile,
            size,
            stop,
            departure: Arc::new(Mutex::new(departure)),
            clock,
        }
    }

    /// Tells the turnstile how it went: the tokens of an answer, where they were told, or what
    /// an error says of another try. What a cassette answered took nothing.
    pub(crate) fn settle(&self, went: Result<Option<u64>, Again>) {
        let (Some(turnstile), Some(reservation)) = (&self.turnstile, self.departure().taken.take())
        else {
            return;
        };
        let used = match went {
            Ok(used) => used,
            Err(Again::Slower) => {
                turnstile.throttled();
                Some(0)
            }
            Err(_) => None,
        };
        turnstile.settle(reservation, used);
    }

    /// How long it is since the call left.
    pub(crate) fn underway(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.departure().at)
    }

    fn departure(&self) -> MutexGuard<'_, Departure> {
        self.departure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
