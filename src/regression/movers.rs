//! The turns that moved most, with both judges' reasons.

use std::cmp::Reverse;

use serde::Serialize;

use super::judged::TurnKey;
use super::panel::{Panel, Scale, Scored};
use crate::judge::{Judgment, Points};

/// A dimension that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The dimension.
    pub dimension: String,
    /// The baseline's score.
    pub a: Points,
    /// The candidate's score.
    pub b: Points,
    /// The baseline's reason.
    pub rationale_a: String,
    /// The candidate's reason.
    pub rationale_b: String,
}

/// A turn that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mover {
    /// Which turn.
    #[serde(flatten)]
    pub key: TurnKey,
    /// The baseline's overall score.
    pub a: Points,
    /// The candidate's overall score.
    pub b: Points,
    /// The dimensions that moved, the farthest first.
    pub dimensions: Vec<Moved>,
    /// What the student had said.
    pub student: String,
    /// What was judged.
    pub tutor: String,
}

/// Those that moved farthest first; equal ones in the baseline's order.
pub(super) fn movers(panel: &Panel, most: usize) -> Vec<Mover> {
    let mut moved: Vec<&Scored> = panel
        .scored()
        .filter(|scored| distance(scored) > 0)
        .collect();
    moved.sort_by_key(|scored| Reverse(distance(scored)));
    moved.into_iter().take(most).map(mover).collect()
}

fn distance(scored: &Scored) -> u64 {
    scored
        .difference(Scale::Overall)
        .thousandths()
        .unsigned_abs()
}

fn mover(scored: &Scored) -> Mover {
    let pair = scored.pair;
    Mover {
        key: pair.key().clone(),
        a: scored.a.overall,
        b: scored.b.overall,
        dimensions: moved(scored.a, scored.b),
        student: pair.a.student.clone(),
        tutor: pair.a.tutor.clone(),
    }
}

fn moved(a: &Judgment, b: &Judgment) -> Vec<Moved> {
    let both = a.scores.iter().zip(&b.scores);
    let mut moved: Vec<Moved> = both
        .filter(|(a, b)| a.score != b.score)
        .map(|(a, b)| Moved {
            dimension: a.dimension.clone(),
            a: a.score,
            b: b.score,
            rationale_a: a.rationale.clone(),
            rationale_b: b.rationale.clone(),
        })
        .collect();
    moved.sort_by_key(|moved| Reverse((moved.b - moved.a).thousandths().unsigned_abs()));
    moved
}
