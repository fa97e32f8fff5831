//! What a judge makes of variants that must not move its scores.

use serde::Serialize;

use super::guards::{Broken, Guard};
use super::judged::{Judged, JudgedTurn, Unjudged, Verdicts};
use super::limits::FEWEST;
use super::metric::{Metric, Probability, measured};
use super::options::Options;
use super::pairing::Pairing;
use super::panel::{Panel, Scale};
use super::probed::ProbeEvidence;
use super::side::Evidence;
use crate::bench::Share;
use crate::judge::{Probe, Rubric};
use crate::statistics::{Interval, signed};

/// How far a probe moves a judge's overall score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProbeShift {
    /// What was asked otherwise.
    pub probe: Probe,
    /// Turns that are scored with and without it.
    pub n: usize,
    /// Clusters of them.
    pub clusters: usize,
    /// Turns without a score when probed, of those that were asked.
    pub unscored: Share,
    /// Turns that the recording of the probe does not have.
    pub not_recorded: usize,
    /// The mean of probed − plain, in points.
    pub shift: Option<f64>,
    /// Its interval (cluster t), in points.
    pub interval: Option<Interval>,
    /// The cluster sign-flip test of no shift.
    pub sign_flip: Option<Probability>,
    /// Turns with the same score.
    pub same: Share,
}

impl ProbeShift {
    /// Of a judge's plain judgments and what it said of a probe.
    fn of(plain: &Judged, probed: &ProbeEvidence, rubric: &Rubric, options: &Options) -> Self {
        let asked = probed.judged.turns.iter().filter(|turn| is_asked(turn));
        let unscored = Share::of(asked.map(|turn| turn.judgment().is_none()));
        let pairing = Pairing::of(plain.clone(), probed.judged.clone());
        let panel = Panel::of(pairing.pairs.iter(), options.clusters);
        let differences = panel.differences(Scale::Overall);
        let scores = panel.scores(Scale::Overall);
        let margin = options.margin_on(rubric);
        let found: Metric = measured("overall", &differences, &scores, margin, options);
        Self {
            probe: probed.probe.clone(),
            n: found.n,
            clusters: found.clusters,
            unscored,
            not_recorded: probed.not_recorded,
            shift: found.shift,
            interval: found.interval,
            sign_flip: found.sign_flip,
            same: found.same,
        }
    }

    /// Whether it is sure that the probe moves scores by more than the margin allows.
    #[must_use]
    pub fn moves(&self, margin: f64) -> bool {
        let is_moved = |interval: Interval| interval.excludes(0.0) && !interval.is_within(margin);
        self.clusters >= FEWEST && self.interval.is_some_and(is_moved)
    }
}

/// What a judge makes of every probe that is recorded.
pub(super) fn shifts(evidence: &Evidence, rubric: &Rubric, options: &Options) -> Vec<ProbeShift> {
    let Some(plain) = evidence.epochs.first() else {
        return Vec::new();
    };
    let recorded = evidence.probes.iter();
    recorded
        .map(|own| ProbeShift::of(plain, own, rubric, options))
        .collect()
}

/// Of a turn that the tutor left unfinished no judge is asked.
fn is_asked(turn: &JudgedTurn) -> bool {
    !matches!(
        turn.verdict,
        Verdicts::Unscored {
            by: Unjudged::Tutor,
            ..
        }
    )
}

/// The guard of probes: each one that moves scores for sure.
pub(super) fn broken(probes: &[ProbeShift], margin: f64) -> Vec<Broken> {
    let moved = probes.iter().filter(|own| own.moves(margin));
    moved
        .filter_map(|own| {
            let (shift, interval) = (own.shift?, own.interval?);
            Some(Broken {
                guard: Guard::Probes,
                detail: format!(
                    "{} moves the overall score by {} {interval}, not inside ±{margin:.2}",
                    own.probe,
                    signed(shift)
                ),
            })
        })
        .collect()
}

/// What should be known of probes before they are believed.
pub(super) fn notes(probes: &[ProbeShift]) -> Vec<String> {
    let mut notes = Vec::new();
    for own in probes {
        if own.not_recorded > 0 {
            notes.push(format!(
                "probe {}: {} turns are not recorded",
                own.probe, own.not_recorded
            ));
        }
        if own.n == 0 {
            notes.push(format!(
                "probe {}: no turn is scored with and without it",
                own.probe
            ));
        } else if own.clusters < FEWEST {
            notes.push(format!("probe {}: too few clusters to tell", own.probe));
        }
    }
    notes
}
