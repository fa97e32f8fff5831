//! `bedrock-replay stored`: runs that another program stored, read, shown and judged again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bedrock_replay::bench::{
    CONCURRENCY, CallFailure, Misses, Outcome, Plan, Run, StoredRuns, Transcript, Turn,
};
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::playback::Explained;
use bedrock_replay::rejudging::{Estimate, Questions, answers};
use bedrock_replay::report::{Conversation, Format, Json, Report};
use bedrock_replay::words::{counted, quoted};
use bedrock_replay::{Cassette, Mode};
use clap::{Args, Subcommand, ValueEnum};

use super::asking::{Asking, unreadable};
use super::attended::Attended;
use super::exit_code;
use super::explained::{Whereabouts, explained, gave_up};
use super::failure::Failure;
use super::output::print;
use super::record_mode;
use super::recording_command::PLAN;
use super::width;

const CASSETTE: &str = "cassettes/stored.sqlite";
/// Findings that are shown; of more the number is told.
const FINDINGS: usize = 20;

/// Runs that another program stored as `raw/runs/RUN/turn_NNN.json` and `judge_NNN.json`
///
/// docs/stored-runs.md tells the folders, each field that is read, and what is never judged.
#[derive(Debug, Args)]
pub struct Stored {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(Show),
    Judge(Box<Judge>),
}

/// Show stored runs with their stored judgments.
///
/// Errors that were stored as answers are counted as errors, by their kind, and a text of 0
/// output tokens as no answer; a judgment counts only if it passes the checks of the plan's
/// rubric. What that program mixed up is listed, with what was left alone, and why. A file that cannot be read stops
/// nothing; it is told at the end, with exit code 1.
#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    read: Read,
}

/// Have stored answers judged again, by the plan's judge.
///
/// By default the judge's calls are replayed; with --mode record-missing they are recorded, in the
/// manner of `run`: its tries, quotas, regions and cost limits.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Judge {
    #[command(flatten)]
    read: Read,

    /// The cassette of the judge's calls, whatever the configuration says of the plan's
    #[arg(long, value_name = "FILE", default_value = CASSETTE)]
    cassette: PathBuf,

    /// replay, record-missing, record-all or passthrough [default: `BEDROCK_REPLAY_MODE`, else replay]
    #[arg(long, value_name = "MODE")]
    mode: Option<Mode>,

    #[command(flatten)]
    asking: Asking,
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
  bedrock-replay stored judge old-weeks/2025-11 --mode record-missing
  bedrock-replay stored judge old-weeks/2025-11 --mode record-missing --max-cost 1.00 --region us-east-1,us-west-2

Exit codes: 0 every answer was judged, 1 calls failed or files are malformed, 2 usage, 4 a cassette that cannot be read,
5 calls are not recorded, 130 interrupted";

impl Stored {
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Show(show) => {
                let (plan, runs) = show.read.load()?;
                show.read.show(&plan, &runs, Vec::new())?;
                unread(&runs)
            }
            Command::Judge(judge) => judge.run().await,
        }
    }
}

impl Judge {
    async fn run(mut self) -> Result<(), Failure> {
        self.asking.watching.start_log();
        let (plan, runs) = self.read.load()?;
        let environment = record_mode::environment(self.mode, Environment::of_process());
        let mode = record_mode::resolved(self.mode, &environment)?;
        self.asking.since.check(mode.mode())?;
        self.asking.settle(mode.mode()).await?;
        self.look_ahead(&plan, &runs, mode.mode()).await?;
        let calls = asked_about(&runs.transcripts);
        let mut attended = self.asking.attended(calls)?;
        let done = Box::pin(self.ask(plan, runs, &mut attended)).await;
        attended.end(done)
    }

    /// Asks the judge, and tells what came of it.
    async fn ask(
        self,
        plan: Plan,
        runs: StoredRuns,
        attended: &mut Attended,
    ) -> Result<(), Failure> {
        let cassette = self.asking.open(&self.cassette, self.mode);
        let cassette = cassette.map_err(|failure| self.unopened(failure))?;
        let client = cassette.client().await.map_err(Failure::general)?;
        let run = Run::new(plan.clone(), client).concurrency(CONCURRENCY);
        let expenses = self.asking.expenses(&plan).await?;
        let run = attended.equip(run, &cassette, &self.asking.upstream);
        let run = run.expenses(expenses.clone());
        let judging = Box::pin(runs.judge_again(run));
        let runs = attended.wait(&cassette, judging).await;
        let judged_by = cassette.provenance().map_err(unreadable)?;
        cassette.finish().map_err(Failure::general)?;
        if let Some(stopped) = attended.stopped(&cassette, &self.recording_command(Some(&cassette)))
        {
            self.asking.tell_paid(&expenses, &judged_by);
            return Err(stopped);
        }
        self.read.show(&plan, &runs, judged_by.clone())?;
        self.asking.tell_paid(&expenses, &judged_by);
        match self.unanswered(&cassette, &runs.outcome(&plan)) {
            Some(failure) => Err(failure),
            None => unread(&runs),
        }
    }

    /// Says what will fail, and stops what would spend too much, before anything is sent.
    async fn look_ahead(&self, plan: &Plan, runs: &StoredRuns, mode: Mode) -> Result<(), Failure> {
        let warnings = self.asking.forewarnings(plan, &plan.judge.model, mode);
        if !mode.forwards() || !self.asking.must_count(&warnings) {
            return Ok(());
        }
        let plan = runs.shown_by(plan);
        let questions = Questions {
            plan: &plan,
            judge: &plan.judge,
            transcripts: &runs.transcripts,
            epochs: 1,
        };
        let calls = self.calls(&plan, runs, mode).await?;
        let help = self.words("show").join(" ");
        self.asking
            .look_ahead(&warnings, &self.read.plan, calls, &help, |prices| {
                Estimate::of(&questions, &self.cassette, prices)
            })
            .await
    }

    /// How many calls are sent on.
    async fn calls(&self, plan: &Plan, runs: &StoredRuns, mode: Mode) -> Result<u64, Failure> {
        if mode != Mode::RecordMissing || !self.cassette.exists() {
            return Ok(asked_about(&runs.transcripts));
        }
        let cassette = answers(&self.cassette, Explained::Never, self.asking.since.time())
            .map_err(unreadable)?;
        let client = cassette.client().await.map_err(Failure::general)?;
        let run = Run::new(plan.clone(), client);
        let run = run.concurrency(CONCURRENCY).unlogged();
        let known = Box::pin(runs.clone().judge_again(run)).await;
        cassette.finish().map_err(unreadable)?;
        let turns = known.transcripts.iter().flat_map(|own| &own.turns);
        let judged = turns.filter(|turn| turn.is_judged());
        let missed = judged.flat_map(Turn::failures).filter(|own| is_missed(own));
        Ok(missed.count() as u64)
    }

    /// Calls that brought nothing, how the first one failed, and how to go on.
    fn unanswered(&self, cassette: &Cassette, outcome: &Outcome) -> Option<Failure> {
        let help = self.recording_command(Some(cassette));
        if let Some((place, failure)) = outcome.gave_up() {
            return Some(gave_up(&place, failure, Whereabouts::default(), &help));
        }
        let answered = |turn: &&Turn| turn.answer().is_some();
        let turns = outcome.transcripts.iter().flat_map(|own| &own.turns);
        let failures: Vec<&CallFailure> = turns.filter(answered).flat_map(Turn::failures).collect();
        let first = failures.iter().find(|failure| !is_missed(failure));
        let missed = failures.iter().filter(|failure| is_missed(failure)).count() as u64;
        if let Some(first) = first {
            let count = failures.len() as u64 - missed;
            return Some(Failure::general(format!(
                "{} of the judge failed\n  first     {first}\n{}  help      {help}   (asks only for what is missing)",
                counted(count, "call"),
                explained(first, Whereabouts::default())
            )));
        }
        let miss = Misses::of(outcome).filter(|_| missed > 0)?;
        let also = format!("{} of the judge not recorded", counted(missed, "call"));
        let miss = miss.first.0.with_advice(Some(also), help);
        Some(Failure::with_code(exit_code::REPLAY_MISS, miss))
    }

    fn unopened(&self, failure: Failure) -> Failure {
        if self.cassette.exists() {
            return failure;
        }
        let text = format!(
            "no call of the judge is recorded: there is no `{}`\n  help      {}",
            self.cassette.display(),
            self.recording_command(None)
        );
        Failure::with_code(exit_code::REPLAY_MISS, text)
    }

    /// This command, recording what is missing.
    fn recording_command(&self, recorded: Option<&Cassette>) -> String {
        let mut words = self.words("judge");
        words.insert(1, "--mode record-missing".to_owned());
        if self.cassette != Path::new(CASSETTE) {
            words.push(format!("--cassette {}", of_path(&self.cassette)));
        }
        self.asking.going_on(&words.join(" "), recorded)
    }

    /// A command about the same folder, by the same plan.
    fn words(&self, command: &str) -> Vec<String> {
        let mut words = vec![format!(
            "bedrock-replay stored {command} {}",
            of_path(&self.read.folder)
        )];
        if self.read.plan != Path::new(PLAN) {
            words.push(format!("--plan {}", of_path(&self.read.plan)));
        }
        words
    }
}

fn of_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// How often the judge is asked.
fn asked_about(transcripts: &[Transcript]) -> u64 {
    let turns = transcripts.iter().flat_map(|own| &own.turns);
    turns.filter(|turn| turn.is_judged()).count() as u64
}

fn is_missed(failure: &CallFailure) -> bool {
    matches!(failure, CallFailure::Missed { .. })
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
            text.push_str(&left_alone(runs));
        }
        print(&text)
    }
}

/// What could not be read is told last, and is a failure; the rest was shown.
fn unread(runs: &StoredRuns) -> Result<(), Failure> {
    if runs.problems.is_empty() {
        return Ok(());
    }
    let what = counted(runs.problems.len(), "file");
    let all = runs.problems.iter();
    let lines = all.fold(String::new(), |text, own| format!("{text}\n  {own}"));
    Err(Failure::general(format!(
        "{what} could not be read (what they hold is in no figure):{lines}"
    )))
}

fn findings(runs: &StoredRuns) -> String {
    let all = runs.findings.iter().map(ToString::to_string);
    listed("mixed up in what was stored", all)
}

fn left_alone(runs: &StoredRuns) -> String {
    let names = runs.left_alone.iter().map(|own| {
        let below = own.path.strip_prefix(&runs.path).unwrap_or(&own.path);
        format!("{}: {}", below.display(), own.why)
    });
    listed("left alone", names)
}

/// The first of them, and how many more there are.
fn listed(heading: &str, mut all: impl ExactSizeIterator<Item = String>) -> String {
    if all.len() == 0 {
        return String::new();
    }
    let mut text = format!("\n{heading}\n");
    for own in all.by_ref().take(FINDINGS) {
        let _ = writeln!(text, "  {own}");
    }
    if all.len() > 0 {
        let _ = writeln!(text, "  and {} more", all.len());
    }
    text
}

fn name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}
