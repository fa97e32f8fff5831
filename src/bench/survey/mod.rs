//! What a run would find in a cassette and what it would have to ask, before anything is spent.
//!
//! A [`Survey`] replays the plan without a network: [`Role`]s tell the calls apart, a [`Line`]
//! holds a dialogue's calls of one role with their [`Bill`](crate::pricing::Bill)s, recorded
//! ones by what they used, missing ones by an [`Estimate`]. A [`Cause`] says why calls are
//! missing: which prompt, scenario or parameter is not what it was. A [`Refusal`] is an error that was
//! recorded for an answer.

mod alike;
mod cause;
mod edit;
mod estimate;
mod ledger;
mod line;
mod places;
mod probe;
mod refusal;
mod role;
mod seed;
mod shape;
mod texts;

pub use alike::recorded_judgment;
pub use cause::Cause;
pub use estimate::{CHARACTERS_PER_TOKEN, Estimate};
pub use line::{Line, Recorded, ToRecord};
pub use probe::{Survey, SurveyError, Surveyor};
pub use refusal::Refusal;
pub use role::Role;
pub use seed::SeedCost;
