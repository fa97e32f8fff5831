//! What a person types.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use bedrock_replay::Mode;
use bedrock_replay::bench::CONCURRENCY;
use bedrock_replay::report::{Conversation, Format, Github, Json, Junit, Markdown};
use clap::{Args, ValueEnum};

use crate::cli::chosen::Chosen;
use crate::cli::manner::Manner;
use crate::cli::since::Since;
use crate::cli::spending::Spending;
use crate::cli::unused_file::UnusedFile;
use crate::cli::upstream_options::UpstreamOptions;
use crate::cli::values::{at_least_one, endpoint};
use crate::cli::watching::Watching;
use crate::cli::width;

/// Run the Socratic benchmark; by default replay it, offline and without AWS.
///
/// Holds every scenario of the plan with every model, has each tutor turn judged, and prints
/// what was attempted, answered, judged and left unscored, with the scores of the judged turns.
/// A failed or unreadable answer is counted as that and never scored.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Run {
    #[command(flatten)]
    pub(super) chosen: Chosen,

    /// The cassette [default: cassettes/PLAN.sqlite]
    #[arg(long, value_name = "FILE")]
    pub(super) cassette: Option<PathBuf>,

    /// replay, record-missing, record-all or passthrough [default: `BEDROCK_REPLAY_MODE`, else replay]
    #[arg(long, value_name = "MODE")]
    pub(super) mode: Option<Mode>,

    /// Record from here instead of AWS: the simulator, a proxy, a VPC endpoint
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub(super) endpoint_url: Option<String>,

    /// Dialogues held at the same time
    #[arg(long, value_name = "N", default_value_t = CONCURRENCY, value_parser = at_least_one::<NonZeroUsize>)]
    pub(super) concurrency: NonZeroUsize,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(super) format: Shown,

    /// Also write one page with everything on it, to open in a browser
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,

    /// Also write results.json, table.txt, report.html, report.md, report.xml (JUnit) and
    /// dialogues/*.json into this folder
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// No progress and no notes
    #[arg(long, short)]
    pub(super) quiet: bool,

    #[command(flatten)]
    pub(super) since: Since,

    #[command(flatten)]
    pub(super) unused_file: UnusedFile,

    #[command(flatten)]
    pub(super) manner: Manner,

    /// Say what the run would ask, why and for how much, and ask nothing: the same as `plan`
    #[arg(long = "dry-run")]
    pub(super) only_planned: bool,

    #[command(flatten)]
    pub(super) upstream: UpstreamOptions,

    #[command(flatten)]
    pub(super) watching: Watching,

    #[command(flatten)]
    pub(super) spending: Spending,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// Tables per model
    Text,
    /// One JSON object with every turn and judgment
    Json,
    /// The dialogues, as they are read
    Dialogues,
    /// For a pull request
    Markdown,
    /// Annotations of a GitHub workflow
    Github,
    /// A test report that CI systems read
    Junit,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay run
  bedrock-replay run --scenario EL-CIV-FREE-HARM-01 --model llama-3-1-70b --format dialogues
  bedrock-replay run --format json --out results
  bedrock-replay run --html weekly.html

  After an edit, record only what is missing (from AWS, or from an endpoint):
  bedrock-replay run --mode record-missing
  bedrock-replay run --mode record-missing --endpoint-url http://127.0.0.1:8080

Exit codes: 0 all went well, 1 something failed, 2 usage, 5 replay miss, 130 interrupted";

impl Shown {
    pub fn format(self) -> Box<dyn Format> {
        match self {
            Self::Text => width::table(),
            Self::Json => Box::new(Json),
            Self::Dialogues => Box::new(Conversation),
            Self::Markdown => Box::new(Markdown),
            Self::Github => Box::new(Github),
            Self::Junit => Box::new(Junit),
        }
    }
}
