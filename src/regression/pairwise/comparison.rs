//! Everything that is known of what an edit of a pairwise judge moved.

use std::collections::BTreeSet;

use serde::Serialize;

use super::guards::Watch;
use super::heard::{ContestPair, PairwiseEvidence, UnpairedContest, pair};
use super::panel::{Looked, PairMover, clusters, movers, scores};
use super::side::PairwiseSide;
use crate::bench::ContestKey;
use crate::regression::changes::{Changes, comparable_contests, is_same};
use crate::regression::decision::Decision;
use crate::regression::metric::{Metric, adjust, measured};
use crate::regression::options::Options;
use crate::statistics::Clustered;
use crate::words::counted;

/// A shift of a model's share of points inside ± this is none.
const MARGIN: f64 = 0.1;

/// What was judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PairwiseSubjects {
    /// Contests that have a partner.
    pub paired: usize,
    /// All contests of the baseline.
    pub baseline: usize,
    /// All contests of the candidate.
    pub candidate: usize,
    /// Clusters of paired contests.
    pub clusters: usize,
    /// Models that meet.
    pub models: usize,
    /// Scenarios in which they do.
    pub scenarios: usize,
    /// Contests without a partner, and why.
    pub unpaired: Vec<UnpairedContest>,
    /// Answers without an opponent.
    pub alone: Vec<String>,
}

/// Everything that is known of what an edit of a pairwise judge moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairwiseComparison {
    /// What it comes to.
    pub decision: Decision,
    /// The judge before the edit.
    pub a: PairwiseSide,
    /// The judge after it.
    pub b: PairwiseSide,
    /// In what they differ.
    pub changes: Changes,
    /// What was judged.
    pub subjects: PairwiseSubjects,
    /// The margin, as a share of points.
    pub margin: f64,
    /// What it was decided by.
    pub options: Options,
    /// The preference, then what the first place gets, then each two models where there are more.
    pub metrics: Vec<Metric>,
    /// What moved most.
    pub movers: Vec<PairMover>,
    /// Every contest with both judges' verdicts, for reports that show them.
    #[serde(skip)]
    pub pairs: Vec<ContestPair>,
}

impl PairwiseComparison {
    /// Compares two judges' verdicts on the same contests.
    #[must_use]
    pub fn of(
        a: PairwiseEvidence,
        b: PairwiseEvidence,
        changes: Changes,
        options: &Options,
    ) -> Self {
        let (side_a, side_b) = (PairwiseSide::of(&a, options), PairwiseSide::of(&b, options));
        let incomparable = comparable_contests(a.compares, b.compares).err();
        let (baseline, candidate) = (a.contests.len(), b.contests.len());
        let (pairs, unpaired) = pair(a.contests, b.contests);
        let subjects = PairwiseSubjects {
            unpaired,
            alone: a.alone,
            ..PairwiseSubjects::of(&pairs, baseline, candidate, options)
        };
        let metrics = metrics(&pairs, options);
        let mut comparison = Self {
            decision: Decision::not_comparable("there is nothing to compare"),
            a: side_a,
            b: side_b,
            changes,
            subjects,
            margin: margin(options),
            options: options.clone(),
            metrics,
            movers: movers(&pairs, options.movers),
            pairs,
        };
        comparison.decision = comparison.decide(incomparable.map(|why| why.to_string()));
        comparison
    }

    fn decide(&self, incomparable: Option<String>) -> Decision {
        let nothing = incomparable.or_else(|| self.nothing_in_common());
        let mut decision = match (nothing, self.metrics.first()) {
            (Some(because), _) => Decision::not_comparable(because),
            (None, Some(preference)) => {
                let watch = Watch {
                    a: &self.a,
                    b: &self.b,
                    pairs: &self.pairs,
                    preference,
                    options: &self.options,
                };
                Decision::of(&self.metrics, watch.broken(), self.margin, &self.options)
            }
            (None, None) => Decision::not_comparable("there is nothing to compare"),
        };
        decision.notes = self.notes();
        decision
    }

    fn nothing_in_common(&self) -> Option<String> {
        if self.subjects.baseline == 0 {
            let alone = self.subjects.alone.len();
            return Some(format!(
                "no two models have an answer to the same turn ({alone} answers stand alone): a pairwise judge needs two models"
            ));
        }
        if self.subjects.paired == 0 {
            let first = self.subjects.unpaired.first();
            let why = first.map_or(String::new(), |first| format!(" ({})", first.why));
            return Some(format!("no contest is paired{why}"));
        }
        (self.a.decided == 0).then(|| {
            let why = if self.a.one_order > 0 {
                format!("{} with a verdict in one order only", self.a.one_order)
            } else {
                let mut reasons = self.a.reasons.iter().collect::<Vec<_>>();
                reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
                reasons.first().map_or_else(
                    || "no judge was asked".to_owned(),
                    |(why, count)| format!("{count} × {why}"),
                )
            };
            format!(
                "the baseline decided none of its {} contests in both orders ({why})",
                self.a.contests
            )
        })
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if is_same(&self.a.judge, &self.b.judge) {
            notes.push(
                "both sides are the same judge: this compares its answers with themselves"
                    .to_owned(),
            );
        }
        for (name, side) in [("A", &self.a), ("B", &self.b)] {
            notes.extend(notes_on(name, side, &self.options));
        }
        if !self.subjects.unpaired.is_empty() {
            let contests = counted(self.subjects.unpaired.len(), "contest");
            notes.push(format!("{contests} not paired and not compared"));
        }
        if !self.subjects.alone.is_empty() && self.subjects.baseline > 0 {
            let answers = counted(self.subjects.alone.len(), "answer");
            notes.push(format!("{answers} without an opponent and not judged"));
        }
        notes
    }
}

/// What should be known of one judge.
fn notes_on(name: &str, side: &PairwiseSide, options: &Options) -> Vec<String> {
    let mut notes = Vec::new();
    if side.one_order > 0 {
        notes.push(format!(
            "{name}: {} without a result: a verdict in one order only",
            counted(side.one_order, "contest")
        ));
    }
    let ties: u32 = side.models.iter().map(|own| own.ties).sum();
    let decisive: u32 = side.models.iter().map(|own| own.wins).sum();
    if ties > 0 && decisive == 0 && side.bias.follows.share.part() == 0 {
        notes.push(format!(
            "{name} calls every contest a tie: no model is ahead"
        ));
    }
    let test = side.bias.sign_flip.map(|test| test.p);
    let is_biased = test.is_some_and(|p| p < options.alpha);
    if let Some(lean) = side.bias.lean.filter(|_| is_biased) {
        let place = if lean > 0.0 { "first" } else { "second" };
        notes.push(format!("{name} favours what is shown {place}"));
    }
    notes
}

impl PairwiseSubjects {
    fn of(pairs: &[ContestPair], baseline: usize, candidate: usize, options: &Options) -> Self {
        let keys = || pairs.iter().map(|pair| &pair.a.key);
        let models: BTreeSet<&String> = keys().flat_map(|key| [&key.one, &key.other]).collect();
        let scenarios: BTreeSet<&String> = keys().map(|key| &key.scenario).collect();
        Self {
            paired: pairs.len(),
            baseline,
            candidate,
            clusters: clusters(pairs, |pair| &pair.a.key, options.clusters).len(),
            models: models.len(),
            scenarios: scenarios.len(),
            unpaired: Vec::new(),
            alone: Vec::new(),
        }
    }
}

fn margin(options: &Options) -> f64 {
    options.margin.unwrap_or(MARGIN)
}

fn metrics(pairs: &[ContestPair], options: &Options) -> Vec<Metric> {
    let mut models: Vec<(&str, &str)> = Vec::new();
    for key in pairs.iter().map(|pair| &pair.a.key) {
        let both = (key.one.as_str(), key.other.as_str());
        if !models.contains(&both) {
            models.push(both);
        }
    }
    let look = |name: &str, looked, chosen: &dyn Fn(&ContestKey) -> bool| {
        let scores = scores(pairs, looked, options.clusters, chosen);
        let differences =
            Clustered::of(scores.iter().map(|group| group.iter().map(|(a, b)| b - a)));
        measured(name, &differences, &scores, margin(options), options)
    };
    let mut metrics = vec![
        look("preference", Looked::Preference, &|_| true),
        look("first place", Looked::FirstPlace, &|_| true),
    ];
    if models.len() > 1 {
        metrics.extend(models.iter().map(|(one, other)| {
            let meets = |key: &ContestKey| key.one == *one && key.other == *other;
            look(&format!("{one} > {other}"), Looked::Preference, &meets)
        }));
    }
    adjust(metrics.get_mut(1..).unwrap_or_default());
    metrics
}
