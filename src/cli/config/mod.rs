//! Where a command's settings come from: flags, over environment variables, over one
//! `bedrock-replay.toml`, over the defaults.
//!
//! [`setting`] lists them, [`file`] finds and reads the file, [`layers`] puts the layers
//! together and hands them to clap as defaults, so that no command knows of them;
//! [`variables`] finds those that are misspelt, [`readable`] files that cannot be read; [`show`] tells where each value came from.

mod file;
mod layers;
mod readable;
mod setting;
mod show;
mod variables;

pub use layers::{Layers, Origin};
pub use show::Config;
