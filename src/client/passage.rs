//! What one call takes along on its way through a cassette: a gate that may hold it back
//! before it leaves this process, and a note of the way that it went.
//!
//! Who waits for a quota must wait only for what is really sent: a call that the cassette
//! answers passes no gate, and the time at a gate is no part of a recorded time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::playback::Took;

tokio::task_local! {
    static CURRENT: Arc<Passage>;
}

/// A wait at a gate; an error keeps the call from leaving at all.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a call waits for before it leaves the process.
pub trait Gate: Send + Sync {
    /// Over once the call may leave.
    fn pass(&self) -> Waiting<'_>;
}

/// The way that a call went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Way {
    /// It met no cassette, or never left.
    #[default]
    Unknown,
    /// It was answered by a recorded attempt.
    Replayed {
        /// Which attempt of its exchange answered, from 0.
        number: u32,
        /// How long the attempt took when it was recorded.
        total: Duration,
    },
    /// It was sent.
    Sent,
}

/// Where an answer came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The region that gave it, now or when it was recorded; `None` where neither the host nor
    /// the caller names one.
    pub region: Option<String>,
    /// When its recording began; `None` where it was given now.
    pub recorded_at: Option<Timestamp>,
}

impl Whereabouts {
    /// The day of its recording, in UTC; `None` where it was given now.
    #[must_use]
    pub fn recorded_on(&self) -> Option<Date> {
        let at = self.recorded_at?;
        Some(at.to_zoned(TimeZone::UTC).date())
    }
}

/// One transmission's passage.
pub struct Passage {
    gate: Option<Box<dyn Gate>>,
    /// Where it leads; `None` is the client's own region.
    region: Option<String>,
    way: Mutex<Way>,
    answer: Mutex<Option<Whereabouts>>,
    took: Mutex<Took>,
}

impl Passage {
    /// A passage through a gate, where there is one, to a region, where one is chosen.
    #[must_use]
    pub fn new(gate: Option<Box<dyn Gate>>, region: Option<String>) -> Arc<Self> {
        Arc::new(Self {
            gate,
            region,
            way: Mutex::default(),
            answer: Mutex::default(),
            took: Mutex::default(),
        })
    }

    /// Makes the calls of a future take this passage.
    pub async fn enter<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        CURRENT.scope(Arc::clone(self), future).await
    }

    /// The way that was taken.
    #[must_use]
    pub fn way(&self) -> Way {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the answer came from; `None` where none came, or the call met no cassette.
    #[must_use]
    pub fn answer(&self) -> Option<Whereabouts> {
        let answer = self.answer.lock();
        answer.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long what was sent took as it was recorded; `None` where nothing was recorded.
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        self.took
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .time()
    }

    pub(super) fn note_took(&self, took: &Took) {
        *self.took.lock().unwrap_or_else(PoisonError::into_inner) = took.clone();
    }

    /// Where it leads, where one was chosen.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    pub(super) fn note_answer(&self, answer: Whereabouts) {
        let mut noted = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = Some(answer);
    }

    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// Waits until the call may leave.
    pub(super) async fn leave(&self) -> Result<(), BoxError> {
        if let Some(gate) = &self.gate {
            gate.pass().await?;
        }
        self.note(Way::Sent);
        Ok(())
    }

    pub(super) fn note(&self, way: Way) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = way;
    }
}

impl std::fmt::Debug for Passage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passage")
            .field("way", &self.way())
            .finish_non_exhaustive()
    }
}
