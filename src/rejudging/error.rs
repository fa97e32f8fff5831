//! Why dialogues cannot be judged again.

use std::path::PathBuf;

use super::missing::NotRecorded;
use crate::bench::{Misses, UnknownName};
use crate::cassette::CassetteError;
use crate::client::{ClientError, OpenError};
use crate::judge::JudgeError;
use crate::playback::FinishError;
use crate::regression::{Incomparable, OptionError};
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
    /// An option that does not fit the judge's scale.
    #[error(transparent)]
    Option(#[from] OptionError),
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
    /// They judge other things, or on another scale.
    #[error(
        "the judges are not comparable: {a} and {b}: {why} (nothing was asked; to begin anew with the other, pin it: bedrock-replay judge pin)"
    )]
    Incomparable {
        /// The judge before the edit.
        a: String,
        /// The judge after it.
        b: String,
        /// In what they differ.
        why: Incomparable,
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
    #[error("{}", .misses.first)]
    NotHeld {
        /// Which.
        misses: Box<Misses>,
        /// The command that holds them.
        help: String,
    },
    /// Not one of them is.
    #[error(
        "the dialogues are not recorded: there is nothing in `{path}` (judges are compared on recorded dialogues)\n  help      {help}   (holds the dialogues)",
        path = path.display()
    )]
    NoDialogues {
        /// Where they would be.
        path: PathBuf,
        /// The command that holds them.
        help: String,
    },
    /// What the judges said of them is not.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
}
