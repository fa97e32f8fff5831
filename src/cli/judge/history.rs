//! `bedrock-replay judge history`: every pinned version over the same dialogues. A judge that
//! loses a little with every edit is seen here, and in no single comparison.

use bedrock_replay::judge::{Judge, Pin};
use bedrock_replay::regression::{Changes, Comparison, Evidence, Options};
use bedrock_replay::rejudging::{Missing, Questions, dialogues};
use clap::Args;

use super::material::{Where, failed, unusable};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::{Grid, print};

/// Show every pinned version of a judge over the same dialogues.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 shown, 2 usage, 4 bad input, 5 a version's judgments, or the\ndialogues, are not recorded"
)]
pub struct History {
    /// The judge's name [default: the plan's judge]
    #[arg(value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    place: Where,
}

/// A version and what it said.
struct Version {
    label: String,
    judge: Judge,
    evidence: Evidence,
}

impl History {
    pub async fn run(self) -> Result<u8, Failure> {
        let source = self.place.source();
        let plan = source.load().map_err(failed)?;
        let judges = source.judges();
        let name = self.name.clone().unwrap_or_else(|| plan.judge.name.clone());
        let pins = judges.pins().map_err(unusable)?;
        let own: Vec<Pin> = pins.into_iter().filter(|pin| pin.judge == name).collect();
        if own.is_empty() {
            return Err(unusable(format!(
                "`{name}` has no pin (bedrock-replay judge pin {name})"
            )));
        }
        let held = dialogues(&source, &plan).await;
        let (transcripts, path) = (held.map_err(failed)?, source.candidates(&plan));
        let mut versions = Vec::new();
        let mut unrecorded = Vec::new();
        for pin in &own {
            let judge = judges.pinned(pin).map_err(unusable)?;
            let questions = Questions {
                plan: &plan,
                judge: &judge,
                transcripts: &transcripts,
                epochs: 1,
            };
            let asked = questions.replayed(&path).await.map_err(failed)?;
            let unheard = Missing::of("version", &questions, &asked);
            if !unheard.is_none() {
                let reference = judge.identity().to_string();
                let command = source.recording(None, Some(&reference), 1);
                unrecorded.push(format!("{}: {command}", unheard.heading()));
            }
            versions.push(Version {
                label: format!("{} {}", pin.pinned, judge.identity()),
                judge,
                evidence: asked.evidence,
            });
        }
        print(&table(&versions)?)?;
        if unrecorded.is_empty() {
            return Ok(exit_code::OK);
        }
        Err(Failure::with_code(
            exit_code::REPLAY_MISS,
            unrecorded.join("\n"),
        ))
    }
}

fn table(versions: &[Version]) -> Result<String, Failure> {
    let first = versions
        .first()
        .ok_or_else(|| Failure::general("no version"))?;
    let mut grid = Grid::new([
        "pinned",
        "scored",
        "overall",
        "since the first",
        "since the last",
        "verdict on the first",
    ]);
    let mut last = first;
    for version in versions {
        let since_first = compare(first, version);
        let since_last = compare(last, version);
        let shift = |comparison: &Comparison| {
            let overall = comparison.metrics.first();
            let shown = overall.and_then(|overall| Some((overall.shift?, overall.interval?)));
            shown.map_or_else(
                || "n/a".to_owned(),
                |(shift, interval)| {
                    format!("{} {interval}", bedrock_replay::statistics::signed(shift))
                },
            )
        };
        let mean = since_first.metrics.first().and_then(|overall| overall.b);
        grid.row([
            version.label.clone(),
            format!("{}/{}", since_first.b.scored, since_first.b.asked),
            mean.map_or_else(|| "n/a".to_owned(), |mean| format!("{mean:.2}")),
            shift(&since_first),
            shift(&since_last),
            since_first.decision.verdict.to_string(),
        ]);
        last = version;
    }
    Ok(grid.to_string())
}

fn compare(from: &Version, to: &Version) -> Comparison {
    Comparison::of(
        from.evidence.clone(),
        to.evidence.clone(),
        &from.judge.rubric,
        Changes::between(&from.judge, &to.judge),
        None,
        &Options::default(),
    )
}
