//! What human labels say of two judges: they alone can say that one got better.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::anchors::Anchors;
use super::judged::TurnKey;
use super::limits::FEWEST;
use super::options::{ClusterBy, Options};
use super::panel::{Panel, Scored};
use crate::bench::Share;
use crate::judge::Points;
use crate::statistics::{
    ClusterT, Clustered, Interval, Level, QuadraticKappa, Weights, kappa, krippendorff, mcnemar,
    ratio, spearman,
};

/// How one judge agrees with people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgeAgreement {
    /// Quadratic-weighted κ with the mean human score.
    pub kappa: Option<f64>,
    /// Its interval (jackknife over clusters).
    pub kappa_interval: Option<Interval>,
    /// The mean of judge − human, in points.
    pub bias: Option<f64>,
    /// Its interval (cluster t).
    pub bias_interval: Option<Interval>,
    /// Turns with the very score that people gave.
    pub same: Share,
    /// Rank correlation.
    pub spearman: Option<f64>,
    /// κ of passing and failing at the threshold.
    pub pass_kappa: Option<f64>,
    /// Failed by both, passed by the judge alone, failed by the judge alone, passed by both.
    pub table: [u32; 4],
}

/// What people make of the candidate beside the baseline: they alone can say that it is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nearer to their labels: better, by them.
    Nearer,
    /// Further from them: worse.
    Further,
    /// Not told: the interval of κ's change holds 0, or too few clusters have labels.
    Open,
}

/// What human labels say of both judges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Labels in the file.
    pub labels: usize,
    /// Turns with labels that both judges scored.
    pub turns: usize,
    /// Clusters of them.
    pub clusters: usize,
    /// Labels of turns that are not among those.
    pub unmatched: Vec<TurnKey>,
    /// Krippendorff's α of the people (ordinal), where turns have several labels.
    pub between_people: Option<f64>,
    /// The baseline.
    pub a: JudgeAgreement,
    /// The candidate.
    pub b: JudgeAgreement,
    /// The interval of κ's change from baseline to candidate.
    pub change: Option<Interval>,
    /// What that interval says.
    pub standing: Standing,
    /// Turns that only the candidate passes or fails as people do.
    pub put_right: u32,
    /// Turns that only the baseline does.
    pub put_wrong: u32,
    /// Exact McNemar p of the two.
    pub mcnemar: f64,
}

/// A turn with its human score and both judges'.
#[derive(Clone, Copy)]
struct Labelled {
    human: f64,
    a: f64,
    b: f64,
}

impl Agreement {
    pub(super) fn of(
        panel: &Panel,
        anchors: &Anchors,
        threshold: Points,
        options: &Options,
    ) -> Self {
        let mut by_turn: BTreeMap<&TurnKey, Vec<f64>> = BTreeMap::new();
        for label in &anchors.labels {
            let own = by_turn.entry(&label.key).or_default();
            own.push(label.overall.as_f64());
        }
        let groups: Vec<Vec<Labelled>> = panel
            .groups
            .iter()
            .map(|group| {
                group
                    .iter()
                    .filter_map(|one| labelled(one, &by_turn))
                    .collect()
            })
            .collect();
        let scored: BTreeSet<&TurnKey> = panel.scored().map(|scored| scored.pair.key()).collect();
        let unmatched = anchors.labels.iter().map(|label| &label.key);
        let several: Vec<Vec<f64>> = by_turn.values().cloned().collect();
        let compared = Compared {
            groups: &groups,
            threshold: threshold.as_f64(),
            confidence: options.confidence(),
        };
        let (put_right, put_wrong) = compared.corrected();
        let clusters = groups.iter().filter(|group| !group.is_empty()).count();
        let change = QuadraticKappa::change(
            &compared.scores(|turn| turn.a),
            &compared.scores(|turn| turn.b),
            options.confidence(),
        );
        Self {
            labels: anchors.labels.len(),
            turns: groups.iter().map(Vec::len).sum(),
            unmatched: unmatched
                .filter(|key| !scored.contains(*key))
                .cloned()
                .collect(),
            between_people: krippendorff(&several, Level::Ordinal),
            a: compared.judge(|turn| turn.a),
            b: compared.judge(|turn| turn.b),
            clusters,
            standing: Standing::of(change.filter(|_| clusters >= FEWEST)),
            change,
            put_right,
            put_wrong,
            mcnemar: mcnemar(put_right, put_wrong),
        }
    }
}

impl Standing {
    fn of(change: Option<Interval>) -> Self {
        match change {
            Some(change) if change.low > 0.0 => Self::Nearer,
            Some(change) if change.high < 0.0 => Self::Further,
            _ => Self::Open,
        }
    }
}

impl Agreement {
    /// Which judge the labels speak for, in a line.
    #[must_use]
    pub fn said(&self, by: ClusterBy) -> String {
        let told = |told: &str| {
            let kappa =
                |judge: &JudgeAgreement| judge.kappa.map_or_else(|| "n/a".to_owned(), ratio);
            let change = self.change.map(|change| format!(", change {change}"));
            format!(
                "{told} (κ {} → {}{})",
                kappa(&self.a),
                kappa(&self.b),
                change.unwrap_or_default()
            )
        };
        match (self.standing, self.change) {
            (Standing::Nearer, _) => {
                told("B is nearer to the human labels than A: by them it is better")
            }
            (Standing::Further, _) => {
                told("B is further from the human labels than A: by them it is worse")
            }
            (Standing::Open, _) if self.turns == 0 => {
                "none of the human labels belongs to a turn that both judges scored".to_owned()
            }
            (Standing::Open, _) if self.clusters < FEWEST => format!(
                "human labels in {}: fewer than {FEWEST} cannot tell which judge is nearer to them",
                by.counted(self.clusters)
            ),
            (Standing::Open, None) => told(
                "κ with the human labels is not defined: they cannot tell which judge is nearer",
            ),
            (Standing::Open, Some(_)) => {
                told("the human labels do not tell which judge is nearer to them")
            }
        }
    }
}

fn labelled(scored: &Scored, by_turn: &BTreeMap<&TurnKey, Vec<f64>>) -> Option<Labelled> {
    let labels = by_turn.get(scored.pair.key())?;
    Some(Labelled {
        human: super::metric::mean(labels.iter().copied())?,
        a: scored.a.overall.as_f64(),
        b: scored.b.overall.as_f64(),
    })
}

struct Compared<'a> {
    groups: &'a [Vec<Labelled>],
    threshold: f64,
    confidence: f64,
}

impl Compared<'_> {
    fn scores(&self, by: fn(&Labelled) -> f64) -> Vec<Vec<(f64, f64)>> {
        let pairs =
            |group: &Vec<Labelled>| group.iter().map(|turn| (turn.human, by(turn))).collect();
        self.groups.iter().map(pairs).collect()
    }

    fn judge(&self, by: fn(&Labelled) -> f64) -> JudgeAgreement {
        let scores = self.scores(by);
        let all: Vec<(f64, f64)> = scores.iter().flatten().copied().collect();
        let kappa_of_scores = QuadraticKappa::of(&scores, self.confidence);
        let differences = scores
            .iter()
            .map(|group| group.iter().map(|(human, judge)| judge - human));
        let bias = Clustered::of(differences);
        let t = ClusterT::of(&bias);
        let passes: Vec<(usize, usize)> = all
            .iter()
            .map(|(human, judge)| (self.passes(*human), self.passes(*judge)))
            .collect();
        let cell = |human, judge| {
            let own = passes.iter().filter(|pair| **pair == (human, judge));
            u32::try_from(own.count()).unwrap_or(u32::MAX)
        };
        JudgeAgreement {
            kappa: kappa_of_scores.map(|found| found.kappa),
            kappa_interval: kappa_of_scores.and_then(|found| found.interval),
            bias: bias.mean(),
            bias_interval: t.and_then(|t| t.interval(self.confidence)),
            same: Share::of(
                all.iter()
                    .map(|(human, judge)| (human - judge).abs() < 1e-9),
            ),
            spearman: spearman(&all),
            pass_kappa: kappa(&passes, 2, Weights::Nominal),
            table: [cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1)],
        }
    }

    fn passes(&self, score: f64) -> usize {
        usize::from(score >= self.threshold)
    }

    /// Turns that the candidate alone, and that the baseline alone, passes or fails rightly.
    fn corrected(&self) -> (u32, u32) {
        let mut counts = (0, 0);
        for turn in self.groups.iter().flatten() {
            let human = self.passes(turn.human);
            let is_right = |score: f64| self.passes(score) == human;
            match (is_right(turn.a), is_right(turn.b)) {
                (false, true) => counts.0 += 1,
                (true, false) => counts.1 += 1,
                _ => {}
            }
        }
        counts
    }
}
