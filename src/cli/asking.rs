//! What every command takes that asks judges about dialogues which were held before: where and
//! how they are asked, who watches, what may be spent.

use std::path::Path;
use std::sync::Arc;

use bedrock_replay::bench::{Expenses, Plan};
use bedrock_replay::cassette::CassetteError;
use bedrock_replay::client::{CassetteOptions, OpenError};
use bedrock_replay::clock::SystemClock;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::playback::Unused;
use bedrock_replay::rejudging::{Estimate, Prices};
use bedrock_replay::words::quoted;
use bedrock_replay::{Cassette, Mode};
use clap::Args;

use super::attended::Attended;
use super::exit_code;
use super::expenses::paid;
use super::failure::Failure;
use super::forewarning::{Asked, Forewarning, forewarnings, say};
use super::planned::today;
use super::progress::Audience;
use super::record_mode;
use super::since::Since;
use super::spending::Spending;
use super::upstream_options::UpstreamOptions;
use super::values::{endpoint, veiled};
use super::watching::Watching;

/// How judges are asked.
#[derive(Debug, Args)]
pub struct Asking {
    /// Record from here instead of AWS: the simulator, a proxy, a VPC endpoint
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    endpoint_url: Option<String>,

    /// No progress and no notes
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    pub since: Since,

    #[command(flatten)]
    pub upstream: UpstreamOptions,

    #[command(flatten)]
    pub watching: Watching,

    #[command(flatten)]
    pub spending: Spending,
}

impl Asking {
    /// Who is shown how far it has come.
    pub fn audience(&self) -> Audience {
        if self.quiet {
            return Audience::Nobody;
        }
        Audience::of_stderr()
    }

    /// Waits for so many calls, before any cassette is opened.
    pub fn attended(&self, calls: u64) -> Result<Attended, Failure> {
        Attended::listen(calls, self.audience(), &self.watching)
    }

    /// What is to be known of a judge's model.
    pub fn forewarnings(&self, plan: &Plan, judge: &str, mode: Mode) -> Vec<Forewarning> {
        let options = self.options(Path::new(""), Some(mode));
        if !mode.forwards() {
            return Vec::new();
        }
        let whom = if options.asks_this_machine() {
            Asked::ThisMachine
        } else {
            Asked::Aws(self.upstream.regions())
        };
        forewarnings(&plan.registry, &[judge], whom, today())
    }

    /// Finds out which region is asked, where something is sent: what is priced is that one.
    pub async fn settle(&mut self, mode: Mode) -> Result<(), Failure> {
        if !mode.forwards() {
            return Ok(());
        }
        let settled = self.upstream.settle(self.endpoint_url.as_deref()).await;
        settled.map_err(|error| Failure::with_code(exit_code::USAGE, error))
    }

    /// Opens a cassette of judgments; none named is the mode that the environment names.
    pub fn open(&self, path: &Path, mode: Option<Mode>) -> Result<Cassette, Failure> {
        let environment = record_mode::environment(mode, Environment::of_process());
        if let Ok(resolved) = record_mode::resolved(mode, &environment) {
            record_mode::say_if_shared(resolved.mode(), path);
        }
        self.options(path, mode)
            .open()
            .map_err(|error| match error {
                OpenError::Mode(_) => Failure::with_code(exit_code::USAGE, error),
                OpenError::Cassette(error) => unreadable(error),
            })
    }

    fn options(&self, path: &Path, mode: Option<Mode>) -> CassetteOptions {
        let mut options = Cassette::options(path)
            .environment(record_mode::environment(mode, Environment::of_process()))
            .unused(Unused::Ok);
        if let Some(mode) = mode {
            options = options.mode(mode);
        }
        if let Some(url) = &self.endpoint_url {
            options = options.endpoint_url(url);
        }
        if let Some(since) = self.since.time() {
            options = options.since(since);
        }
        self.upstream.at(options)
    }

    /// Whether it matters how many calls are made.
    pub fn must_count(&self, warnings: &[Forewarning]) -> bool {
        self.spending.matters() || !warnings.is_empty()
    }

    /// Says what will fail and prices what is asked, before anything is sent; `help` is the
    /// command that tells it.
    pub async fn look_ahead(
        &self,
        warnings: &[Forewarning],
        plan: &Path,
        calls: u64,
        help: &str,
        estimate: impl for<'a> Fn(&Prices<'a>) -> Result<Estimate<'a>, CassetteError>,
    ) -> Result<(), Failure> {
        if calls > 0 {
            say(warnings, self.audience());
        }
        let region = self.upstream.first_region().await;
        let prices = Prices {
            book: &self.spending.book(plan)?,
            region: Some(&region),
            today: today(),
        };
        let bill = estimate(&prices).map_err(unreadable)?.bill(calls);
        self.spending.allow(calls, &bill, help)
    }

    /// Adds up what the calls of a plan's judge cost.
    pub async fn expenses(&self, plan: &Plan) -> Result<Expenses, Failure> {
        let region = self.upstream.first_region().await;
        let prices = self.spending.book(&plan.path)?;
        let clock = Arc::new(SystemClock::new());
        let registry = plan.registry.clone();
        Ok(Expenses::new(prices, registry, Some(region), clock))
    }

    /// Says at the end what was paid.
    pub fn tell_paid(&self, expenses: &Expenses, provenance: &[Provenance]) {
        if let Some(line) = paid(expenses, provenance).filter(|_| !self.quiet) {
            anstream::eprintln!("{line}");
        }
    }

    /// A command with where and how it asks, so that it goes on as it began; after a recording
    /// that was cut short, with what it is to ask for still.
    pub fn going_on(&self, command: &str, recorded: Option<&Cassette>) -> String {
        let mut words = vec![command.to_owned()];
        words.extend(self.since.words(recorded.map(|own| &**own.playback())));
        let url = self.endpoint_url.iter();
        words.extend(url.map(|url| format!("--endpoint-url {}", quoted(&veiled(url)))));
        words.extend(self.upstream.words());
        words.extend(self.spending.words());
        words.extend(recorded.iter().flat_map(|_| self.watching.words()));
        words.join(" ")
    }
}

/// A cassette that is damaged or none at all: bad input, and no word about judges.
pub fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::with_code(exit_code::NOT_COMPARABLE, error)
}
