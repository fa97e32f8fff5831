//! `bedrock-replay cassette`: [`command`] is what a person types, each subcommand has a file.
//! [`conversation`] reads requests and answers as people do, [`facts`] holds what one line says
//! of an exchange, [`lines`] fits it to the page, [`select`] finds the exchange that is meant,
//! [`output`] prints.

mod command;
mod conversation;
mod export;
mod facts;
mod import;
mod lines;
mod list;
mod output;
mod pack;
mod prune;
mod select;
mod show;
mod stats;
mod verify;

pub use command::CassetteCommand;
pub use output::Shown;
