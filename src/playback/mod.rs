//! The decision what a request gets; knows no transport.
//!
//! [`Playback`] is one cassette in one [`Mode`]: every door turns its transport into a
//! `Request`, asks [`Playback::decide`], and serves, forwards or refuses. `lanes` counts
//! occurrences per [`Scope`] and ties retries to their call; `files` opens the cassette as the
//! mode needs it, `reading` lets reads share a transaction; `counts` what was done; `whence` tells where and when an answer was
//! given, [`Took`] how long a recorded one took; [`ReplayMiss`] explains itself, once `explaining` has found out why.

mod counts;
mod decision;
mod engine;
mod explaining;
mod files;
mod lanes;
mod miss;
mod mode;
mod options;
mod reading;
mod report;
mod scope;
mod took;
mod whence;

pub use decision::{Decision, Missing, Replayed, Ticket};
pub use engine::{FinishError, Playback};
pub use miss::{MissReason, ReplayMiss};
pub use mode::{MODE_VARIABLE, Mode, ResolvedMode, UnknownMode, UnusableMode};
pub use options::{Attempts, Explained, Pace, PlaybackOptions, Unused};
pub use report::{PlaybackReport, UnusedExchanges};
pub use scope::{InScope, Scope};
pub use took::Took;
pub use whence::Whence;
