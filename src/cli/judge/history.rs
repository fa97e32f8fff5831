//! `bedrock-replay judge history`: every pinned version over the same dialogues. A judge that
//! loses a little with every edit is seen here, and in no single comparison.

use bedrock_replay::judge::{AnyJudge, Judge, Pin, Reference};
use bedrock_replay::regression::{Changes, Comparison, Evidence, Options};
use bedrock_replay::rejudging::{Missing, Questions, dialogues};
use bedrock_replay::statistics::{Clustered, signed};
use clap::Args;

use super::material::{Where, failed, unusable};
use super::pairwise_history;
use super::past::{self, Past, UNKNOWN, VERSION, recorded};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::{Grid, print};
use crate::cli::planned::today;

/// Show what every pinned version of a judge makes of the same dialogues.
///
/// A line for each version, oldest first: its mean, how far that moved since the first version and
/// since the one before, and the verdict on the first. Of a pairwise judge: what each model gets of
/// the contests, and how often the verdict follows the place. Nothing is asked; of a version that
/// is not recorded it is told what recording it costs, and by which command.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 shown, 2 usage, 4 bad input, 5 a version's judgments, or the\ndialogues, are not recorded"
)]
pub struct History {
    /// The judge's name, of either kind [default: the plan's judge]
    #[arg(value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    place: Where,
}

impl History {
    pub async fn run(self) -> Result<u8, Failure> {
        let source = self.place.source().await;
        let plan = source.load().map_err(failed)?;
        let judges = source.judges();
        let name = self.name.clone().unwrap_or_else(|| plan.judge.name.clone());
        let pins = judges.pins().map_err(unusable)?;
        let pins: Vec<Pin> = pins.into_iter().filter(|pin| pin.judge == name).collect();
        let last = Reference::Version {
            name,
            version: "pinned".to_owned(),
        };
        let last = judges.find_any(&last).map_err(unusable)?;
        self.place.tell_absent();
        let transcripts = dialogues(&source, &plan).await.map_err(failed)?;
        let past = Past {
            source,
            plan,
            judges,
            pins,
            transcripts,
        };
        let shown = match last {
            AnyJudge::Rubric(_) => {
                let told = past.shown(async |pin| version(&past, pin).await, table);
                told.await?
            }
            AnyJudge::Pairwise(_) => pairwise_history::of(&past).await?,
        };
        print(&shown.table)?;
        if shown.unrecorded.is_empty() {
            return Ok(exit_code::OK);
        }
        Err(Failure::with_code(
            exit_code::REPLAY_MISS,
            shown.unrecorded.join("\n"),
        ))
    }
}

type Version = past::Version<Judge, Evidence>;

async fn version(past: &Past, pin: &Pin) -> Result<Version, Failure> {
    let judge = past.judges.pinned(pin).map_err(unusable)?;
    let questions = Questions {
        plan: &past.plan,
        judge: &judge,
        transcripts: &past.transcripts,
        epochs: 1,
    };
    let heard = past.heard(
        async |path| questions.replayed(path).await,
        |asked| Missing::of(VERSION, &questions, asked),
    );
    let (asked, missing) = heard.await.map_err(failed)?;
    let held = past.source.dialogues(&past.plan);
    let region = past.source.region.as_deref();
    let missing = missing.priced_today(&questions, &held, region, today());
    Ok(Version {
        label: format!("{} {}", pin.pinned, judge.identity()),
        missing: missing.map_err(failed)?,
        evidence: asked.evidence,
        judge,
    })
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
    let mut last = versions.iter().find(|own| own.missing.is_none());
    for version in versions {
        if let Some(recorded) = recorded(&version.missing) {
            let [overall, since_first, since_last] = [UNKNOWN; 3].map(str::to_owned);
            let verdict = "not recorded".to_owned();
            let label = version.label.clone();
            grid.row([label, recorded, overall, since_first, since_last, verdict]);
            continue;
        }
        grid.row(row(first, last.unwrap_or(version), version));
        last = Some(version);
    }
    Ok(grid.to_string())
}

/// A version that is recorded, beside the first one and the last one that is.
fn row(first: &Version, last: &Version, version: &Version) -> [String; 6] {
    let since_first = first.missing.is_none().then(|| compare(first, version));
    let since_last = compare(last, version);
    let own = &since_last.b;
    let unknown = || UNKNOWN.to_owned();
    [
        version.label.clone(),
        format!("{}/{}", own.scored, own.asked),
        mean(&version.evidence).map_or_else(unknown, |mean| format!("{mean:.2}")),
        since_first.as_ref().map_or_else(unknown, shift),
        shift(&since_last),
        since_first.map_or_else(
            || "the first is not recorded".to_owned(),
            |compared| compared.decision.verdict.to_string(),
        ),
    ]
}

/// Of every turn that a version scored, whatever the others did.
fn mean(evidence: &Evidence) -> Option<f64> {
    let turns = evidence.epochs.iter().flat_map(|epoch| &epoch.turns);
    let scores = turns.filter_map(|turn| Some(turn.judgment()?.overall.as_f64()));
    Clustered::of([scores]).mean()
}

fn shift(comparison: &Comparison) -> String {
    let overall = comparison.metrics.first();
    let shown = overall.and_then(|overall| Some((overall.shift?, overall.interval?)));
    shown.map_or_else(
        || UNKNOWN.to_owned(),
        |(shift, interval)| format!("{} {interval}", signed(shift)),
    )
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
