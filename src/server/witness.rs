//! Who is told of each call: a log, a test.

use std::fmt;
use std::time::Duration;

use crate::exchange::Operation;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The cassette.
    Hit,
    /// The upstream; it is in the cassette now.
    Recorded,
    /// The upstream, in mode `passthrough`.
    Passed,
    /// Nowhere: nothing is recorded.
    Miss,
    /// The endpoint itself, which does not take such a request.
    Refused,
}

impl Source {
    /// The word that is shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Recorded => "recorded",
            Self::Passed => "passed",
            Self::Miss => "miss",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An answered call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The operation, where the path has one.
    pub operation: Option<Operation>,
    /// The model, or what else it was addressed to.
    pub subject: String,
    /// The scope; empty for the default.
    pub scope: String,
    /// Where the answer came from.
    pub source: Source,
    /// The status; none where the connection was ended instead.
    pub status: Option<u16>,
    /// From the request to the end of the answer.
    pub elapsed: Duration,
    /// Why, where it was refused.
    pub note: Option<String>,
}

/// Is told of each call when its answer has ended. It is called between two answers: it must
/// not wait for anything.
pub trait Witness: fmt::Debug + Send + Sync {
    /// A call was answered.
    fn answered(&self, call: &Answered);
}
