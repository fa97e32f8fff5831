//! `bedrock-replay models`: what is known of models, and what is wrong with an id. [`command`] is what
//! a person types; [`list`] shows the registry, [`check`] looks at ids and, by [`recorded`], at a
//! cassette.

mod check;
mod command;
mod list;
mod recorded;

pub use command::Models;
