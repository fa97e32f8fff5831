//! What `serve` and `exec` have in common: the cassette, how it is played, and what is asked
//! where nothing is recorded.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bedrock_replay::Mode;
use bedrock_replay::cassette::Reader;
use bedrock_replay::clock::SystemClock;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::identity::MatchOn;
use bedrock_replay::playback::{
    Attempts, Pace, Playback, PlaybackOptions, ResolvedMode, Scope, Unused,
};
use bedrock_replay::pricing::PriceBook;
use bedrock_replay::registry::Registry;
use bedrock_replay::server::{Builder, MissedCall, Running, Summary, Witness};
use bedrock_replay::upstream::Timeouts;
use clap::{Args, ValueEnum};

use super::call_log::CallLog;
use super::closing_words::{closing_words, nothing_came};
use super::exit_code;
use super::failure::Failure;
use super::record_mode;
use super::redactions::Redactions;
use super::savings::savings;
use super::sender::Upwards;
use super::since::Since;
use super::unopened::unopened;
use super::unused_file::{Course, UnusedFile};
use super::values::endpoint;

/// An endpoint's options.
#[derive(Debug, Args)]
pub struct EndpointOptions {
    /// The cassette
    #[arg(long, short, value_name = "FILE")]
    pub cassette: PathBuf,

    /// replay, record-missing, record-all or passthrough [default: `BEDROCK_REPLAY_MODE`, else replay]
    #[arg(long, short, value_name = "MODE")]
    pub mode: Option<Mode>,

    /// Record from here instead of AWS: the simulator, a proxy, a VPC endpoint
    #[arg(long, value_name = "URL", value_parser = endpoint, help_heading = "Recording")]
    pub endpoint_url: Option<String>,

    /// The region that is called, whatever the client signed for
    #[arg(long, value_name = "REGION", help_heading = "Recording")]
    pub region: Option<String>,

    /// How long an answer may keep waiting, before it begins and in the middle [default: an hour, and five minutes]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Recording")]
    upstream_timeout: Option<Duration>,

    #[command(flatten)]
    since: Since,

    /// The scope of calls that name none
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub scope: String,

    /// Which attempts of a call are replayed: its outcome, or each in turn
    #[arg(long, value_enum, default_value_t = Played::Outcome, help_heading = "Replay")]
    attempts: Played,

    /// How fast: instant, recorded, or a factor on the recorded times (0.5 is twice as fast)
    #[arg(long, value_name = "PACE", default_value = "instant", value_parser = pace, help_heading = "Replay")]
    pace: Pace,

    /// What is said of recorded exchanges that no call asked for
    #[arg(long, value_enum, default_value_t = Leftover::Warn, help_heading = "Replay")]
    pub unused: Leftover,

    #[command(flatten)]
    unused_file: UnusedFile,

    /// Match-on rules, such as `{"ignore":["model"]}` [default: those of the cassette]
    #[arg(long, value_name = "RULES", help_heading = "Matching")]
    match_on: Option<MatchOn>,

    #[command(flatten)]
    redactions: Redactions,

    /// Prices of this file, over the built-in ones, for what a replay saved
    #[arg(long, value_name = "FILE", help_heading = "Replay")]
    prices: Option<PathBuf>,

    /// No line for each call, and no summary
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which attempts are replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Played {
    /// The last one: the call's outcome, without its retries
    Outcome,
    /// Each in turn, one per try of the SDK
    All,
}

/// What is said of what is left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Leftover {
    /// Nothing
    Ok,
    /// A warning
    Warn,
    /// An error, with its exit code
    Error,
}

/// How an endpoint ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// Every call was answered.
    Well,
    /// A call had no recording.
    Missed,
    /// Recorded exchanges were left over, and that is an error.
    LeftOver,
}

impl EndpointOptions {
    /// The endpoint that these options make, before it listens.
    pub async fn builder(
        &self,
        environment: &Environment,
        listen: SocketAddr,
    ) -> Result<Builder, Failure> {
        let environment = record_mode::environment(self.mode, environment.clone());
        let resolved = record_mode::resolved(self.mode, &environment)?;
        record_mode::say_if_held_back(resolved);
        self.since.check(resolved.mode())?;
        self.unused_file.check(resolved.mode())?;
        self.book()?;
        // Before the cassette is opened: where nobody can be asked, no file is made.
        let sender = if resolved.mode().forwards() {
            Some(self.sender(&environment).await?)
        } else {
            None
        };
        record_mode::say_if_shared(resolved.mode(), &self.cassette);
        let playback = Arc::new(self.playback(resolved)?);
        let mut builder = Builder::new(playback)
            .scope(Scope::new(&self.scope))
            .help("start this endpoint with --mode record-missing to record what is missing");
        if let Some(sender) = sender {
            not_itself(&sender, listen).await?;
            builder = builder.sender(sender.shared());
        }
        Ok(builder)
    }

    fn playback(&self, resolved: ResolvedMode) -> Result<Playback, Failure> {
        let options = PlaybackOptions {
            mode: resolved.mode(),
            match_on: self.match_on()?,
            redaction: self.redactions.load()?,
            attempts: match self.attempts {
                Played::Outcome => Attempts::Outcome,
                Played::All => Attempts::All,
            },
            pace: self.pace,
            since: self.since.time(),
            // Told here, with an exit code of its own.
            unused: Unused::Ok,
            largest: None,
            ..PlaybackOptions::default()
        };
        let clock = Arc::new(SystemClock::new());
        Playback::open(&self.cassette, options, clock)
            .map_err(|error| unopened(error, record_mode::how_to_record(resolved)))
    }

    fn match_on(&self) -> Result<MatchOn, Failure> {
        if let Some(match_on) = &self.match_on {
            return Ok(match_on.clone());
        }
        if !holds_something(&self.cassette) {
            return Ok(MatchOn::new());
        }
        let keyed_by = Reader::open(&self.cassette)
            .and_then(|reader| reader.keyed_by())
            .map_err(Failure::general)?;
        keyed_by.match_on.parse().map_err(Failure::general)
    }

    /// A line on standard error for each call.
    pub fn log() -> Arc<dyn Witness> {
        Arc::new(CallLog::start())
    }

    /// Stops an endpoint and says what it did.
    pub async fn finish(&self, running: Running, course: Course) -> Result<Finished, Failure> {
        let playback = Arc::clone(running.playback());
        let missed = running.missed();
        let summary = running.stop().await.map_err(Failure::general)?;
        let course = course.or_missed(summary.misses);
        if !self.quiet {
            let words = self.summed_up(&playback, &summary, &missed, &course)?;
            anstream::eprintln!("{words}");
        }
        let course = if summary.is_silence() {
            course.or_cut_short("no call came")
        } else {
            course
        };
        self.write_unused(&playback, course)?;
        Ok(match (summary.misses, self.unused) {
            (1.., _) => Finished::Missed,
            (0, Leftover::Error) if summary.unused > 0 => Finished::LeftOver,
            (0, _) => Finished::Well,
        })
    }

    /// By what a replay's hits are priced; read before the first call, too, so that a slip in it
    /// is told in time.
    fn book(&self) -> Result<PriceBook, Failure> {
        let book = match &self.prices {
            Some(file) => PriceBook::load(file),
            None => PriceBook::shipped(),
        };
        book.map_err(Failure::general)
    }

    /// What the hits of a replay cost when they were recorded, in words.
    fn saved(&self, playback: &Playback, summary: &Summary) -> Result<String, Failure> {
        if summary.hits == 0 {
            return Ok(String::new());
        }
        let registry = Registry::shipped().map_err(Failure::general)?;
        let bill = savings(playback, &self.book()?, &registry);
        let Some(bill) = bill.map_err(Failure::general)? else {
            return Ok(String::new());
        };
        if bill.priced == 0 {
            return Ok("; what it saved is not known: no price of these models".to_owned());
        }
        let origin = playback.provenance().map_err(Failure::general)?;
        playback.close();
        let simulated = if origin.contains(&Provenance::Simulated) {
            " (simulated: nothing was paid)"
        } else {
            ""
        };
        Ok(format!("; {bill} saved{simulated}"))
    }

    /// How to get rid of what is left over, where that is of interest and nothing kept a call from
    /// coming.
    fn advice(&self, summary: &Summary, course: &Course) -> &'static str {
        let is_wanted = self.unused != Leftover::Ok && !self.unused_file.is_asked_for();
        match (summary.unused, course) {
            (1.., Course::Whole) if is_wanted => {
                "\nwhat is unused: --unused-file FILE writes it down, `bedrock-replay cassette prune` removes it"
            }
            _ => "",
        }
    }

    /// What the endpoint did, for a person.
    fn summed_up(
        &self,
        playback: &Playback,
        summary: &Summary,
        missed: &[MissedCall],
        course: &Course,
    ) -> Result<String, Failure> {
        if summary.is_silence() {
            return Ok(nothing_came(course));
        }
        let saved = self.saved(playback, summary)?;
        let words = closing_words(playback.mode(), summary, &saved, missed);
        let going_on = self.going_on(playback, course);
        Ok(format!("{words}{}{going_on}", self.advice(summary, course)))
    }

    /// How a recording of everything anew goes on that was cut short: what it did not come to is
    /// still as it was before.
    fn going_on(&self, playback: &Playback, course: &Course) -> String {
        let rest = self.since.words(Some(playback));
        match (course, rest) {
            (Course::CutShort(_), Some(since)) if playback.mode() == Mode::RecordAll => {
                format!("\nto go on: --mode record-missing {since}")
            }
            _ => String::new(),
        }
    }

    fn write_unused(&self, playback: &Playback, course: Course) -> Result<(), Failure> {
        if !self.unused_file.is_asked_for() {
            return Ok(());
        }
        let report = playback.report().map_err(Failure::general)?;
        playback.close();
        self.unused_file
            .write(playback.path(), &report.unused, course)
    }

    /// The region that environment and profile name.
    pub async fn configured_region(&self, environment: &Environment) -> Option<String> {
        let upwards = self.sender(environment).await.ok()?;
        upwards.region().map(str::to_owned)
    }

    /// What is recorded from.
    pub async fn sender(&self, environment: &Environment) -> Result<Upwards, Failure> {
        let endpoint_url = self.endpoint_url.as_deref();
        let region = self.region.as_deref();
        Upwards::load(environment, endpoint_url, region, self.timeouts())
            .await
            .map_err(Failure::general)
    }

    /// Those of Bedrock, or the one that was chosen: for the connection as well, if it is shorter.
    fn timeouts(&self) -> Timeouts {
        let by_default = Timeouts::default();
        let Some(chosen) = self.upstream_timeout else {
            return by_default;
        };
        Timeouts {
            connect: by_default.connect.map(|connect| connect.min(chosen)),
            answer: Some(chosen),
            silence: Some(chosen),
        }
    }
}

/// A shell that sends its programs' calls to an endpoint sends this program's there too.
async fn not_itself(sender: &Upwards, listen: SocketAddr) -> Result<(), Failure> {
    let authority = sender.authority().await.unwrap_or_default();
    let address = authority.replace("localhost:", "127.0.0.1:");
    if listen.port() == 0 || address.parse() != Ok(listen) {
        return Ok(());
    }
    let text = format!(
        "this endpoint would record from itself, `{authority}` (unset AWS_ENDPOINT_URL_BEDROCK_RUNTIME, or say where to record from by --endpoint-url)"
    );
    Err(Failure::with_code(exit_code::USAGE, text))
}

fn holds_something(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() > 0)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| "expected a number of seconds such as `30` or `2.5`".to_owned())
}

fn pace(text: &str) -> Result<Pace, String> {
    match text {
        "instant" => Ok(Pace::Instant),
        "recorded" => Ok(Pace::Recorded),
        _ => match text.parse::<f64>() {
            Ok(factor) if factor.is_finite() && factor >= 0.0 => Ok(Pace::Times(factor)),
            _ => Err("expected `instant`, `recorded` or a factor such as `0.5`".to_owned()),
        },
    }
}
