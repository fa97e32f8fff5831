//! The turns that moved, farthest first.

use std::cmp::Reverse;

use serde::Serialize;

use super::dialogues::ComparedDialogues;
use super::turns::{TurnView, distance, has_moved};
use crate::regression::{Comparison, Pair};

/// More turns than this would make a page that no browser opens with pleasure.
const MOST: usize = 1_000;

/// The turns that are shown, and how many are not.
#[derive(Debug, Serialize)]
pub(super) struct MovedTurns<'a> {
    turns: Vec<TurnView<'a>>,
    left_out: usize,
    same: usize,
}

impl<'a> MovedTurns<'a> {
    /// What changed its score, or lost it; each with its place in the dialogues.
    pub(super) fn of(comparison: &'a Comparison, dialogues: &ComparedDialogues<'_>) -> Self {
        let threshold = comparison.flips.threshold;
        let pairs = comparison.pairs.iter();
        let mut moved: Vec<&Pair> = pairs.filter(|pair| has_moved(pair)).collect();
        // Stable: what moved equally far stays in the baseline's order. No score comes first.
        moved.sort_by_key(|pair| Reverse(distance(pair)));
        let left_out = moved.len().saturating_sub(MOST);
        let same = comparison.pairs.len() - moved.len();
        moved.truncate(MOST);
        let turns = moved.into_iter().enumerate();
        Self {
            turns: turns
                .map(|(place, pair)| {
                    let id = format!("m{}", place + 1);
                    TurnView::of(id, dialogues.place_of(pair.key()), pair, threshold)
                })
                .collect(),
            left_out,
            same,
        }
    }
}
