//! `bedrock-replay judge record`: asks one judge about recorded dialogues, and nobody else.

use std::collections::BTreeMap;
use std::path::Path;

use bedrock_replay::bench::{CallFailure, Expenses, Outcome, Plan};
use bedrock_replay::cassette::CassetteError;
use bedrock_replay::environment::Environment;
use bedrock_replay::judge::{AnyJudge, Identity, Judge, PairwiseJudge};
use bedrock_replay::playback::MODE_VARIABLE;
use bedrock_replay::regression::Verdicts;
use bedrock_replay::rejudging::{
    Asked, ContestQuestions, Estimate, Missing, PairwiseEdit, Prices, Probed, Questions,
    RejudgingError, Source, comparable_judges, dialogues,
};
use bedrock_replay::words::counted;
use bedrock_replay::{Cassette, Mode};
use clap::Args;
use jiff::Timestamp;

use super::contests::{self, REST};
use super::material::{EPOCHS, Where, failed, pairwise, refuse, unusable};
use crate::cli::asking::Asking;
use crate::cli::attended::Attended;
use crate::cli::exit_code;
use crate::cli::explained::{Whereabouts, explained, gave_up};
use crate::cli::failure::Failure;
use crate::cli::forewarning::Forewarning;
use crate::cli::output::print;
use crate::cli::spending::asks_again;

/// Record a judge's judgments of recorded dialogues; only the judge is asked.
///
/// The dialogues are replayed. What is recorded already is not asked again, so a recording that
/// was cut short goes on where it stopped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Record {
    /// What it is to be compared with: what cannot be is not recorded [default: the pinned one,
    /// if there is one]
    #[arg(long, value_name = "JUDGE")]
    baseline: Option<String>,

    /// The judge to record: a folder, name@fingerprint or git:REF:path [default: the plan's]
    #[arg(long, value_name = "JUDGE")]
    candidate: Option<String>,

    #[command(flatten)]
    place: Where,

    /// Judgments of every turn; more than one tell the noise floor
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    epochs: u32,

    /// Also record probes: variants that must not move scores (white space behind the judged
    /// turn, dimensions in the reverse order, the judge's paraphrases)
    #[arg(long)]
    probes: bool,

    #[command(flatten)]
    asking: Asking,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay judge record
  bedrock-replay judge record --candidate scenarios/judges/strict --epochs 3
  bedrock-replay judge record --probes
  bedrock-replay judge record --candidate pairwise   (both orders of every two answers)
  bedrock-replay judge record --max-cost 1.00 --region us-east-1,us-west-2

Exit codes: 0 every turn has a judgment recorded, 1 calls failed, 2 usage,
4 not comparable with the baseline, or bad input, 5 the dialogues are not recorded, 130 interrupted";

/// Why a pairwise judge has no probes.
const PROBES: &str = "the probe of a pairwise judge is the other order";

impl Record {
    pub async fn run(mut self) -> Result<u8, Failure> {
        self.asking.watching.start_log();
        let mode = mode()?;
        self.asking.since.check(mode)?;
        self.asking.settle(mode).await?;
        let source = self.place.source().await;
        let plan = source.load().map_err(failed)?;
        if let Some(judge) = pairwise(&source, self.candidate.as_deref())? {
            refuse(self.epochs > 1, "--epochs", EPOCHS)?;
            refuse(self.probes, "--probes", PROBES)?;
            return self.record_contests(&source, &plan, &judge, mode).await;
        }
        let judge = source.candidate(&plan, self.candidate.as_deref());
        let judge = judge.map_err(failed)?;
        self.check_comparable(&source, &judge)?;
        let held = source.dialogues(&plan);
        let transcripts = dialogues(&source, &plan).await.map_err(failed)?;
        let questions = Questions {
            plan: &plan,
            judge: &judge,
            transcripts: &transcripts,
            epochs: self.epochs,
        };
        let path = source.candidates(&plan);
        let probed = self.probed(&questions);
        let all: Vec<Questions<'_>> = std::iter::once(questions)
            .chain(probed.iter().map(Probed::questions))
            .collect();
        let calls = all.iter().map(Questions::calls).sum();
        let warnings = self.asking.forewarnings(&plan, &judge.model, mode);
        if self.asking.must_count(&warnings) {
            let asked = if asks_again(mode) {
                calls
            } else {
                missing(&all, &path, self.asking.since.time()).await?
            };
            self.look_ahead(&warnings, asked, |prices| {
                Estimate::of(&questions, &held, prices)
            })
            .await?;
        }
        let expenses = self.asking.expenses(&plan).await?;
        let mut answered_by = Vec::new();
        let mut attended = self.asking.attended(calls)?;
        let work = async {
            let attended = &mut attended;
            let cassette = self.asking.open(&path, Some(mode))?;
            let asked = self.ask(&all, &cassette, attended, &expenses).await?;
            answered_by = cassette.provenance().map_err(Failure::general)?;
            let done = cassette.finish().map_err(Failure::general)?;
            let go_on = self.going_on(&self.again(&source), &cassette);
            if let Some(stopped) = attended.stopped(&cassette, &go_on) {
                return Err(stopped);
            }
            if let Some(failure) = unanswered(&asked, &go_on) {
                return Err(failure);
            }
            let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
            let judged = AnyJudge::Rubric(judge.clone());
            let next = source.after_recording(&judged, baseline, candidate, self.epochs);
            let next = next.map_err(failed)?;
            // A call that was made twice brought one judgment.
            let recorded = calls.saturating_sub(done.replayed);
            let there = done.replayed;
            print(&format!(
                "{}: {} recorded, {there} there already, in {}\n{}{}\nnext: {next}",
                judge.identity(),
                counted(recorded, "judgment"),
                path.display(),
                scored(&asked),
                named(&probed),
            ))?;
            Ok(exit_code::OK)
        };
        let done = Box::pin(work).await;
        self.asking.tell_paid(&expenses, &answered_by);
        attended.end(done)
    }

    /// The same of a pairwise judge: every contest in both orders.
    async fn record_contests(
        &self,
        source: &Source,
        plan: &Plan,
        judge: &PairwiseJudge,
        mode: Mode,
    ) -> Result<u8, Failure> {
        self.check_contests_comparable(source, judge)?;
        let held = source.dialogues(plan);
        let transcripts = dialogues(source, plan).await.map_err(failed)?;
        let questions = ContestQuestions::new(plan, judge, &transcripts).map_err(failed)?;
        let path = source.candidates(plan);
        let warnings = self.asking.forewarnings(plan, &judge.model, mode);
        if self.asking.must_count(&warnings) {
            let asked = if asks_again(mode) {
                questions.calls()
            } else {
                missing_contests(&questions, &path, self.asking.since.time()).await?
            };
            self.look_ahead(&warnings, asked, |prices| {
                Estimate::of_contests(&questions, &held, prices)
            })
            .await?;
        }
        let expenses = self.asking.expenses(plan).await?;
        let mut answered_by = Vec::new();
        let mut attended = self.asking.attended(questions.calls())?;
        let work = async {
            let attended = &mut attended;
            let cassette = self.asking.open(&path, Some(mode))?;
            let run = questions.run(&cassette).await.map_err(failed)?;
            let run = attended.equip(run, &cassette, &self.asking.upstream);
            let run = run.expenses(expenses.clone());
            let asked = attended
                .wait(&cassette, questions.asked_by(run, &cassette))
                .await;
            let asked = asked.map_err(failed)?;
            answered_by.clone_from(&asked.provenance);
            let done = cassette.finish().map_err(Failure::general)?;
            let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
            let again = source.recording(baseline, candidate, 1);
            let go_on = self.going_on(&again, &cassette);
            if let Some(stopped) = attended.stopped(&cassette, &go_on) {
                return Err(stopped);
            }
            if let Some(failure) = contests::unanswered(&asked.contests, &go_on) {
                return Err(failure);
            }
            let recorded = questions.calls().saturating_sub(done.replayed);
            let judged = AnyJudge::Pairwise(judge.clone());
            let next = source.after_recording(&judged, baseline, candidate, 1);
            let next = next.map_err(failed)?;
            print(&format!(
                "{}: {} recorded, {} there already, in {}\n{}\nnext: {next}",
                asked.judge,
                counted(recorded, "judgment"),
                done.replayed,
                path.display(),
                contests::decided(&asked),
            ))?;
            Ok(exit_code::OK)
        };
        let done = Box::pin(work).await;
        self.asking.tell_paid(&expenses, &answered_by);
        attended.end(done)
    }

    /// Nobody pays for judgments that could not be compared.
    fn check_comparable(&self, source: &Source, judge: &Judge) -> Result<(), Failure> {
        if !self.has_baseline(source, &judge.identity())? {
            return Ok(());
        }
        let baseline = source.baseline(judge, self.baseline.as_deref());
        let baseline = baseline.map_err(failed)?;
        comparable_judges(&baseline, judge).map_err(failed)
    }

    /// Nor for verdicts that could not.
    fn check_contests_comparable(
        &self,
        source: &Source,
        judge: &PairwiseJudge,
    ) -> Result<(), Failure> {
        if !self.has_baseline(source, &judge.identity())? {
            return Ok(());
        }
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        let edit = PairwiseEdit::load(source.clone(), baseline, candidate, judge.clone());
        edit.map_err(failed)?.comparable().map_err(failed)
    }

    /// Whether there is something to compare a judge with: one that is named, or another pinned
    /// version of its name. A version that was pinned once is a baseline of its own.
    fn has_baseline(&self, source: &Source, judge: &Identity) -> Result<bool, Failure> {
        let pins = source.judges().pins().map_err(unusable)?;
        let is_own = pins.iter().any(|pin| pin.fingerprint == judge.fingerprint);
        let has_other = pins.iter().any(|pin| pin.judge == judge.name);
        Ok(self.baseline.is_some() || (!is_own && has_other))
    }

    async fn look_ahead(
        &self,
        warnings: &[Forewarning],
        calls: u64,
        estimate: impl for<'a> Fn(&Prices<'a>) -> Result<Estimate<'a>, CassetteError>,
    ) -> Result<(), Failure> {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        let source = self.place.source().await;
        let help = source.planning(baseline, candidate, self.epochs);
        self.asking
            .look_ahead(warnings, &self.place.plan, calls, &help, estimate)
            .await
    }

    /// Asks one after the other; they are stopped as one.
    async fn ask(
        &self,
        all: &[Questions<'_>],
        cassette: &Cassette,
        attended: &mut Attended,
        expenses: &Expenses,
    ) -> Result<Vec<Asked>, Failure> {
        let mut runs = Vec::new();
        for questions in all {
            let run = questions.run(cassette).await.map_err(failed)?;
            let run = attended.equip(run, cassette, &self.asking.upstream);
            runs.push(run.expenses(expenses.clone()));
        }
        let work = async {
            let mut asked = Vec::new();
            for (questions, run) in all.iter().zip(runs) {
                asked.push(questions.asked_by(run, cassette).await?);
            }
            Ok::<_, RejudgingError>(asked)
        };
        attended.wait(cassette, work).await.map_err(failed)
    }

    /// What is also asked, where that is wanted.
    fn probed<'a>(&self, questions: &Questions<'a>) -> Vec<Probed<'a>> {
        if self.probes {
            return questions.probes();
        }
        Vec::new()
    }

    /// The command that goes on. It takes no mode: the variable that began everything anew has to
    /// say that only the rest is asked.
    fn going_on(&self, again: &str, cassette: &Cassette) -> String {
        let command = self.asking.going_on(again, Some(cassette));
        if !asks_again(cassette.mode()) {
            return command;
        }
        format!("{MODE_VARIABLE}={} {command}", Mode::RecordMissing)
    }

    /// This command, as a person types it.
    fn again(&self, source: &Source) -> String {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        let mut command = source.recording(baseline, candidate, self.epochs);
        if self.probes {
            command.push_str(" --probes");
        }
        command
    }
}

/// Recording, unless the environment holds it back.
fn mode() -> Result<Mode, Failure> {
    let resolved = Mode::resolve(Some(Mode::RecordMissing), &Environment::of_process());
    let mode = resolved
        .map_err(|error| Failure::with_code(exit_code::USAGE, error))?
        .mode();
    if mode.records() {
        return Ok(mode);
    }
    let why = format!(
        "nothing may be recorded here: CI=true or {MODE_VARIABLE}={mode} holds it back (set {MODE_VARIABLE}=record-missing)"
    );
    Err(Failure::with_code(exit_code::USAGE, why))
}

/// How many calls a cassette does not have of all that is asked.
async fn missing(
    all: &[Questions<'_>],
    path: &Path,
    since: Option<Timestamp>,
) -> Result<u64, Failure> {
    let mut calls = 0;
    for questions in all {
        let asked = questions
            .replayed_since(path, since)
            .await
            .map_err(failed)?;
        calls += Missing::of("candidate", questions, &asked).missing.len() as u64;
    }
    Ok(calls)
}

/// The same of a pairwise judge.
async fn missing_contests(
    questions: &ContestQuestions<'_>,
    path: &Path,
    since: Option<Timestamp>,
) -> Result<u64, Failure> {
    let asked = questions
        .replayed_since(path, since)
        .await
        .map_err(failed)?;
    let missing = Missing::of_contests("candidate", questions, &asked);
    Ok(missing.missing.len() as u64)
}

/// `; probes: trailing-space, order`.
fn named(probed: &[Probed<'_>]) -> String {
    let names: Vec<String> = probed.iter().map(|own| own.probe.to_string()).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("; probes: {}", names.join(", "))
}

/// Calls that brought nothing, how the first one failed, and the command that goes on.
fn unanswered(asked: &[Asked], go_on: &str) -> Option<Failure> {
    let outcomes = || asked.iter().flat_map(|own| &own.outcomes);
    if let Some((place, failure)) = outcomes().find_map(Outcome::gave_up) {
        let help = format!("{go_on}   ({REST})");
        return Some(gave_up(&place, failure, Whereabouts::default(), &help));
    }
    let (place, first): (String, &CallFailure) = outcomes().find_map(Outcome::first_failure)?;
    let count: u32 = outcomes()
        .flat_map(|outcome| outcome.failures().into_values())
        .sum();
    Some(Failure::general(format!(
        "{} failed\n  first     {place}\n            {first}\n{}  help      {go_on}   ({REST})",
        counted(count, "judge call"),
        explained(first, Whereabouts::default())
    )))
}

/// `60 turns: 59 scored, 1 unscored (judge cut by max_tokens)`.
fn scored(asked: &[Asked]) -> String {
    let epochs = asked.iter().flat_map(|own| &own.evidence.epochs);
    let turns = epochs.flat_map(|epoch| &epoch.turns);
    let (mut scored, mut reasons) = (0_u64, BTreeMap::<&str, u64>::new());
    for turn in turns {
        match &turn.verdict {
            Verdicts::Scored { .. } => scored += 1,
            Verdicts::Unscored { label, .. } => *reasons.entry(label).or_default() += 1,
        }
    }
    let unscored: u64 = reasons.values().sum();
    let why: Vec<String> = reasons
        .iter()
        .map(|(why, count)| format!("{count} × {why}"))
        .collect();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(" ({})", why.join(", "))
    };
    format!(
        "{}: {scored} scored, {unscored} unscored{why}",
        counted(scored + unscored, "judgment")
    )
}
