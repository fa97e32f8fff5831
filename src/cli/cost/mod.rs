//! `bedrock-replay cost`: what a plan costs before a run, and what it cost after. [`command`] is what
//! a person types, [`sum`] adds calls up, [`costs`] is all that is known, [`text`] shows it to a
//! person with [`notes`] beside the figures, and [`json`] to a program.

mod command;
mod costs;
mod json;
mod notes;
mod sum;
mod text;

pub use command::Cost;
