//! Contests by cluster: a dialogue of one model meets those of all others, so what belongs
//! together is the dialogues of a scenario.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::heard::ContestPair;
use super::ruling::{Ruling, points};
use crate::bench::{Contest, ContestKey};
use crate::judge::Pick;
use crate::regression::options::ClusterBy;

/// Contests by cluster, clusters in the order in which they come.
pub(super) fn clusters<'a, T>(
    contests: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&T) -> &ContestKey,
    by: ClusterBy,
) -> Vec<Vec<&'a T>> {
    let mut places: BTreeMap<(String, u32), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&T>> = Vec::new();
    for contest in contests {
        let key = key(contest);
        let sample = match by {
            ClusterBy::Dialogue => key.sample,
            ClusterBy::Scenario => 0,
        };
        let own = (key.scenario.clone(), sample);
        let place = *places.entry(own).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(contest),
            None => groups.push(vec![contest]),
        }
    }
    groups
}

/// What is compared of a contest, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    /// What the model that is named first gets.
    Preference,
    /// What the place shown first gets; ½ is neither.
    FirstPlace,
}

impl Looked {
    pub(super) fn of(self, contest: &Contest) -> Option<f64> {
        match self {
            Self::Preference => points(contest),
            Self::FirstPlace => Some(f64::midpoint(1.0, Ruling::of(contest)?.lean())),
        }
    }
}

/// Both judges' figures, cluster by cluster, of the contests that are `chosen`.
pub(super) fn scores(
    pairs: &[ContestPair],
    looked: Looked,
    by: ClusterBy,
    chosen: impl Fn(&ContestKey) -> bool,
) -> Vec<Vec<(f64, f64)>> {
    let own = pairs.iter().filter(|pair| chosen(&pair.a.key));
    let both = |pair: &&ContestPair| Some((looked.of(&pair.a)?, looked.of(&pair.b)?));
    clusters(own, |pair| &pair.a.key, by)
        .iter()
        .map(|group| group.iter().filter_map(both).collect())
        .collect()
}

/// A contest of which the judges think otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairMover {
    /// Which.
    #[serde(flatten)]
    pub key: ContestKey,
    /// What the baseline's orders come to.
    pub a: Ruling,
    /// What the candidate's come to.
    pub b: Ruling,
    /// The baseline's verdicts: shown as the key names the models, then the other way round.
    pub verdicts_a: [Pick; 2],
    /// The candidate's.
    pub verdicts_b: [Pick; 2],
    /// The baseline's reasons, in both orders.
    pub rationales_a: [String; 2],
    /// The candidate's.
    pub rationales_b: [String; 2],
}

/// Those that moved farthest first; equal ones in the baseline's order.
pub(super) fn movers(pairs: &[ContestPair], most: usize) -> Vec<PairMover> {
    let mut moved: Vec<(f64, PairMover)> = pairs.iter().filter_map(mover).collect();
    moved.sort_by_key(|moved| Reverse(moved.0.to_bits()));
    moved.into_iter().take(most).map(|moved| moved.1).collect()
}

impl ContestPair {
    /// How far the judges are apart: the shift of the points and half that of the lean. None
    /// without a verdict in both orders of both.
    #[must_use]
    pub fn distance(&self) -> Option<f64> {
        let shift = points(&self.b)? - points(&self.a)?;
        let lean = Ruling::of(&self.b)?.lean() - Ruling::of(&self.a)?.lean();
        Some(shift.abs() + lean.abs() / 2.0)
    }

    /// Whether a verdict is another one in either order, or came or went.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        picks(&self.a) != picks(&self.b)
    }
}

/// A contest that moved and how far; the distance is never negative, so its bits are in order.
fn mover(pair: &ContestPair) -> Option<(f64, PairMover)> {
    let mover = PairMover {
        key: pair.a.key.clone(),
        a: Ruling::of(&pair.a)?,
        b: Ruling::of(&pair.b)?,
        verdicts_a: verdicts(&pair.a)?,
        verdicts_b: verdicts(&pair.b)?,
        rationales_a: rationales(&pair.a),
        rationales_b: rationales(&pair.b),
    };
    pair.has_moved().then_some((pair.distance()?, mover))
}

/// What was said of each order.
fn picks(contest: &Contest) -> [Option<Pick>; 2] {
    [&contest.named, &contest.swapped].map(|said| said.preference().map(|own| own.pick))
}

fn verdicts(contest: &Contest) -> Option<[Pick; 2]> {
    let [named, swapped] = picks(contest);
    Some([named?, swapped?])
}

fn rationales(contest: &Contest) -> [String; 2] {
    [&contest.named, &contest.swapped].map(|said| {
        let preference = said.preference();
        preference.map_or_else(String::new, |own| own.rationale.clone())
    })
}
