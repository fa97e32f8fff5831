//! How long a transmission took, for who sent it: the same that a replay of it will tell.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a transmission took as it was recorded, from its request's first byte to the end of
/// its answer. Its clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Took(Arc<Mutex<Option<Duration>>>);

impl Took {
    /// `None` until it is recorded.
    #[must_use]
    pub fn time(&self) -> Option<Duration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
    }
}
