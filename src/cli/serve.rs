//! `bedrock-replay serve`: an endpoint that every AWS SDK follows.

use std::net::SocketAddr;

use bedrock_replay::environment::Environment;
use bedrock_replay::server::{Access, Token};
use clap::Args;

use super::endpoint::{EndpointOptions, Finished};
use super::exit_code;
use super::failure::Failure;
use super::listen::{address, say_where};
use super::stop::Requests;
use super::unused_file::Course;

/// Replay and record for programs in any language: an endpoint for their AWS SDK.
///
/// Prints `listening on http://HOST:PORT` once it accepts connections. A program follows it by
/// `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`. Each call is a line on standard error; after an interrupt
/// or a request to terminate comes a summary.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    #[command(flatten)]
    endpoint: EndpointOptions,

    /// Address to listen on; port 0 takes a free one
    #[arg(long, short, value_name = "ADDRESS", default_value = "127.0.0.1:8181", value_parser = address)]
    listen: SocketAddr,

    /// Listen on an address that other machines reach; they need the token in `BEDROCK_REPLAY_TOKEN`
    #[arg(long)]
    allow_remote: bool,
}

/// The variable that holds a token: a command line would show it to every user of the machine.
const TOKEN_VARIABLE: &str = "BEDROCK_REPLAY_TOKEN";

const EXAMPLES: &str = "\
Examples:
  bedrock-replay serve --cassette weekly.sqlite
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8181 python run_benchmark.py

  Record what is missing; the test's name counts its equal calls apart:
  bedrock-replay serve --cassette weekly.sqlite --mode record-missing
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8181/scope/my-test pytest

GET /_replay/health, /_replay/summary and /_replay/misses tell more; POST /_replay/reset?scope=NAME
starts counting equal calls anew.

Exit codes: 0 all went well, 1 something failed, 2 usage, 5 calls missed, 6 recorded exchanges
were left over, with --unused error";

impl Serve {
    pub async fn run(self) -> Result<u8, Failure> {
        let environment = Environment::of_process();
        let access = self.access(&environment)?;
        let mut requests = Requests::listen().map_err(Failure::general)?;
        let builder = self.endpoint.builder(&environment, self.listen).await?;
        let mut builder = builder.access(access);
        if !self.endpoint.quiet {
            builder = builder.witness(EndpointOptions::log());
        }
        let running = builder.start(self.listen).await.map_err(Failure::general)?;
        say_where(&running.url()).map_err(Failure::general)?;
        requests.next().await.map_err(Failure::general)?;
        match self.endpoint.finish(running, Course::Whole).await? {
            Finished::LeftOver => Ok(exit_code::UNUSED),
            Finished::Missed => Ok(exit_code::REPLAY_MISS),
            Finished::Well => Ok(exit_code::OK),
        }
    }

    fn access(&self, environment: &Environment) -> Result<Access, Failure> {
        let usage = |text: String| Failure::with_code(exit_code::USAGE, text);
        let token = environment.get(TOKEN_VARIABLE).map(Token::new).transpose();
        let token = token.map_err(|error| usage(format!("{TOKEN_VARIABLE}: {error}")))?;
        match (token, self.listen.ip().is_loopback(), self.allow_remote) {
            (None, true, _) => Ok(Access::Loopback),
            (Some(token), true, _) => Ok(Access::LoopbackWith(token)),
            (Some(token), false, true) => Ok(Access::AnyoneWith(token)),
            (_, false, false) => Err(usage(format!(
                "other machines reach `{}` (choose `127.0.0.1`, or allow it by --allow-remote and a token in {TOKEN_VARIABLE})",
                self.listen
            ))),
            (None, false, true) => Err(usage(format!(
                "whoever reaches `{}` could spend your money (set {TOKEN_VARIABLE} to a secret; clients send it in the endpoint URL, `http://HOST:PORT/token/TOKEN`)",
                self.listen
            ))),
        }
    }
}
