//! `bedrock-replay serve`: an endpoint that every AWS SDK follows.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use bedrock_replay::environment::Environment;
use bedrock_replay::server::Summary;
use clap::Args;

use super::endpoint::EndpointOptions;
use super::failure::Failure;
use super::stop;

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
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay serve --cassette weekly.sqlite
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8181 python run_benchmark.py";

impl Serve {
    pub async fn run(self) -> Result<(), Failure> {
        let environment = Environment::of_process();
        let builder = self.endpoint.builder(&environment, self.listen).await?;
        let running = builder.start(self.listen).await.map_err(Failure::general)?;
        say_where(&running.url()).map_err(Failure::general)?;
        stop::asked_for().await.map_err(Failure::general)?;
        let summary = running.stop().await.map_err(Failure::general)?;
        if !self.endpoint.quiet {
            say_summary(&summary);
        }
        Ok(())
    }
}

pub fn say_summary(summary: &Summary) {
    anstream::eprintln!(
        "{} calls: {} hits, {} recorded, {} misses, {} refused; {} recorded exchanges unused",
        summary.calls,
        summary.hits,
        summary.recorded,
        summary.misses,
        summary.refused,
        summary.unused,
    );
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse();
    address.map_err(|_| "expected an IP address and a port such as `127.0.0.1:8181`".to_owned())
}

/// Scripts wait for this line.
fn say_where(url: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    out.flush()
}
