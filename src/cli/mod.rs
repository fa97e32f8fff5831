//! The commands: [`arguments`] are turned once into plain options, each command has a file,
//! [`failure`] prints what went wrong, [`exit_code`] says it to scripts.

mod arguments;
mod exit_code;
mod failure;
mod run;
mod simulate;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use failure::Failure;

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(arguments) {
        Ok(()) => exit_code::OK.into(),
        Err(failure) => failure.report(),
    }
}

fn execute(arguments: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::general)?;
    runtime.block_on(async {
        match arguments.command {
            Command::Run(options) => options.run().await,
            Command::Simulate(options) => options.run().await,
        }
    })
}
