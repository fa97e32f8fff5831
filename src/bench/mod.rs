//! The Socratic benchmark: a [`Plan`] says which [`Scenario`]s which models are to play, a
//! [`Run`] holds the dialogues through any Bedrock client and has every tutor turn judged, and
//! its [`Outcome`] keeps one [`Transcript`] per dialogue.
//!
//! An error is never a text and never a score: what was attempted is answered or not, what was
//! answered is judged or unscored, each with its reason, and [`ModelSummary`] counts them apart.

mod attempt;
mod caching;
mod call;
mod caller;
mod contest;
mod contesting;
mod converse;
mod dialogue;
mod expenses;
mod heard;
mod judging;
mod lost;
mod misses;
mod model_ids;
mod origin;
mod outcome;
mod part;
mod plan;
mod progress;
mod queue;
mod quotas;
mod regions;
mod run;
mod scenario;
mod statistics;
mod stop;
mod stored;
mod summary;
mod survey;
mod transcript;

pub use caching::Uncached;
pub use call::{CallFailure, Missed, Reach};
pub use caller::Jitter;
pub use contest::{Choosing, Contest, ContestKey, Contests, Order, Unheard};
pub(crate) use contesting::contest_scope;
pub use expenses::{Expense, Expenses};
pub use heard::{Heard, Listener, Speaking};
pub use judging::is_of_a_judge;
pub(crate) use judging::{dialogue_of_a_judge, judge_scope};
pub use misses::Misses;
pub use model_ids::{MODEL_IDS_VARIABLE, ModelIdsError, check_model_ids};
pub use outcome::{Outcome, Setup};
pub use plan::{Model, ModelsBy, Plan, Player, UnknownName};
pub use progress::Progress;
pub use regions::RegionsOfModel;
pub use run::{CONCURRENCY, Run};
pub use scenario::{Scenario, Student, Vector};
pub use statistics::{Mean, Share};
pub use stop::Stop;
pub use stored::{About, Finding, LeftAlone, StoredError, StoredRuns, WhyLeftAlone};
pub use summary::{DimensionSummary, HeuristicShares, ModelSummary, TokenSum, VectorMean};
pub use survey::{
    CHARACTERS_PER_TOKEN, Cause, Estimate, Line, Recorded, Refusal, Role, SeedCost, Survey,
    SurveyError, Surveyor, ToRecord, recorded_judgment,
};
pub use transcript::{
    Answer, Judging, StudentKind, StudentTurn, Transcript, Turn, TutorTurn, Unscored,
};
