//! What is known of the models that a benchmark asks: data, not code.
//!
//! A [`Registry`] is read from `models.toml`; the one that ships with the program is built in. A
//! [`ModelId`] takes an id apart (ARN, inference profile, base), [`Registry::recognise`] finds
//! its [`Entry`]: [`Quirks`] say how a request must look, [`Quota`] how many there may be,
//! [`Lifecycle`] how long the model answers. What is not known is unset, never guessed.

mod check;
mod entry;
mod model_id;
mod quirks;
mod shelf;
mod slip;
mod table;

pub use check::Remark;
pub use entry::{Alias, Entry, Lifecycle, Quota, Sourced, Stage, UseCase};
pub use model_id::ModelId;
pub use quirks::{CacheLifetime, Dialect, PromptCache, Quirks, Sampling, Support, SystemPrompt};
pub use shelf::{Profile, Recognised, Registry};
