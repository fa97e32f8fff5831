//! Every pinned version of a pairwise judge over the same contests: whom it prefers, whether it
//! looks at the answers or at their places, and what the first version makes of it.

use bedrock_replay::judge::{AnyJudge, PairwiseJudge, Pin};
use bedrock_replay::regression::{
    Changes, Options, PairwiseComparison, PairwiseEvidence, PairwiseSide,
};
use bedrock_replay::rejudging::{ContestQuestions, Missing};

use super::material::{failed, unusable};
use super::past::{self, Past, Shown, UNKNOWN, VERSION, recorded};
use crate::cli::failure::Failure;
use crate::cli::output::Grid;
use crate::cli::planned::today;

type Version = past::Version<PairwiseJudge, PairwiseEvidence>;

/// All versions, oldest first.
pub async fn of(past: &Past) -> Result<Shown, Failure> {
    let table = |versions: &[Version]| table(past, versions);
    past.shown(async |pin| version(past, pin).await, table)
        .await
}

async fn version(past: &Past, pin: &Pin) -> Result<Version, Failure> {
    let judge = match past.judges.pinned_any(pin).map_err(unusable)? {
        AnyJudge::Pairwise(judge) => judge,
        AnyJudge::Rubric(judge) => {
            return Err(unusable(format!(
                "{} was pinned as a judge that scores by a rubric: it has no history with the pairwise ones of its name",
                judge.identity()
            )));
        }
    };
    let questions = ContestQuestions::new(&past.plan, &judge, &past.transcripts);
    let questions = questions.map_err(failed)?;
    let heard = past.heard(
        async |path| questions.replayed(path).await,
        |asked| Missing::of_contests(VERSION, &questions, asked),
    );
    let (asked, missing) = heard.await.map_err(failed)?;
    let held = past.source.dialogues(&past.plan);
    let region = past.source.region.as_deref();
    let missing = missing.contests_priced_today(&questions, &held, region, today());
    Ok(Version {
        label: format!("{} {}", pin.pinned, judge.identity()),
        missing: missing.map_err(failed)?,
        evidence: asked,
        judge,
    })
}

fn table(past: &Past, versions: &[Version]) -> Result<String, Failure> {
    let first = versions
        .first()
        .ok_or_else(|| Failure::general("no version"))?;
    let models: Vec<&str> = past
        .plan
        .models
        .iter()
        .map(|own| own.name.as_str())
        .collect();
    let mut headings = vec!["pinned".to_owned(), "decided".to_owned()];
    headings.extend(models.iter().map(|model| format!("for {model}")));
    headings.extend(["follows the place", "verdict on the first"].map(str::to_owned));
    let mut grid = Grid::of(headings);
    for version in versions {
        let mut cells = vec![version.label.clone()];
        if let Some(recorded) = recorded(&version.missing) {
            cells.push(recorded);
            cells.extend(models.iter().map(|_| UNKNOWN.to_owned()));
            cells.extend([UNKNOWN, "not recorded"].map(str::to_owned));
        } else {
            let side = PairwiseSide::of(&version.evidence, &Options::default());
            cells.push(format!("{}/{}", side.decided, side.contests));
            cells.extend(models.iter().map(|model| preference(&side, model)));
            cells.push(percent(side.bias.follows.share.value()));
            cells.push(if first.missing.is_none() {
                compare(first, version).decision.verdict.to_string()
            } else {
                "the first is not recorded".to_owned()
            });
        }
        grid.row_of(cells);
    }
    Ok(grid.to_string())
}

/// What a model gets of the contests that both orders agree on.
fn preference(side: &PairwiseSide, model: &str) -> String {
    let own = side.models.iter().find(|own| own.model == model);
    percent(own.and_then(|own| own.rate))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || UNKNOWN.to_owned(),
        |share| format!("{:.1}%", share * 100.0),
    )
}

fn compare(from: &Version, to: &Version) -> PairwiseComparison {
    PairwiseComparison::of(
        from.evidence.clone(),
        to.evidence.clone(),
        Changes::between_pairwise(&from.judge, &to.judge),
        &Options::default(),
    )
}
