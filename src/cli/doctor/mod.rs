//! `bedrock-replay doctor`: what stands between this machine and a recording, and the fix.
//!
//! `command` is what a person types; `checks` looks; `finding` is one line of what it found.

mod checks;
mod command;
mod finding;

pub use command::Doctor;
