//! Runs that another program stored: `raw/runs/RUN/turn_NNN.json` and `judge_NNN.json`.
//!
//! `docs/stored-runs.md` tells that layout. [`StoredRuns`] reads a folder into transcripts, so that old weeks can be read, shown and
//! judged again. What that program mixed up is told apart and named as [`Finding`]s: an error
//! that was stored as an answer is no answer, and a judgment that does not hold is no score.

mod files;
mod left_alone;
mod mistaken;
mod read;
mod rejudge;

pub use files::StoredError;
pub use left_alone::{LeftAlone, WhyLeftAlone};
pub use read::{About, Finding, StoredRuns};
