//! `bedrock-replay judge record`: asks one judge about recorded dialogues, and nobody else.

use std::path::Path;

use bedrock_replay::bench::{CallFailure, Outcome};
use bedrock_replay::client::OpenError;
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::{MODE_VARIABLE, Unused};
use bedrock_replay::regression::{Evidence, Verdicts};
use bedrock_replay::{Cassette, Mode};
use clap::Args;

use super::material::{self, Where, counted};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::stopping::unless_stopped;

/// Record a judge's judgments of recorded dialogues; only the judge is asked.
///
/// The dialogues are replayed. What is recorded already is not asked again, so a recording that
/// was cut short goes on where it stopped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Record {
    /// The judge to record: a folder, name@fingerprint or git:REF:path [default: the plan's]
    #[arg(long, value_name = "JUDGE")]
    candidate: Option<String>,

    #[command(flatten)]
    place: Where,

    /// Judgments of every turn; more than one tell the noise floor
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    epochs: u32,

    /// Record from here instead of AWS: the simulator, a proxy, a VPC endpoint
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,

    /// No progress
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay judge record
  bedrock-replay judge record --candidate scenarios/judges/strict --epochs 3

Exit codes: 0 every turn has a judgment recorded, 1 calls failed, 2 usage, 4 bad input,
5 the dialogues are not recorded";

impl Record {
    pub async fn run(self) -> Result<u8, Failure> {
        let plan = self.place.plan()?;
        let judges = self.place.judges();
        let judge = material::candidate(&judges, &plan, self.candidate.as_deref())?;
        let transcripts = material::dialogues(&plan, &self.place.dialogues(&plan.name)).await?;
        let path = self.place.candidate(&plan.name);
        let cassette = self.open(&path)?;
        let asked = material::ask(&plan, &judge, &transcripts, &cassette, self.epochs, None);
        let asked = unless_stopped(&cassette, asked).await??;
        let done = cassette.finish().map_err(Failure::general)?;
        if let Some(failure) = failed(&asked.outcomes) {
            return Err(failure);
        }
        print(&format!(
            "{}: {} recorded, {} there already, in {}\n{}\nnext: {}",
            judge.identity(),
            counted(done.recorded, "judgment"),
            done.replayed,
            path.display(),
            scored(&asked.evidence),
            self.next()
        ))?;
        Ok(exit_code::OK)
    }

    fn open(&self, path: &Path) -> Result<Cassette, Failure> {
        let environment = Environment::of_process();
        let resolved = Mode::resolve(Some(Mode::RecordMissing), &environment);
        let mode = resolved
            .map_err(|error| Failure::with_code(exit_code::USAGE, error))?
            .mode();
        if !mode.records() {
            let why = format!(
                "nothing may be recorded here: CI=true or {MODE_VARIABLE}={mode} holds it back (set {MODE_VARIABLE}=record-missing)"
            );
            return Err(Failure::with_code(exit_code::USAGE, why));
        }
        let mut options = Cassette::options(path)
            .mode(mode)
            .environment(environment)
            .unused(Unused::Ok);
        if let Some(url) = &self.endpoint_url {
            options = options.endpoint_url(url);
        }
        options.open().map_err(|error| match error {
            OpenError::Mode(_) => Failure::with_code(exit_code::USAGE, error),
            OpenError::Cassette(_) => Failure::general(error),
        })
    }

    fn next(&self) -> String {
        let mut words = vec!["bedrock-replay judge regress".to_owned()];
        let candidate = self.candidate.iter();
        words.extend(candidate.map(|candidate| format!("--candidate {candidate}")));
        words.extend((self.epochs > 1).then(|| format!("--epochs {}", self.epochs)));
        words.extend(self.place.words());
        words.join(" ")
    }
}

/// Calls that brought nothing, how the first one failed, and how to go on.
fn failed(outcomes: &[Outcome]) -> Option<Failure> {
    let (place, first): (String, &CallFailure) =
        outcomes.iter().find_map(Outcome::first_failure)?;
    let count: u32 = outcomes
        .iter()
        .flat_map(|outcome| outcome.failures().into_values())
        .sum();
    Some(Failure::general(format!(
        "{} failed\n  first     {place}\n            {first}\n  help      run this command again: it asks only for what is missing",
        counted(count.into(), "judge call")
    )))
}

/// `60 turns: 59 scored, 1 unscored (judge cut by max_tokens)`.
fn scored(evidence: &Evidence) -> String {
    let turns = evidence.epochs.iter().flat_map(|epoch| &epoch.turns);
    let (mut scored, mut reasons) = (0_u64, std::collections::BTreeMap::<&str, u64>::new());
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
