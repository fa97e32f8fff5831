//! `bedrock-replay judge`: [`command`] is what a person types, each subcommand has a file.
//! [`material`] replays the dialogues and has them judged, [`rules`] are the options of a
//! comparison, [`missing`] tells what is not recorded
//! and [`estimate`] about what that uses.

mod command;
mod demo;
mod estimate;
mod history;
mod list;
mod material;
mod missing;
mod pin;
mod plan;
mod record;
mod regress;
mod rules;
mod show;

pub use command::JudgeCommand;
