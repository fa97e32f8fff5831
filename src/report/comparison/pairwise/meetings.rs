//! Contests by dialogue: two models in one scenario, turn by turn; and those that moved, farthest
//! first.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use super::super::view::farthest;
use super::contests::ContestView;
use crate::bench::ContestKey;
use crate::regression::{ContestPair, PairwiseComparison};
use crate::words::counted;

/// More contests than this would make a page that no browser opens with pleasure.
const MOST: usize = 5_000;
/// The same of those that moved.
const MOVED: usize = 1_000;

/// The contests that are shown, and how many are not.
#[derive(Debug, Serialize)]
pub(super) struct ContestsView<'a> {
    moved: Vec<ContestView<'a>>,
    moved_left_out: usize,
    same: usize,
    meetings: Vec<MeetingView<'a>>,
    /// Dialogues that are not shown.
    left_out: usize,
}

#[derive(Debug, Serialize)]
struct MeetingView<'a> {
    id: String,
    /// Of its first contest.
    key: &'a ContestKey,
    /// How many of its contests moved.
    told: String,
    contests: Vec<ContestView<'a>>,
}

impl<'a> ContestsView<'a> {
    pub(super) fn of(comparison: &'a PairwiseComparison) -> Self {
        let meetings = grouped(&comparison.pairs);
        let far = |own: &Vec<&ContestPair>| {
            let distances = own.iter().map(|pair| distance(pair));
            distances.fold(0, u64::saturating_add)
        };
        let (shown, left_out) = farthest(meetings, MOST, far, Vec::len);
        let mut places = HashMap::new();
        let mut views = Vec::with_capacity(shown.len());
        for (place, pairs) in shown.into_iter().enumerate() {
            let id = format!("d{}", place + 1);
            for (turn, pair) in pairs.iter().enumerate() {
                places.insert(&pair.a.key, contest_id(&id, turn));
            }
            views.extend(MeetingView::of(id, &pairs));
        }
        let pairs = comparison.pairs.iter();
        let mut moved: Vec<&ContestPair> = pairs.filter(|pair| pair.has_moved()).collect();
        // Stable: what moved equally far stays in the baseline's order. No verdict comes first.
        moved.sort_by_key(|pair| Reverse(distance(pair)));
        let moved_left_out = moved.len().saturating_sub(MOVED);
        let same = comparison.pairs.len() - moved.len();
        moved.truncate(MOVED);
        let moved = moved.into_iter().enumerate().map(|(place, pair)| {
            let at = places.get(&pair.a.key).cloned();
            ContestView::of(format!("m{}", place + 1), at, pair)
        });
        Self {
            moved: moved.collect(),
            moved_left_out,
            same,
            meetings: views,
            left_out,
        }
    }
}

fn contest_id(meeting: &str, turn: usize) -> String {
    format!("{meeting}t{}", turn + 1)
}

/// In thousandths; farther than any where a verdict came or went.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance is from 0 to 2"
)]
fn distance(pair: &ContestPair) -> u64 {
    match pair.distance() {
        Some(distance) => (distance * 1000.0).round() as u64,
        None if pair.has_moved() => u64::MAX,
        None => 0,
    }
}

/// Contests by their models, scenario and sample, all in their own order.
pub(super) fn grouped(pairs: &[ContestPair]) -> Vec<Vec<&ContestPair>> {
    let mut places: HashMap<(&str, u32, &str, &str), usize> = HashMap::new();
    let mut meetings: Vec<Vec<&ContestPair>> = Vec::new();
    for pair in pairs {
        let key = &pair.a.key;
        let own = (
            key.scenario.as_str(),
            key.sample,
            key.one.as_str(),
            key.other.as_str(),
        );
        let place = *places.entry(own).or_insert(meetings.len());
        match meetings.get_mut(place) {
            Some(own) => own.push(pair),
            None => meetings.push(vec![pair]),
        }
    }
    meetings
}

impl<'a> MeetingView<'a> {
    fn of(id: String, pairs: &[&'a ContestPair]) -> Option<Self> {
        let moved = pairs.iter().filter(|pair| pair.has_moved()).count();
        let contests = pairs.iter().enumerate();
        let contests =
            contests.map(|(turn, pair)| ContestView::of(contest_id(&id, turn), None, pair));
        Some(Self {
            key: &pairs.first()?.a.key,
            told: match moved {
                0 => "did not move".to_owned(),
                moved => format!("{} moved", counted(moved, "contest")),
            },
            contests: contests.collect(),
            id,
        })
    }
}
