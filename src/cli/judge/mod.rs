//! `bedrock-replay judge`: [`command`] is what a person types, each subcommand has a file.
//! [`material`] says where the dialogues and judges are, [`rules`] are the options of a
//! comparison, [`contests`] says what a pairwise judge's recording came to. What is done with them is the library's `rejudging`.

mod command;
mod contests;
mod demo;
mod history;
mod list;
mod material;
mod pairwise_history;
mod past;
mod pin;
mod plan;
mod record;
mod regress;
mod rules;
mod show;
mod unused;

pub use command::JudgeCommand;
