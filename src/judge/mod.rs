//! An LLM as a judge: what it is asked, by which rubric, and whether its answer counts.
//!
//! A [`Judge`] is a folder of versioned data: a [`Rubric`] (dimensions, scale, thresholds, in
//! exact [`Points`]), two prompt [`Template`]s and the parameters it is called with. What it
//! answers is read into a [`Judgment`] or, where a check fails, a [`Rejection`]: never a score
//! of 0. An [`Identity`] with its [`Fingerprint`] says which judge it was; [`Judges`] are those of
//! a project, the pinned versions included, and [`Reference`] how a person names one.
//! A [`PairwiseJudge`] has [`Criteria`] in a rubric's place and answers with a [`Preference`];
//! [`AnyJudge`] is a judge of either [`Kind`].
//! A [`Probe`] asks otherwise what must not matter. [`Heuristics`] are counted by this program, beside the judge. Errors of the files a
//! person edits are [`SettingsError`](crate::settings::SettingsError)s with path and line.

mod any;
mod criteria;
mod everywhere;
mod files;
mod folder;
mod heuristics;
mod identity;
mod invocation;
mod judges;
mod judgment;
mod kind;
mod pairwise;
mod parameters;
mod paraphrase;
mod points;
mod preference;
mod probe;
mod prompt;
mod reference;
mod rubric;
mod schema;

pub use any::AnyJudge;
pub use criteria::{Criteria, Criterion};
pub use files::GitError;
pub use folder::{Judge, Parser};
pub use heuristics::Heuristics;
pub use identity::{Fingerprint, Identity, NotAFingerprint, Part};
pub use invocation::{NotAMessage, Reply, Tokens};
pub use judges::{JudgeError, Judges, Listed, Pin};
pub use judgment::{Judgment, Rejection, Score};
pub use kind::Kind;
pub use pairwise::{Contender, PairParser, PairSubject, PairwiseJudge, Unit};
pub use parameters::Parameters;
pub use paraphrase::Paraphrase;
pub use points::{NotPoints, Points};
pub use preference::{Pick, Preference};
pub use probe::Probe;
pub use prompt::{JudgePrompt, Speaker, Subject, SubjectScenario, SubjectTurn, Template};
pub use reference::Reference;
pub use rubric::{Dimension, Level, Rubric};
pub use schema::OutputSchema;
