//! `bedrock-replay exec`: a command whose calls of Bedrock are replayed or recorded.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};

use bedrock_replay::Mode;
use bedrock_replay::environment::Environment;
use bedrock_replay::server::Running;
use clap::Args;

use super::child::{self, Signals};
use super::endpoint::{EndpointOptions, Finished};
use super::exec_environment::Variables;
use super::exit_code;
use super::failure::Failure;
use super::unused_file::Course;

/// Run a command, in any language, whose calls of Bedrock are replayed or recorded.
///
/// Starts an endpoint on a free port of this machine, points every AWS SDK in the command to it
/// by `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, and ends as the command ends. In mode `replay` it also
/// gives the command a region and credentials that are good for nothing, where it has none.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Exec {
    #[command(flatten)]
    endpoint: EndpointOptions,

    /// A line on standard error for each call
    #[arg(long, short)]
    verbose: bool,

    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    command: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay exec --cassette weekly.sqlite -- python run_benchmark.py
  bedrock-replay exec --cassette weekly.sqlite --mode record-missing -- npm test

Exit codes: the command's own; 128 + N where signal N ended it; 127 where it was not found,
126 where it could not be started; 5 where it succeeded although calls missed; 6 where it
succeeded although recorded exchanges were left over, with --unused error";

impl Exec {
    pub async fn run(self) -> Result<u8, Failure> {
        let environment = Environment::of_process();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let signals = Signals::listen().map_err(Failure::general)?;
        let mut builder = self.endpoint.builder(&environment, address).await?;
        if self.verbose {
            builder = builder.witness(EndpointOptions::log());
        }
        let mode = builder.mode();
        let running = builder.start(address).await.map_err(Failure::general)?;
        let variables = self.variables(&environment, mode, &running).await;
        let code = child::run(&self.command, &variables, signals).await;
        let finished = self.endpoint.finish(running, course(&code)).await;
        // The command's own failure is never masked.
        match (code?, finished) {
            (exit_code::OK, Ok(Finished::Missed)) => Ok(exit_code::REPLAY_MISS),
            (exit_code::OK, Ok(Finished::LeftOver)) => Ok(exit_code::UNUSED),
            (exit_code::OK, Err(failure)) => Err(failure),
            (code, Ok(_)) => Ok(code),
            (code, Err(failure)) => {
                failure.report();
                Ok(code)
            }
        }
    }

    async fn variables(
        &self,
        environment: &Environment,
        mode: Mode,
        running: &Running,
    ) -> Variables {
        let variables = Variables::for_endpoint(environment, &running.url());
        if mode.forwards() {
            return variables;
        }
        let region = self.endpoint.configured_region(environment).await;
        variables.for_replay(environment, region)
    }
}

/// A command that failed may not have come to all its calls.
fn course(code: &Result<u8, Failure>) -> Course {
    match code {
        Ok(exit_code::OK) => Course::Whole,
        Ok(code) => Course::CutShort(format!("the command ended with exit code {code}")),
        Err(_) => Course::CutShort("the command did not start".to_owned()),
    }
}
