//! The program: reads the command line, runs the command, says how it went.

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use super::arguments::{Arguments, Command};
use super::exit_code;
use super::failure::Failure;

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(arguments) {
        Ok(code) => code.into(),
        Err(failure) => failure.report(),
    }
}

fn execute(arguments: Arguments) -> Result<u8, Failure> {
    let runtime = runtime(&arguments.command).map_err(Failure::general)?;
    runtime.block_on(async {
        match arguments.command {
            Command::Cassette(options) => options.run(),
            Command::Cost(options) => options.run().await,
            Command::Doctor(options) => options.run().await,
            Command::Exec(options) => return options.run().await,
            Command::IamPolicy(options) => options.run(),
            Command::Models(options) => options.run(),
            Command::Plan(options) => options.run().await,
            Command::Prices(options) => options.run(),
            Command::Run(options) => Box::pin(options.run()).await,
            Command::Serve(options) => return options.run().await,
            Command::Simulate(options) => options.run().await,
        }
        .map(|()| exit_code::OK)
    })
}

/// An endpoint has one thread: its answers are short, and handing each to another thread costs
/// more than giving it.
fn runtime(command: &Command) -> io::Result<Runtime> {
    let mut builder = match command {
        Command::Exec(_) | Command::Serve(_) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}
