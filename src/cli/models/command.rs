//! What a person types after `bedrock-replay models`.

use clap::{Args, Subcommand};

use super::check::Check;
use super::list::List;
use crate::cli::failure::Failure;

/// What is known of the models that can be asked
#[derive(Debug, Args)]
pub struct Models {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(List),
    Check(Check),
}

impl Models {
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::List(list) => list.run(),
            Command::Check(check) => check.run(),
        }
    }
}
