//! What a person types after `bedrock-replay judge`.

use clap::{Args, Subcommand};

use super::demo::Demo;
use super::history::History;
use super::list::List;
use super::pin::Pin;
use super::plan::Plan;
use super::record::Record;
use super::regress::Regress;
use super::show::Show;
use super::unused::Unused;
use crate::cli::failure::Failure;

/// Know what an edit of a judge moves, before it ships.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct JudgeCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    List(List),
    Show(Show),
    Pin(Pin),
    Plan(Plan),
    Record(Record),
    Regress(Regress),
    History(History),
    Unused(Unused),
    Demo(Demo),
}

impl JudgeCommand {
    /// The exit code, where it went well enough to have one of its own.
    pub async fn run(self) -> Result<u8, Failure> {
        match self.what {
            What::List(command) => command.run(),
            What::Show(command) => command.run(),
            What::Pin(command) => command.run(),
            What::Plan(command) => Box::pin(command.run()).await,
            What::Record(command) => Box::pin(command.run()).await,
            What::Regress(command) => Box::pin(command.run()).await,
            What::History(command) => Box::pin(command.run()).await,
            What::Unused(command) => Box::pin(command.run()).await,
            What::Demo(command) => Box::pin(command.run()).await,
        }
    }
}
