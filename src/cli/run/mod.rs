//! `bedrock-replay run`: the Socratic benchmark, from a cassette or live. [`command`] is what a
//! person types, [`course`] the run itself, [`ahead`] what is said before it, [`ending`] what is said
//! after it, and [`going_on`] the commands that it names.

mod ahead;
mod command;
mod course;
mod ending;
mod going_on;

pub use command::Run;
