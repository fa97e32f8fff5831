//! What the pages of comparisons have in common, whatever the judges say.

use std::cmp::Reverse;

use serde::Serialize;

use crate::judge::Identity;
use crate::regression::{Changes, Decision, Verdict};
use crate::report::html::{PlotView, TableView};

/// What has no partner and is named.
const NAMED: usize = 50;

/// A comparison without its lists.
#[derive(Debug, Default, Serialize)]
pub(super) struct JudgesView<'a> {
    /// What they are.
    pub kind: &'static str,
    pub a: String,
    pub b: String,
    pub lines: Vec<(&'static str, String)>,
    pub is_simulated: bool,
    pub origin: String,
    pub level: &'static str,
    pub verdict: String,
    pub because: &'a str,
    pub notes: &'a [String],
    pub broken: Vec<String>,
    pub tables: Vec<TableView>,
    pub methods: Option<String>,
    pub figures: Vec<(&'static str, Vec<String>)>,
    /// Whose the colours of the plots are, where they are the judges'.
    pub key: Vec<(String, String)>,
    pub plots: Vec<PlotView>,
    /// Plots that need the whole width.
    pub wide: Vec<PlotView>,
    pub slices: Vec<TableView>,
    pub diff: Vec<(&'static str, &'a str)>,
    pub unpaired: Vec<String>,
    pub unpaired_more: usize,
}

/// What is shown alike of both kinds of judges.
pub(super) struct Alike<'a> {
    /// What they are.
    pub kind: &'static str,
    /// The judges, and who answered them.
    pub judges: [(&'a Identity, &'a [String]); 2],
    pub decision: &'a Decision,
    pub changes: &'a Changes,
}

impl<'a> JudgesView<'a> {
    /// The rest is to be filled in; what has no partner is told a line each.
    pub(super) fn of(alike: &Alike<'a>, unpaired: impl ExactSizeIterator<Item = String>) -> Self {
        let [(a, of_a), (b, of_b)] = alike.judges;
        let decision = alike.decision;
        let (unpaired, unpaired_more) = named(unpaired);
        Self {
            kind: alike.kind,
            a: a.to_string(),
            b: b.to_string(),
            is_simulated: is_simulated(of_a, of_b),
            level: level(decision.verdict),
            verdict: heading(decision.verdict),
            because: &decision.because,
            notes: &decision.notes,
            broken: broken(decision),
            diff: diff(&alike.changes.diff),
            unpaired,
            unpaired_more,
            ..Self::default()
        }
    }
}

/// The colour of a verdict.
fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equivalent => "good",
        Verdict::Changed => "fair",
        Verdict::Regressed => "bad",
        Verdict::Inconclusive | Verdict::NotComparable => "open",
    }
}

/// A verdict as a heading.
fn heading(verdict: Verdict) -> String {
    verdict.to_string().replace('_', " ")
}

/// The guards that broke, a line each.
fn broken(decision: &Decision) -> Vec<String> {
    let broken = decision.broken.iter();
    let line = |own: &crate::regression::Broken| format!("{}: {}", own.guard, own.detail);
    broken.map(line).collect()
}

/// Whether some of the answers came from no model.
fn is_simulated(a: &[String], b: &[String]) -> bool {
    a.iter().chain(b).any(|name| name == "simulated")
}

/// Each line of a diff and what becomes of it.
fn diff(diff: &str) -> Vec<(&'static str, &str)> {
    let kind = |line: &str| match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'@', ..] => "place",
        [b'+', ..] => "added",
        [b'-', ..] => "removed",
        _ => "kept",
    };
    diff.lines().map(|line| (kind(line), line)).collect()
}

/// The first of what has no partner, and how many more there are.
fn named(unpaired: impl ExactSizeIterator<Item = String>) -> (Vec<String>, usize) {
    let more = unpaired.len().saturating_sub(NAMED);
    (unpaired.take(NAMED).collect(), more)
}

/// Keeps the dialogues that moved farthest, as far as there is room for their members, in their
/// own order; and how many are left out.
pub(super) fn farthest<T>(
    dialogues: Vec<T>,
    most: usize,
    distance: impl Fn(&T) -> u64,
    members: impl Fn(&T) -> usize,
) -> (Vec<T>, usize) {
    let mut order: Vec<usize> = (0..dialogues.len()).collect();
    let far = |place: &usize| dialogues.get(*place).map_or(0, &distance);
    order.sort_by_key(|place| Reverse(far(place)));
    let mut room = most;
    let mut kept = vec![false; dialogues.len()];
    for place in order {
        let (Some(own), Some(kept)) = (dialogues.get(place), kept.get_mut(place)) else {
            continue;
        };
        let Some(left) = room.checked_sub(members(own)) else {
            break;
        };
        room = left;
        *kept = true;
    }
    let all = dialogues.len();
    let both = dialogues.into_iter().zip(kept);
    let shown: Vec<T> = both.filter_map(|(own, kept)| kept.then_some(own)).collect();
    let left_out = all - shown.len();
    (shown, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_room_for_all_those_that_moved_farthest_stay_in_their_order() {
        let dialogues = vec![("a", 3), ("b", 9), ("c", 0), ("d", 5)];
        let kept = |most| farthest(dialogues.clone(), most, |own| own.1, |_| 5);
        assert_eq!(kept(20), (dialogues.clone(), 0));
        assert_eq!(kept(14), (vec![("b", 9), ("d", 5)], 2));
        assert_eq!(kept(0), (Vec::new(), 4));
    }
}
