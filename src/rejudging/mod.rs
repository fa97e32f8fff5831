//! Judges asked about dialogues that were held before.
//!
//! [`Source`] says where the dialogues, the judges and their judgments lie, and names the
//! commands that go with them. [`dialogues`] replays what was held, [`Questions`] ask a judge
//! about every turn of it, and [`Missing`] tells which [`MissingCall`]s are not recorded and, by an
//! [`Estimate`], what recording them costs. An [`Edit`] puts a judge and its edit before the
//! same dialogues, [`judged`] one judge alone; [`ContestQuestions`] and a [`PairwiseEdit`] are the
//! same of a pairwise judge. [`StaleJudgments`] are those that no judge asks for any more.

mod call;
mod contests;
mod dialogues;
mod edit;
mod error;
mod estimate;
mod judged;
mod look;
mod missing;
mod pairwise_edit;
mod probes;
mod questions;
mod said;
mod source;
mod spent;
mod stale;
mod unpinned;

pub use call::MissingCall;
pub use contests::ContestQuestions;
pub use dialogues::{answers, dialogues};
pub use edit::{Edit, Recorded, comparable_judges};
pub use error::RejudgingError;
pub use estimate::{Estimate, Prices};
pub use judged::judged;
pub use missing::{Missing, NotRecorded};
pub use pairwise_edit::{PairwiseEdit, RecordedContests};
pub use probes::Probed;
pub use questions::{Asked, Questions};
pub use source::Source;
pub use stale::StaleJudgments;
