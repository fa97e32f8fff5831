//! What a person types after `bedrock-replay cassette`.

use clap::{Args, Subcommand};

use super::export::Export;
use super::import::Import;
use super::list::List;
use super::output::Stop;
use super::pack::Pack;
use super::prune::Prune;
use super::show::Show;
use super::stats::Stats;
use super::verify::Verify;
use crate::cli::failure::Failure;

/// Look into cassettes: list, show, check, export, import, pack and prune them.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct CassetteCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    List(List),
    Show(Show),
    Stats(Stats),
    Verify(Verify),
    Export(Export),
    Import(Import),
    Pack(Pack),
    Prune(Prune),
}

impl CassetteCommand {
    pub fn run(self) -> Result<(), Failure> {
        let done = match self.what {
            What::List(command) => command.run(),
            What::Show(command) => command.run(),
            What::Stats(command) => command.run(),
            What::Verify(command) => command.run(),
            What::Export(command) => command.run(),
            What::Import(command) => command.run(),
            What::Pack(command) => command.run(),
            What::Prune(command) => command.run(),
        };
        match done {
            Ok(()) | Err(Stop::Closed) => Ok(()),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }
}
