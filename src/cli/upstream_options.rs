//! How a run asks Bedrock where it asks at all: regions, retries, quotas.

use std::num::NonZeroU32;
use std::sync::Arc;

use bedrock_replay::Cassette;
use bedrock_replay::bench::Run;
use bedrock_replay::client::CassetteOptions;
use bedrock_replay::clock::SystemClock;
use bedrock_replay::retry::{Backoff, RetryPolicy};
use bedrock_replay::upstream::UpstreamError;
use bedrock_replay::words::quoted;
use clap::{Args, ValueEnum};

use super::regions::{self, DEFAULT_REGION};
use super::values::at_least_one;

const TRIES: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);

/// Flags that matter only where something is sent.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking Bedrock (a replay needs none of it)")]
pub struct UpstreamOptions {
    /// Region to ask; several, in this order, where one is busy, down or lacks the model [default: as AWS is configured, else us-east-1]
    #[arg(
        long,
        value_name = "REGION",
        value_delimiter = ',',
        value_parser = regions::parse,
        long_help = "Region to ask; several, comma-separated or repeated, are asked in this order: the next one where one throttles, is not available or does not have the model [default: as AWS is configured, else us-east-1]\n\nRegions with many models: us-east-1, us-west-2, eu-west-1, ap-southeast-1"
    )]
    region: Vec<String>,

    /// How often a call is made at most, where it is throttled or the service is down
    #[arg(long, value_name = "N", default_value_t = TRIES, value_parser = at_least_one::<NonZeroU32>)]
    tries: NonZeroU32,

    /// The longest waits before further tries, in seconds; `Retry-After` of the service wins
    #[arg(long, value_name = "SECONDS", default_value_t)]
    backoff: Backoff,

    /// Whether calls wait for the quotas in models.toml
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Quotas::Auto)]
    quotas: Quotas,

    /// What a live client asks where none is chosen.
    #[arg(skip)]
    found: Option<String>,
}

/// Whether a run waits for quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Quotas {
    /// For AWS, and not for an endpoint of this machine
    Auto,
    /// Always
    On,
    /// Never
    Off,
}

impl UpstreamOptions {
    /// The region that is asked first, and whose prices hold.
    pub async fn first_region(&self) -> String {
        match self.first() {
            Some(region) => region.clone(),
            None => regions::first(&[]).await,
        }
    }

    /// Finds out, before something is priced and sent, which region it is: both go by it.
    ///
    /// # Errors
    /// A configuration of AWS that cannot be meant.
    pub async fn settle(&mut self, endpoint_url: Option<&str>) -> Result<(), UpstreamError> {
        if self.region.is_empty() {
            self.found = Some(regions::asked_live(endpoint_url).await?);
        }
        Ok(())
    }

    fn first(&self) -> Option<&String> {
        self.region.first().or(self.found.as_ref())
    }

    /// The regions that were chosen.
    pub fn regions(&self) -> &[String] {
        &self.region
    }

    /// A cassette whose client asks in the first of the regions.
    pub fn at(&self, options: CassetteOptions) -> CassetteOptions {
        let options = options.default_region(DEFAULT_REGION);
        match self.first() {
            Some(region) => options.region(region),
            None => options,
        }
    }

    /// Tells a run how to ask. A recorded outcome is final: a replay tries and waits for
    /// nothing.
    pub fn apply(&self, run: Run, cassette: &Cassette) -> Run {
        if !cassette.mode().forwards() {
            return run.retry(RetryPolicy::never());
        }
        let run = run.retry(RetryPolicy {
            tries: self.tries,
            backoff: self.backoff.clone(),
        });
        let run = match self.region.len() {
            0 | 1 => run,
            _ => run.regions(self.region.iter().cloned()),
        };
        match self.quotas {
            Quotas::Auto if cassette.asks_this_machine() => run,
            Quotas::Auto | Quotas::On => run.quotas(Arc::new(SystemClock::new())),
            Quotas::Off => run,
        }
    }

    /// The same flags for the command that goes on.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.region.is_empty() {
            words.push(format!("--region {}", quoted(&self.region.join(","))));
        }
        if self.tries != TRIES {
            words.push(format!("--tries {}", self.tries));
        }
        if self.backoff != Backoff::default() {
            words.push(format!("--backoff {}", quoted(&self.backoff.to_string())));
        }
        match self.quotas {
            Quotas::Auto => {}
            Quotas::On => words.push("--quotas on".to_owned()),
            Quotas::Off => words.push("--quotas off".to_owned()),
        }
        words
    }
}
