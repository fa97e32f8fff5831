//! The program: reads the command line, runs the command, says how it went.

use std::io;
use std::process::ExitCode;

use bedrock_replay::environment::Environment;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use tokio::runtime::{Builder, Runtime};

use super::arguments::{Arguments, Command};
use super::config::Layers;
use super::exit_code;
use super::failure::Failure;

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    match arguments().and_then(execute) {
        Ok(code) => code.into(),
        Err(failure) => failure.report(),
    }
}

/// The command line over what the environment and the configuration say. A mistake on the
/// command line, and a wish for help, come before one in the file.
fn arguments() -> Result<Arguments, Failure> {
    let typed = Arguments::command().get_matches();
    let command = named(&typed);
    let folder = std::env::current_dir().map_err(Failure::general)?;
    let environment = Environment::of_process();
    let layers = Layers::read(&folder, environment)
        .map_err(|error| Failure::with_code(exit_code::USAGE, error))?;
    for line in layers.unread() {
        anstream::eprintln!("note: {line}");
    }
    // It shows what cannot be used among the rest.
    if command.starts_with("config") {
        return taken(&typed);
    }
    layers
        .check(&command)
        .map_err(|error| Failure::with_code(exit_code::USAGE, error))?;
    taken(&layers.over(Arguments::command()).get_matches())
}

fn taken(matches: &ArgMatches) -> Result<Arguments, Failure> {
    Arguments::from_arg_matches(matches)
        .map_err(|error| Failure::with_code(exit_code::USAGE, error.to_string()))
}

/// The command with its subcommand, as the settings name it: `judge record`.
fn named(matches: &ArgMatches) -> String {
    let below = |(name, matches)| (name, ArgMatches::subcommand(matches));
    let mut words = Vec::new();
    let mut next = matches.subcommand().map(below);
    while let Some((name, rest)) = next {
        words.push(name);
        next = rest.map(below);
    }
    words.join(" ")
}

fn execute(arguments: Arguments) -> Result<u8, Failure> {
    let runtime = runtime(&arguments.command).map_err(Failure::general)?;
    runtime.block_on(async {
        let done = match arguments.command {
            Command::Cassette(options) => options.run(),
            Command::Config(options) => options.run().await,
            Command::Cost(options) => options.run().await,
            Command::Doctor(options) => options.run().await,
            Command::Exec(options) => return options.run().await,
            Command::IamPolicy(options) => options.run().await,
            Command::Judge(options) => return options.run().await,
            Command::Models(options) => options.run(),
            Command::Plan(options) => options.run().await,
            Command::Prices(options) => options.run(),
            Command::Run(options) => Box::pin(options.run()).await,
            Command::Serve(options) => return options.run().await,
            Command::Simulate(options) => options.run().await,
            Command::Stored(options) => Box::pin(options.run()).await,
        };
        done.map(|()| exit_code::OK)
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
