//! What a request gets.

use std::time::Duration;

use super::lanes::Call;
use super::{MissReason, Scope, Took};
use crate::cassette::{Place, Slot};
use crate::exchange::{Attempt, Request};
use crate::identity::{CanonicalRequest, RequestKey};

/// The answer to "what does this request get?".
#[derive(Debug)]
pub enum Decision {
    /// A recorded attempt.
    Replay(Box<Replayed>),
    /// It is sent on, and what comes back is recorded.
    Forward(Box<Ticket>),
    /// It is sent on, and nothing is kept.
    Pass,
    /// It fails, with an explanation that [`Playback::explain`](super::Playback::explain) finds.
    Miss(Box<Missing>),
}

/// A request without a recording, before it is explained: to look for what comes nearest takes
/// longer than to serve hundreds of others.
#[derive(Debug, Clone)]
pub struct Missing {
    pub(super) request: CanonicalRequest,
    pub(super) key: RequestKey,
    pub(super) scope: Scope,
    /// Misses of this session before it.
    pub(super) before: u64,
    /// Why, where it is known without a search.
    pub(super) reason: Option<MissReason>,
}

/// A recorded attempt that is served.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Where it stands.
    pub slot: Slot,
    /// Which attempt of its exchange it is, from 0.
    pub number: u32,
    /// The attempt.
    pub attempt: Attempt,
}

/// A call that is being recorded: what its attempts will be stored under.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The request, redacted.
    pub(super) request: Request,
    /// The scope that it was made in.
    pub(super) scope: Scope,
    pub(super) call: Call,
    pub(super) place: Place,
    /// As what an attempt of it was counted before, perhaps as far as it had come then.
    pub(super) counted: Option<Kept>,
    /// As what the one was that it replaces.
    pub(super) counted_before: Option<Kept>,
    /// The clock's time when the transmission began.
    pub(super) began: Duration,
    pub(super) took: Took,
}

/// What an attempt that is kept came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Answer,
    /// A fault, or a response that is none.
    Failure,
}

impl Ticket {
    /// The request as it will be stored.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The scope that it was made in.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How long its last transmission took, once that is recorded.
    #[must_use]
    pub const fn took(&self) -> &Took {
        &self.took
    }
}
