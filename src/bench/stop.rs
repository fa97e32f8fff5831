//! The wish that a run ask nothing more.

use std::sync::Arc;

use tokio::sync::watch;

/// Stops a run between two calls: what was asked is still answered, nothing else is asked.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Course>>);

/// How a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    On,
    /// Somebody stopped it.
    Stopped,
    /// It stopped by itself: every other call would end like the last one.
    GivenUp,
}

/// A call that was not made because its run was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run was stopped")]
pub(crate) struct Stopped;

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Course::On)))
    }
}

impl Stop {
    /// Stops the run.
    pub fn ask(&self) {
        self.0.send_replace(Course::Stopped);
    }

    /// Whether somebody stopped it.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() == Course::Stopped
    }

    /// Stops the run by itself, unless somebody did before.
    pub(crate) fn give_up(&self) {
        self.0.send_if_modified(|course| {
            let goes_on = *course == Course::On;
            if goes_on {
                *course = Course::GivenUp;
            }
            goes_on
        });
    }

    /// Whether nothing more is asked.
    pub(crate) fn is_over(&self) -> bool {
        *self.0.borrow() != Course::On
    }

    /// Over once it is stopped.
    pub(crate) async fn asked(&self) {
        let mut changes = self.0.subscribe();
        // The sender lives as long as this borrow of it.
        let _ = changes.wait_for(|course| *course != Course::On).await;
    }

    /// Waits for a future, but no longer than until the run is stopped.
    pub(crate) async fn or<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        use futures_util::future::{Either, select};
        let (stopped, future) = (std::pin::pin!(self.asked()), std::pin::pin!(future));
        match select(stopped, future).await {
            Either::Left(_) => Err(Stopped),
            Either::Right((output, _)) => Ok(output),
        }
    }
}
