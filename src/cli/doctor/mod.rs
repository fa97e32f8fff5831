//! `bedrock-replay doctor`: what stands between this machine and a recording, and the fix.
//!
//! `command` is what a person types; `settings` looks at the environment, `lifecycle` into the
//! registry, `checks` at everything else; `finding` is one line of what was found.

mod checks;
mod command;
mod finding;
mod lifecycle;
mod settings;

pub use command::Doctor;
