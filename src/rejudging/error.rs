//! Why dialogues cannot be judged again.

use super::missing::NotRecorded;
use crate::bench::{Misses, UnknownName};
use crate::cassette::CassetteError;
use crate::client::{ClientError, OpenError};
use crate::judge::JudgeError;
use crate::playback::FinishError;
use crate::settings::SettingsError;

/// Why dialogues cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum RejudgingError {
    /// The plan, or a file that it names.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A model or scenario that the plan does not have.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// The judge.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// There is nobody to hold a model's answers against.
    #[error(
        "a pairwise judge needs two models: `{judge}` has only one to look at (the plan `{plan}`, or --model)"
    )]
    OneModel {
        /// The judge.
        judge: String,
        /// The plan's name.
        plan: String,
    },
    /// One judge scores and the other compares.
    #[error(
        "the judges are not comparable: {rubric} scores by a rubric, {pairwise} is pairwise (name two of one kind)"
    )]
    OtherKind {
        /// The one that scores.
        rubric: String,
        /// The one that compares.
        pairwise: String,
    },
    /// The cassette cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The cassette cannot be read.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// No client could be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The cassette cannot be closed.
    #[error(transparent)]
    Finish(#[from] FinishError),
    /// The dialogues themselves are not recorded.
    #[error("{}", .0.first)]
    NotHeld(Box<Misses>),
    /// What the judges said of them is not.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
}
