//! `bedrock-replay stored`: runs that another program stored, read, shown and judged again.

use std::path::{Path, PathBuf};

use bedrock_replay::bench::{Plan, StoredRuns};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::playback::Unused;
use bedrock_replay::report::{Conversation, Format, Json, Report};
use bedrock_replay::{Cassette, Mode};
use clap::{Args, Subcommand, ValueEnum};

use super::failure::Failure;
use super::output::print;
use super::stopping::unless_stopped;
use super::width;

const PLAN: &str = "scenarios/weekly.toml";
/// Findings that are shown; of more the number is told.
const FINDINGS: usize = 20;

/// Runs that another program stored as `raw/runs/RUN/turn_NNN.json` and `judge_NNN.json`
#[derive(Debug, Args)]
pub struct Stored {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(Show),
    Judge(Judge),
}

/// Show stored runs with their stored judgments.
///
/// Errors that were stored as answers are counted as errors; a judgment counts only if it
/// passes the checks of the plan's rubric. What that program mixed up is listed.
#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    read: Read,
}

/// Have stored answers judged again, by the plan's judge.
///
/// By default the judge's calls are replayed; with --mode record-missing they are recorded.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Judge {
    #[command(flatten)]
    read: Read,

    /// The cassette of the judge's calls [default: cassettes/stored.sqlite]
    #[arg(long, value_name = "FILE", default_value = "cassettes/stored.sqlite")]
    cassette: PathBuf,

    /// replay, record-missing, record-all or passthrough [default: `BEDROCK_REPLAY_MODE`, else replay]
    #[arg(long, value_name = "MODE")]
    mode: Option<Mode>,

    /// Record from here instead of AWS
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

#[derive(Debug, Args)]
struct Read {
    /// The folder: one run, `raw/runs`, or what holds them
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The plan: its judge, and the scenarios that it knows
    #[arg(long, value_name = "FILE", default_value = PLAN)]
    plan: PathBuf,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// Tables per model, and what was mixed up
    Text,
    /// One JSON object with every turn and judgment
    Json,
    /// The dialogues, as they are read
    Dialogues,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay stored show old-weeks/2025-11
  bedrock-replay stored judge old-weeks/2025-11 --mode record-missing";

impl Stored {
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Show(show) => {
                let (plan, runs) = show.read.load()?;
                show.read.show(&plan, &runs, Vec::new())
            }
            Command::Judge(judge) => judge.run().await,
        }
    }
}

impl Judge {
    async fn run(&self) -> Result<(), Failure> {
        let (plan, runs) = self.read.load()?;
        let mut options = Cassette::options(&self.cassette).unused(Unused::Ok);
        if let Some(mode) = self.mode {
            options = options.mode(mode);
        }
        if let Some(url) = &self.endpoint_url {
            options = options.endpoint_url(url);
        }
        let cassette = options.open().map_err(Failure::general)?;
        let client = cassette.client().await.map_err(Failure::general)?;
        let judging = Box::pin(runs.judge_again(&plan, client));
        let runs = unless_stopped(&cassette, judging).await?;
        let judged_by = cassette.provenance().map_err(Failure::general)?;
        cassette.finish().map_err(Failure::general)?;
        self.read.show(&plan, &runs, judged_by)?;
        let outcome = runs.outcome(&plan);
        let turns = outcome.transcripts.iter().flat_map(|own| &own.turns);
        let answered = turns.filter(|turn| turn.answer().is_some());
        match answered
            .flat_map(bedrock_replay::bench::Turn::failures)
            .count()
        {
            0 => Ok(()),
            failed => Err(Failure::general(format!(
                "{failed} calls of the judge have no answer (--mode record-missing asks for them)"
            ))),
        }
    }
}

impl Read {
    fn load(&self) -> Result<(Plan, StoredRuns), Failure> {
        let plan = Plan::load(&self.plan).map_err(Failure::general)?;
        let runs = StoredRuns::read(&self.folder, &plan).map_err(Failure::general)?;
        Ok((plan, runs))
    }

    fn show(
        &self,
        plan: &Plan,
        runs: &StoredRuns,
        judged_by: Vec<Provenance>,
    ) -> Result<(), Failure> {
        let mut provenance = vec![Provenance::Imported(name(&self.folder))];
        provenance.extend(judged_by);
        let report = Report {
            outcome: runs.outcome(plan),
            provenance,
        };
        let rendered = match self.format {
            Shown::Text => width::table().render(&report),
            Shown::Json => Json.render(&report),
            Shown::Dialogues => Conversation.render(&report),
        };
        let mut text = rendered.map_err(Failure::general)?;
        if self.format == Shown::Text {
            text.push_str(&findings(runs));
        }
        print(&text)
    }
}

fn findings(runs: &StoredRuns) -> String {
    if runs.findings.is_empty() {
        return String::new();
    }
    let mut text = "\nmixed up in what was stored\n".to_owned();
    for finding in runs.findings.iter().take(FINDINGS) {
        text.push_str("  ");
        text.push_str(&finding.to_string());
        text.push('\n');
    }
    let more = runs.findings.len().saturating_sub(FINDINGS);
    if more > 0 {
        text.push_str("  and ");
        text.push_str(&more.to_string());
        text.push_str(" more\n");
    }
    text
}

fn name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}
