//! `bedrock-replay run`: the Socratic benchmark, from a cassette or live.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bedrock_replay::bench::{
    self, CONCURRENCY, Expenses, Misses, Outcome, Plan, Speaking, Survey, is_of_a_judge,
};
use bedrock_replay::cassette::Slot;
use bedrock_replay::client::{CassetteOptions, OpenError};
use bedrock_replay::clock::SystemClock;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Operation, Provenance};
use bedrock_replay::playback::{MissReason, PlaybackReport, ResolvedMode, Unused};
use bedrock_replay::pricing::Tier;
use bedrock_replay::registry::Remark;
use bedrock_replay::report::{
    Conversation, Format, Github, Html, Json, Junit, Markdown, Report, write_file, write_files,
};
use bedrock_replay::words::{counted, quoted};
use bedrock_replay::{Cassette, Mode};
use clap::{Args, ValueEnum};

use super::attended::Attended;
use super::chosen::Chosen;
use super::exit_code;
use super::expenses::told;
use super::explained::{Whereabouts, explained, gave_up};
use super::failure::Failure;
use super::forewarning::{Asked, Forewarning, asked, forewarnings, say};
use super::manner::Manner;
use super::plan::PlanCommand;
use super::planned::{Loaded, Planned, today};
use super::progress::Audience;
use super::record_mode;
use super::recording_command::RecordingCommand;
use super::since::Since;
use super::spending::{Spending, asks_again, spent};
use super::stage;
use super::unopened::unopened;
use super::unused_file::{Course, UnusedFile};
use super::upstream_options::UpstreamOptions;
use super::values::{at_least_one, endpoint, veiled};
use super::watching::Watching;
use super::width;

/// Run the Socratic benchmark; by default replay it, offline and without AWS.
///
/// Holds every scenario of the plan with every model, has each tutor turn judged, and prints
/// what was attempted, answered, judged and left unscored, with the scores of the judged turns.
/// A failed or unreadable answer is counted as that and never scored.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Run {
    #[command(flatten)]
    chosen: Chosen,

    /// The cassette [default: cassettes/PLAN.sqlite]
    #[arg(long, value_name = "FILE")]
    cassette: Option<PathBuf>,

    /// replay, record-missing, record-all or passthrough [default: `BEDROCK_REPLAY_MODE`, else replay]
    #[arg(long, value_name = "MODE")]
    mode: Option<Mode>,

    /// Record from here instead of AWS: the simulator, a proxy, a VPC endpoint
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    endpoint_url: Option<String>,

    /// Dialogues held at the same time
    #[arg(long, value_name = "N", default_value_t = CONCURRENCY, value_parser = at_least_one::<NonZeroUsize>)]
    concurrency: NonZeroUsize,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,

    /// Also write one page with everything on it, to open in a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Also write results.json, table.txt, report.html, report.md, report.xml (JUnit) and
    /// dialogues/*.json into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// No progress and no notes
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    since: Since,

    #[command(flatten)]
    unused_file: UnusedFile,

    #[command(flatten)]
    manner: Manner,

    /// Say what the run would ask, why and for how much, and ask nothing: the same as `plan`
    #[arg(long = "dry-run")]
    only_planned: bool,

    #[command(flatten)]
    upstream: UpstreamOptions,

    #[command(flatten)]
    watching: Watching,

    #[command(flatten)]
    spending: Spending,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
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
    fn format(self) -> Box<dyn Format> {
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

impl Run {
    pub async fn run(mut self) -> Result<(), Failure> {
        self.watching.start_log();
        if self.only_planned {
            return Box::pin(self.tell_plan()).await;
        }
        let plan = self.manner.of(self.chosen.load()?);
        self.check_mode()?;
        self.look_ahead(&plan).await?;
        let mut attended = Attended::listen(plan.calls(), self.audience(), &self.watching)?;
        let done = Box::pin(self.hold(plan, &mut attended)).await;
        attended.end(done)
    }

    /// Holds the dialogues, and tells what came of them.
    async fn hold(self, plan: Plan, attended: &mut Attended) -> Result<(), Failure> {
        let cassette = self.open(&plan)?;
        let prices = self.spending.book(&plan.path)?;
        let clock = Arc::new(SystemClock::new());
        let region = self.upstream.first_region().await;
        let registry = plan.registry.clone();
        let asked = Whereabouts {
            region: Some(&region),
            registry: Some(&registry),
        };
        let expenses = Expenses::new(prices, registry.clone(), Some(region.clone()), clock);
        let run = self.equip(plan, &cassette, attended).await?;
        let run = run.expenses(expenses.clone()).execute();
        let outcome = attended.wait(&cassette, run).await;
        stage::end_line();
        let provenance = provenance(&cassette, &outcome);
        let report = match (cassette.finish(), outcome.gave_up()) {
            // A cassette that failed the calls may fail the end as well.
            (Err(_), Some(_)) => PlaybackReport::default(),
            (finished, _) => finished.map_err(Failure::general)?,
        };
        let next = self.command_after(Some(&cassette), Mode::RecordMissing);
        let next = next.line();
        if let Some(stopped) = attended.stopped(&cassette, &next) {
            self.cut_short(&cassette, "it was interrupted")?;
            return Err(stopped);
        }
        if let Some((place, failure)) = outcome.gave_up() {
            let known = failure.explanation(asked.region);
            let why = known.map_or_else(|| failure.to_string(), |known| known.what.to_string());
            self.cut_short(&cassette, &why)?;
            return Err(gave_up(&place, failure, asked, &next));
        }
        if let Some(misses) = Misses::of(&outcome) {
            self.cut_short(&cassette, "calls missed")?;
            return Err(self.missed(misses).await);
        }
        self.tell_unused(&cassette, &report, &outcome)?;
        let report = Report {
            outcome,
            provenance: provenance?,
        };
        self.show(&report)?;
        self.tell_expenses(&expenses, &report);
        match failed_calls(&report.outcome, asked, &next) {
            Some(text) => Err(Failure::general(text)),
            None => Ok(()),
        }
    }

    /// After the report, so that it is the last that is read.
    fn tell_expenses(&self, expenses: &Expenses, report: &Report) {
        let told = told(expenses, &report.provenance);
        if !self.quiet && !told.is_empty() {
            anstream::eprintln!("\n{told}");
        }
    }

    /// The same run as `plan` takes it, in the mode that holds.
    async fn tell_plan(&self) -> Result<(), Failure> {
        if self.resolved_mode()?.mode() != Mode::Replay {
            self.check_mode()?;
        }
        let (mode, command) = match self.resolved_mode()?.mode() {
            Mode::Replay => (Mode::RecordMissing, self.command(Mode::RecordMissing)),
            mode => (mode, self.command(mode)),
        };
        let plan = PlanCommand {
            planned: Planned {
                chosen: self.chosen.clone(),
                cassette: self.cassette.clone(),
                prices: self.spending.prices().cloned(),
                region: self.upstream.regions().to_vec(),
                since: self.since.clone(),
                on: None,
            },
            manner: self.manner,
            format: match self.format {
                Shown::Json => super::cassette::Shown::Json,
                _ => super::cassette::Shown::Text,
            },
        };
        plan.tell(mode, &command).await
    }

    /// Says what will fail, and stops what would cost too much, before anything is sent. A
    /// replay sends nothing and looks at nothing.
    async fn look_ahead(&mut self, plan: &Plan) -> Result<(), Failure> {
        // An unknown mode is told where the cassette is opened.
        let Ok(mode) = self.resolved_mode().map(ResolvedMode::mode) else {
            return Ok(());
        };
        if !mode.forwards() {
            return Ok(());
        }
        if !self.quiet {
            Manner::say_what_is_not_cached(plan);
        }
        let settled = self.upstream.settle(self.endpoint_url.as_deref()).await;
        settled.map_err(Failure::general)?;
        let mut warnings = self.forewarnings(plan, &plan.model_ids());
        // Where everything is asked, every model is.
        let is_of_some = !warnings.is_empty() && !asks_again(mode);
        if !is_of_some && !self.spending.matters() {
            say(&warnings, self.reader());
            return Ok(());
        }
        let survey = Box::pin(self.survey(plan)).await?;
        if is_of_some {
            warnings = self.forewarnings(plan, &asked(plan, &survey, mode));
        }
        say(&warnings, self.reader());
        let (calls, bill) = spent(&survey, mode);
        let help = format!("{} --dry-run", self.command(mode).line());
        self.spending.allow(calls, &bill, &help)
    }

    /// What is to be known of models.
    fn forewarnings(&self, plan: &Plan, models: &[&str]) -> Vec<Forewarning> {
        let whom = if self.options(plan).asks_this_machine() {
            Asked::ThisMachine
        } else {
            Asked::Aws(self.upstream.regions())
        };
        forewarnings(&plan.registry, models, whom, today())
    }

    /// What the cassette has of the plan.
    async fn survey(&self, plan: &Plan) -> Result<Survey, Failure> {
        let loaded = Loaded {
            plan: plan.clone(),
            cassette: self.cassette_path(plan),
            prices: self.spending.book(&plan.path)?,
            today: today(),
            since: self.since.time(),
        };
        let region = self.upstream.first_region().await;
        let survey = loaded.survey(&region, Tier::OnDemand, self.manner.speaking());
        survey.await
    }

    fn open(&self, plan: &Plan) -> Result<Cassette, Failure> {
        let resolved = self.resolved_mode()?;
        if !self.quiet {
            record_mode::say_if_held_back(resolved);
        }
        record_mode::say_if_shared(resolved.mode(), &self.cassette_path(plan));
        let opened = self.options(plan).open();
        opened.map_err(|error| match error {
            OpenError::Mode(_) => Failure::with_code(exit_code::USAGE, error),
            OpenError::Cassette(error) => unopened(error, record_mode::how_to_record(resolved)),
        })
    }

    fn options(&self, plan: &Plan) -> CassetteOptions {
        let mut options = Cassette::options(self.cassette_path(plan))
            .environment(self.environment())
            .unused(Unused::Ok);
        if let Some(mode) = self.mode {
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

    fn cassette_path(&self, plan: &Plan) -> PathBuf {
        self.cassette.clone().unwrap_or_else(|| plan.cassette())
    }

    fn environment(&self) -> Environment {
        record_mode::environment(self.mode, Environment::of_process())
    }

    fn resolved_mode(&self) -> Result<ResolvedMode, Failure> {
        record_mode::resolved(self.mode, &self.environment())
    }

    async fn equip(
        &self,
        plan: Plan,
        cassette: &Cassette,
        attended: &Attended,
    ) -> Result<bench::Run, Failure> {
        let client = cassette.client().await.map_err(Failure::general)?;
        let run = bench::Run::new(plan, client).concurrency(self.concurrency);
        let run = attended.equip(run, cassette, &self.upstream);
        Ok(match (self.manner.speaking(), self.quiet) {
            (Speaking::AtOnce, _) => run,
            (Speaking::Streamed, false) => run.listener(stage::listener()),
            (Speaking::Streamed, true) => run.listener(Arc::new(|_, _| {})),
        })
    }

    /// Who is shown the progress: before dialogues that are heard word by word, nobody.
    fn audience(&self) -> Audience {
        if self.manner.speaking() == Speaking::Streamed {
            return Audience::Nobody;
        }
        self.reader()
    }

    /// Who reads notes.
    fn reader(&self) -> Audience {
        if self.quiet {
            return Audience::Nobody;
        }
        Audience::of_stderr()
    }

    /// Told before any file is touched; an unknown mode is told where the cassette is opened.
    fn check_mode(&self) -> Result<(), Failure> {
        match self.resolved_mode() {
            Ok(resolved) => {
                self.since.check(resolved.mode())?;
                self.unused_file.check(resolved.mode())
            }
            Err(_) => Ok(()),
        }
    }

    fn cut_short(&self, cassette: &Cassette, why: &str) -> Result<(), Failure> {
        let course = Course::CutShort(why.to_owned());
        self.unused_file
            .write(cassette.playback().path(), &[], course)
    }

    /// Writes down what this run left over, and says so where nobody would look for it.
    fn tell_unused(
        &self,
        cassette: &Cassette,
        report: &PlaybackReport,
        outcome: &Outcome,
    ) -> Result<(), Failure> {
        // Other judges than the plan's were asked about these dialogues, and are compared with it.
        let unused: Vec<Slot> = report
            .unused
            .iter()
            .filter(|slot| !is_of_a_judge(&slot.scope))
            .cloned()
            .collect();
        let left = unused.len() as u64;
        let records = cassette.mode() == Mode::RecordAll;
        let failed: u32 = outcome.failures().values().sum();
        // Of a dialogue that broke off the rest was not asked for, and is not left over.
        let is_sure = records && failed == 0;
        if is_sure && left > 0 && !self.quiet && !self.unused_file.is_asked_for() {
            anstream::eprintln!(
                "note: {} of before stayed, which this run did not ask for (--unused-file FILE writes them down, `bedrock-replay cassette prune` removes them)",
                counted(left, "exchange")
            );
        }
        let course = match (records, failed) {
            // What the rest of the plan asks for is not left over.
            _ if self.chosen.is_a_selection() => {
                Course::CutShort("only some of the plan was run".to_owned())
            }
            (true, failed @ 1..) => {
                Course::CutShort(format!("{} failed", counted(u64::from(failed), "call")))
            }
            _ => Course::Whole,
        };
        let path = cassette.playback().path();
        self.unused_file.write(path, &unused, course)
    }

    fn show(&self, report: &Report) -> Result<(), Failure> {
        if let Some(folder) = &self.out {
            write_files(folder, report).map_err(Failure::general)?;
        }
        if let Some(path) = &self.html {
            write_file(path, &Html, report).map_err(Failure::general)?;
        }
        let text = self
            .format
            .format()
            .render(report)
            .map_err(Failure::general)?;
        if self.watching.takes_standard_output() {
            anstream::eprint!("{text}");
            return Ok(());
        }
        print(&text).map_err(Failure::general)
    }

    async fn missed(&self, misses: Misses) -> Failure {
        let others = misses.requests - 1;
        let also = (others > 0).then(|| {
            format!(
                "{} of this run would miss",
                counted(others, "other request")
            )
        });
        let asked = self.asked_for_missing().await;
        let asked = asked.unwrap_or_else(|| counted(misses.requests, "call"));
        let help = format!("{}   ({asked})", self.recording_command());
        let help = match self.other_form(&misses.first.0.reason) {
            Some(flag) => format!("the same command {flag} replays it; to record it anew:\n{help}"),
            None => help,
        };
        let help = match self.meant(&misses.first.0.subject) {
            Some(remark) => format!("{remark}; to record it as it is:\n{help}"),
            None => help,
        };
        let miss = misses.first.0.with_advice(also, help);
        Failure::with_code(exit_code::REPLAY_MISS, miss)
    }

    /// `60 calls, about $0.21`: what the command asks that records what is missing, and what that
    /// costs where a price is known.
    async fn asked_for_missing(&self) -> Option<String> {
        let plan = self.manner.of(self.chosen.load().ok()?);
        let survey = Box::pin(self.survey(&plan)).await.ok()?;
        let (calls, bill) = spent(&survey, Mode::RecordMissing);
        let calls = counted(calls, "call");
        Some(match bill.priced {
            0 => calls,
            _ => format!("{calls}, about {bill}"),
        })
    }

    /// What is wrong with the id of a model that looks wrong.
    fn meant(&self, model: &str) -> Option<String> {
        let registry = self.chosen.load().ok()?.registry;
        let mut remarks = registry.remarks(model, today()).into_iter();
        let wrong = remarks.find(Remark::is_of_a_wrong_id)?;
        Some(format!("{model}: {wrong}"))
    }

    /// How a call of a dialogue is asked for that is recorded in the other form.
    fn other_form(&self, reason: &MissReason) -> Option<&'static str> {
        let MissReason::OtherForm { operation, .. } = reason else {
            return None;
        };
        match (operation, self.manner.speaking()) {
            (Operation::Converse, Speaking::Streamed) => Some("without --stream"),
            (Operation::ConverseStream, Speaking::AtOnce) => Some("with --stream"),
            _ => None,
        }
    }

    /// This command, recording what is missing.
    fn recording_command(&self) -> String {
        self.command(Mode::RecordMissing).line()
    }

    /// This command in a mode, with all that changes what is asked, of whom and for how much.
    fn command(&self, mode: Mode) -> RecordingCommand {
        self.command_after(None, mode)
    }

    /// The same once something was recorded.
    fn command_after(&self, recorded: Option<&Cassette>, mode: Mode) -> RecordingCommand {
        let concurrency = self.concurrency;
        RecordingCommand::new(mode, &self.chosen.plan)
            .path("cassette", self.cassette.as_deref())
            .option("endpoint-url", self.endpoint_url.as_deref().map(veiled))
            .each("model", &self.chosen.model)
            .each("scenario", &self.chosen.scenario)
            .option(
                "concurrency",
                (concurrency != CONCURRENCY).then_some(concurrency),
            )
            .words(self.since.words(recorded))
            .words(self.upstream.words())
            .words(self.spending.words())
            .words(self.manner.words())
            .words(recorded.iter().flat_map(|_| self.outputs()))
    }

    /// What is written, for the command that goes on.
    fn outputs(&self) -> impl Iterator<Item = String> {
        let written =
            |name: &str, path: &Path| format!("--{name} {}", quoted(&path.to_string_lossy()));
        let format = self.format.to_possible_value();
        let format = format.filter(|_| self.format != Shown::Text);
        let format = format.map(|format| format!("--format {}", format.get_name()));
        let html = self.html.as_deref().map(|path| written("html", path));
        let out = self.out.as_deref().map(|path| written("out", path));
        let own = [format, html, out].into_iter().flatten();
        own.chain(self.watching.words())
    }
}

/// Who gave the answers of this run.
fn provenance(cassette: &Cassette, outcome: &Outcome) -> Result<Vec<Provenance>, Failure> {
    match (cassette.mode(), outcome.is_simulated) {
        (Mode::Passthrough, true) => Ok(vec![Provenance::Simulated]),
        (Mode::Passthrough, false) => Ok(vec![Provenance::Live]),
        _ => cassette.provenance().map_err(Failure::general),
    }
}

/// Prints to standard output; a reader that has seen enough is no failure.
fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// What failed, how often, how it failed first, and how to ask again.
fn failed_calls(outcome: &Outcome, asked: Whereabouts<'_>, next: &str) -> Option<String> {
    let (place, first) = outcome.first_failure()?;
    let failures = outcome.failures();
    let reasons: Vec<String> = failures
        .iter()
        .map(|(reason, count)| format!("{count} × {reason}"))
        .collect();
    let count = failures.values().sum::<u32>();
    Some(format!(
        "{} of this run failed: {}\n  first     {place}\n            {first}\n{}  help      {}",
        counted(count, "call"),
        reasons.join(", "),
        explained(first, asked),
        next
    ))
}
