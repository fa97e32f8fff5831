//! Everything that is known of what an edit moved.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::agreement::Agreement;
use super::anchors::Anchors;
use super::changes::{Changes, comparable, is_same};
use super::decision::Decision;
use super::flips::{Flips, HalfLife, Violations, violations};
use super::guards::Watched;
use super::judged::{Judged, Unjudged};
use super::limits::FEWEST;
use super::metric::{Metric, metrics};
use super::movers::{Mover, movers};
use super::options::Options;
use super::pairing::{Pair, Pairing, Unpaired};
use super::panel::Panel;
use super::probes::{self, ProbeShift};
use super::ranking::Ranking;
use super::side::{Evidence, Side, by};
use super::slices::Slices;
use crate::judge::Rubric;
use crate::words::grouped;

/// What was judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Subjects {
    /// Turns that have a partner.
    pub paired: usize,
    /// All turns of the baseline.
    pub baseline: usize,
    /// All turns of the candidate.
    pub candidate: usize,
    /// Dialogues of paired turns.
    pub dialogues: usize,
    /// Models of paired turns.
    pub models: usize,
    /// Scenarios of paired turns.
    pub scenarios: usize,
    /// Paired turns of which the tutor was cut: no judge was asked.
    pub tutor_cut: usize,
    /// What has no partner, and why.
    pub unpaired: Vec<Unpaired>,
}

/// Everything that is known of what an edit moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What it comes to.
    pub decision: Decision,
    /// The judge before the edit.
    pub a: Side,
    /// The judge after it.
    pub b: Side,
    /// In what they differ.
    pub changes: Changes,
    /// What was judged.
    pub subjects: Subjects,
    /// The margin, in points.
    pub margin: f64,
    /// What it was decided by.
    pub options: Options,
    /// The baseline's rubric; the candidate's has the same dimensions and scale.
    pub rubric: Rubric,
    /// Overall, then each dimension.
    pub metrics: Vec<Metric>,
    /// Passes and fails.
    pub flips: Flips,
    /// Turns until a dialogue first scores low.
    pub half_life: HalfLife,
    /// Turns scored at a dimension's violation.
    pub violations: Vec<Violations>,
    /// The models.
    pub ranking: Ranking,
    /// Human labels, where they are given.
    pub human: Option<Agreement>,
    /// Variants that must not move the candidate's scores, where they are recorded.
    pub probes: Vec<ProbeShift>,
    /// Where it moved.
    pub slices: Slices,
    /// What moved most.
    pub movers: Vec<Mover>,
    /// Every turn with both judgments, for reports that show them.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
}

impl Comparison {
    /// Compares two judges' judgments of the same turns.
    #[must_use]
    pub fn of(
        a: Evidence,
        b: Evidence,
        rubric: &Rubric,
        changes: Changes,
        anchors: Option<&Anchors>,
        options: &Options,
    ) -> Self {
        let probes = probes::shifts(&b, rubric, options);
        let (side_a, first_a) = Side::of(a);
        let (side_b, first_b) = Side::of(b);
        let is_comparable = match (&first_a, &first_b) {
            (Some(a), Some(b)) => comparable(&a.rubric, &b.rubric).map_err(|why| why.to_string()),
            _ => Err("there is nothing to compare".to_owned()),
        };
        let turns = |judged: &Option<Judged>| judged.as_ref().map_or(0, |own| own.turns.len());
        let (baseline, candidate) = (turns(&first_a), turns(&first_b));
        let pairing = match (first_a, first_b) {
            (Some(a), Some(b)) => Pairing::of(a, b),
            _ => Pairing::default(),
        };
        let subjects = Subjects::of(&pairing, baseline, candidate);
        // Scores on different scales are not put side by side at all.
        let pairs = if is_comparable.is_ok() {
            pairing.pairs
        } else {
            Vec::new()
        };
        let material = Material {
            side_a,
            side_b,
            subjects,
            changes,
            probes,
            rubric,
            anchors,
            options,
        };
        material.compare(pairs, is_comparable.err())
    }
}

struct Material<'a> {
    side_a: Side,
    side_b: Side,
    subjects: Subjects,
    changes: Changes,
    probes: Vec<ProbeShift>,
    rubric: &'a Rubric,
    anchors: Option<&'a Anchors>,
    options: &'a Options,
}

impl Material<'_> {
    fn compare(self, pairs: Vec<Pair>, incomparable: Option<String>) -> Comparison {
        let (rubric, options) = (self.rubric, self.options);
        let panel = Panel::of(pairs.iter(), options.clusters);
        let threshold = options.threshold_on(rubric);
        let metrics = metrics(&panel, rubric, options);
        let flips = Flips::of(&panel, threshold, options);
        let ranking = Ranking::of(&panel, options);
        let human = self
            .anchors
            .map(|anchors| Agreement::of(&panel, anchors, threshold, options));
        let half_life = HalfLife::of(&pairs, rubric);
        let violations = violations(&panel, rubric);
        let movers = movers(&panel, options.movers);
        let slices = Slices::of(&pairs, options);
        let margin = options.margin_on(rubric);
        let incomparable = incomparable.or_else(|| self.nothing_in_common());
        let mut decision = match (incomparable, metrics.first()) {
            (Some(because), _) => Decision::not_comparable(because),
            (None, Some(overall)) => {
                let mut broken = options.guards.broken(&Watched {
                    a: &self.side_a,
                    b: &self.side_b,
                    overall,
                    flips: &flips,
                    ranking: &ranking,
                    human: human.as_ref(),
                    alpha: options.alpha,
                });
                broken.extend(probes::broken(&self.probes, margin));
                Decision::of(&metrics, broken, margin, options)
            }
            (None, None) => Decision::not_comparable("there is nothing to compare"),
        };
        decision.notes = self.notes(&metrics, human.as_ref());
        Comparison {
            decision,
            a: self.side_a,
            b: self.side_b,
            changes: self.changes,
            subjects: self.subjects,
            margin,
            options: options.clone(),
            rubric: rubric.clone(),
            metrics,
            flips,
            half_life,
            violations,
            ranking,
            human,
            probes: self.probes,
            slices,
            movers,
            pairs,
        }
    }

    fn nothing_in_common(&self) -> Option<String> {
        if self.subjects.baseline == 0 {
            return Some("no turn has an answer to judge".to_owned());
        }
        if self.subjects.paired == 0 {
            let first = self.subjects.unpaired.first();
            let why = first.map_or(String::new(), |first| format!(" ({})", first.why));
            return Some(format!("no turn is paired{why}"));
        }
        (self.side_a.scored == 0).then(|| {
            let (reason, count) = most(&self.side_a.reasons);
            format!(
                "the baseline scored none of its {} turns ({count} × {reason})",
                self.side_a.asked
            )
        })
    }

    fn notes(&self, metrics: &[Metric], human: Option<&Agreement>) -> Vec<String> {
        let mut notes = Vec::new();
        if is_same(&self.side_a.judge, &self.side_b.judge) {
            notes.push(
                "both sides are the same judge: this compares its answers with themselves"
                    .to_owned(),
            );
        }
        if !self.subjects.unpaired.is_empty() {
            let count = self.subjects.unpaired.len();
            notes.push(format!(
                "{} turns are not paired and not compared",
                grouped(count)
            ));
        }
        if self.subjects.models == 1 {
            notes.push("one model only: there is no ranking to keep".to_owned());
        }
        if let Some(overall) = metrics.first() {
            notes.extend(self.notes_on(overall));
        }
        notes.extend(points(metrics));
        notes.push(match human {
            Some(human) => human.said(self.options.clusters),
            None => "without human labels this says moved or not moved, never better".to_owned(),
        });
        notes.extend(probes::notes(&self.probes));
        notes
    }

    fn notes_on(&self, overall: &Metric) -> Vec<String> {
        let mut notes = Vec::new();
        if overall.n > 0 && overall.kappa.is_none() {
            notes.push(
                "both judges gave every turn one and the same score: κ is not defined".to_owned(),
            );
        }
        let least = overall
            .mde
            .filter(|mde| *mde > self.options.margin_on(self.rubric));
        if let Some(mde) = least.filter(|_| overall.clusters >= FEWEST) {
            notes.push(format!(
                "with {} a shift under {mde:.2} points is more likely missed than the plan allows",
                self.options.clusters.counted(overall.clusters)
            ));
        }
        let floor = self
            .side_a
            .noise
            .as_ref()
            .and_then(|noise| noise.between_epochs);
        if let (Some(floor), Some(shift)) = (floor, overall.shift)
            && shift.abs() > 0.0
            && shift.abs() <= floor
        {
            notes.push(format!(
                "the shift is no larger than what the baseline's own epochs differ by ({floor:.2})"
            ));
        }
        notes
    }
}

/// Scores that moved by the same amount in every cluster.
fn points(metrics: &[Metric]) -> Option<String> {
    let is_point = |own: &&Metric| {
        own.standard_error == Some(0.0) && own.shift.is_some_and(|shift| shift.abs() > 0.0)
    };
    let names: Vec<&str> = metrics
        .iter()
        .filter(is_point)
        .map(|own| own.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{}: every cluster moved by the same amount: the interval is a point, and the MDE of 0 is no promise",
            names.join(", ")
        )
    })
}

fn most(reasons: &BTreeMap<String, u32>) -> (String, u32) {
    let most = reasons.iter().max_by_key(|(_, count)| **count);
    most.map_or(("never asked".to_owned(), 0), |(reason, count)| {
        (reason.clone(), *count)
    })
}

impl Subjects {
    fn of(pairing: &Pairing, baseline: usize, candidate: usize) -> Self {
        let keys = || pairing.pairs.iter().map(Pair::key);
        let dialogues: BTreeSet<_> = keys()
            .map(|key| (&key.scenario, &key.model, key.sample))
            .collect();
        let cut = pairing
            .pairs
            .iter()
            .filter(|pair| by(&pair.a.verdict) == Some(Unjudged::Tutor));
        Self {
            paired: pairing.pairs.len(),
            baseline,
            candidate,
            dialogues: dialogues.len(),
            models: keys().map(|key| &key.model).collect::<BTreeSet<_>>().len(),
            scenarios: keys()
                .map(|key| &key.scenario)
                .collect::<BTreeSet<_>>()
                .len(),
            tutor_cut: cut.count(),
            unpaired: pairing.unpaired.clone(),
        }
    }
}
