//! What the shift does to the figures that people act on: passes, half-lives, violations.

use std::collections::BTreeMap;

use serde::Serialize;

use super::metric::{Probability, mean};
use super::options::Options;
use super::pairing::Pair;
use super::panel::{Panel, Scale, Scored};
use crate::bench::Share;
use crate::judge::{Judgment, Points, Rubric};
use crate::statistics::{Clustered, Interval, SignFlip, mcnemar, wilson};

/// A share with its interval (Wilson).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShareOf {
    /// The share.
    #[serde(flatten)]
    pub share: Share,
    /// Its interval; it takes turns for independent.
    pub interval: Option<Interval>,
}

impl ShareOf {
    fn of(members: impl IntoIterator<Item = bool>, confidence: f64) -> Self {
        let share = Share::of(members);
        Self {
            share,
            interval: wilson(share.part(), share.whole(), confidence),
        }
    }
}

/// Turns that pass with one judge and fail with the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flips {
    /// A turn passes with at least this overall score.
    pub threshold: Points,
    /// Passed with the baseline, fails with the candidate.
    pub to_fail: u32,
    /// Failed with the baseline, passes with the candidate.
    pub to_pass: u32,
    /// Exact McNemar p of flips one way as often as the other; it takes turns for independent.
    pub mcnemar: f64,
    /// The cluster sign-flip test of the same, whole clusters at once; none where no turn is
    /// scored by both.
    pub sign_flip: Option<Probability>,
    /// The baseline's share of turns that pass.
    pub a: ShareOf,
    /// The candidate's.
    pub b: ShareOf,
}

impl Flips {
    pub(super) fn of(panel: &Panel, threshold: Points, options: &Options) -> Self {
        let passes = |judgment: &Judgment| judgment.overall >= threshold;
        let count = |from: bool, to: bool| {
            let flipped = panel
                .scored()
                .filter(|scored| passes(scored.a) == from && passes(scored.b) == to);
            u32::try_from(flipped.count()).unwrap_or(u32::MAX)
        };
        let (to_fail, to_pass) = (count(true, false), count(false, true));
        let share = |members: Vec<bool>| ShareOf::of(members, options.confidence());
        Self {
            threshold,
            to_fail,
            to_pass,
            mcnemar: mcnemar(to_fail, to_pass),
            sign_flip: sign_flip(panel, passes, options),
            a: share(panel.scored().map(|scored| passes(scored.a)).collect()),
            b: share(panel.scored().map(|scored| passes(scored.b)).collect()),
        }
    }
}

/// Whether passes and fails flip one way more than the other, by cluster: one dialogue that flips
/// in every turn is one witness, not as many as it has turns.
fn sign_flip(
    panel: &Panel,
    passes: impl Fn(&Judgment) -> bool,
    options: &Options,
) -> Option<Probability> {
    let flip = |scored: &Scored| {
        let [before, after] = [scored.a, scored.b].map(|own| f64::from(u8::from(passes(own))));
        after - before
    };
    let clusters = panel.groups.iter().map(|group| group.iter().map(flip));
    let test = SignFlip::of(
        &Clustered::of(clusters),
        options.exact_up_to,
        options.draws,
        options.seed,
    )?;
    Some(Probability {
        p: test.p,
        adjusted: test.p,
        method: test.method,
    })
}

/// Turns until a dialogue first scores under the rubric's half-life, on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HalfLife {
    /// Dialogues that tell it with both judges.
    pub dialogues: usize,
    /// With the baseline, in turns.
    pub a: Option<f64>,
    /// With the candidate, in turns.
    pub b: Option<f64>,
}

impl HalfLife {
    pub(super) fn of(pairs: &[Pair], rubric: &Rubric) -> Self {
        let mut dialogues: BTreeMap<(&str, &str, u32), Vec<&Pair>> = BTreeMap::new();
        for pair in pairs {
            let key = pair.key();
            let dialogue = (key.scenario.as_str(), key.model.as_str(), key.sample);
            dialogues.entry(dialogue).or_default().push(pair);
        }
        let both: Vec<(f64, f64)> = dialogues
            .values()
            .filter_map(|turns| {
                let a = held(turns.iter().map(|pair| pair.a.judgment()), rubric)?;
                let b = held(turns.iter().map(|pair| pair.b.judgment()), rubric)?;
                Some((a, b))
            })
            .collect();
        Self {
            dialogues: both.len(),
            a: mean(both.iter().map(|both| both.0)),
            b: mean(both.iter().map(|both| both.1)),
        }
    }
}

/// Turns before the first one under the half-life; `None` if an unscored one comes first.
fn held<'a>(turns: impl Iterator<Item = Option<&'a Judgment>>, rubric: &Rubric) -> Option<f64> {
    let mut held = 0.0;
    for judgment in turns {
        if judgment?.overall < rubric.half_life {
            break;
        }
        held += 1.0;
    }
    Some(held)
}

/// Turns that a dimension scores at its violation or under.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Violations {
    /// The dimension.
    pub dimension: String,
    /// With the baseline.
    pub a: Share,
    /// With the candidate.
    pub b: Share,
}

pub(super) fn violations(panel: &Panel, rubric: &Rubric) -> Vec<Violations> {
    let is_violation =
        |judgment: &Judgment, at: usize| Scale::Dimension(at).of(judgment) <= rubric.violation;
    let dimensions = rubric.dimensions.iter().enumerate();
    dimensions
        .map(|(at, dimension)| Violations {
            dimension: dimension.name.clone(),
            a: Share::of(panel.scored().map(|scored| is_violation(scored.a, at))),
            b: Share::of(panel.scored().map(|scored| is_violation(scored.b, at))),
        })
        .collect()
}
