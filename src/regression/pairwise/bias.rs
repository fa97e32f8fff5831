//! Whether a pairwise judge looks at the answers or at their places.

use serde::Serialize;

use super::panel::clusters;
use super::ruling::{Place, Ruling};
use crate::bench::{Contest, Share};
use crate::judge::Pick;
use crate::regression::metric::Probability;
use crate::regression::options::Options;
use crate::statistics::{ClusterT, Clustered, Interval, SignFlip, mcnemar, wilson_clustered};

/// A share with an interval that allows for its clusters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ClusteredShare {
    /// The share.
    #[serde(flatten)]
    pub share: Share,
    /// Its interval (Wilson, effective sample size); of two clusters or more.
    pub interval: Option<Interval>,
}

impl ClusteredShare {
    /// Counts the members that hold, cluster by cluster.
    pub(super) fn of(groups: &[Vec<bool>], confidence: f64) -> Self {
        let values = |group: &Vec<bool>| -> Vec<f64> {
            group
                .iter()
                .map(|holds| f64::from(u8::from(*holds)))
                .collect()
        };
        Self {
            share: Share::of(groups.iter().flatten().copied()),
            interval: wilson_clustered(&Clustered::of(groups.iter().map(values)), confidence),
        }
    }
}

/// The position-bias figure of a pairwise judge. What is not defined is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionBias {
    /// Contests with a verdict in both orders.
    pub contests: usize,
    /// Clusters of them.
    pub clusters: usize,
    /// Those of which both orders say the same.
    pub consistent: ClusteredShare,
    /// The position-bias rate: those of which the verdict follows the position.
    pub follows: ClusteredShare,
    /// Those that are a tie in one order only.
    pub wavers: ClusteredShare,
    /// Disagreements of the orders in favour of the place shown first.
    pub to_first: u32,
    /// In favour of the second.
    pub to_second: u32,
    /// Exact McNemar p of both as often; it takes contests for independent.
    pub mcnemar: f64,
    /// Verdicts for the place shown first, of those that are no tie.
    pub first_wins: ClusteredShare,
    /// The mean lean towards the first place, from −1 to 1.
    pub lean: Option<f64>,
    /// Its interval (cluster t).
    pub lean_interval: Option<Interval>,
    /// p of no lean (cluster sign-flip).
    pub sign_flip: Option<Probability>,
}

impl PositionBias {
    /// Of contests as one judge saw them.
    #[must_use]
    pub fn of(contests: &[Contest], options: &Options) -> Self {
        let ruled = contests.iter().filter(|own| Ruling::of(own).is_some());
        let groups = clusters(ruled, |contest: &Contest| &contest.key, options.clusters);
        let rulings: Vec<Vec<Ruling>> = groups
            .iter()
            .map(|group| group.iter().filter_map(|own| Ruling::of(own)).collect())
            .collect();
        let share = |holds: fn(Ruling) -> bool| {
            let held = |group: &Vec<Ruling>| group.iter().map(|own| holds(*own)).collect();
            let groups: Vec<Vec<bool>> = rulings.iter().map(held).collect();
            ClusteredShare::of(&groups, options.confidence())
        };
        let favours = |place: Place| {
            let all = rulings.iter().flatten();
            let own = all.filter(|ruling| ruling.favours() == Some(place));
            u32::try_from(own.count()).unwrap_or(u32::MAX)
        };
        let (to_first, to_second) = (favours(Place::First), favours(Place::Second));
        let leans = Clustered::of(
            rulings
                .iter()
                .map(|group| group.iter().map(|ruling| ruling.lean())),
        );
        let test = SignFlip::of(&leans, options.exact_up_to, options.draws, options.seed);
        let chosen: Vec<Vec<bool>> = groups.iter().map(|group| for_first(group)).collect();
        Self {
            contests: leans.len(),
            clusters: leans.clusters(),
            consistent: share(Ruling::is_consistent),
            follows: share(|ruling| matches!(ruling, Ruling::Follows(_))),
            wavers: share(|ruling| matches!(ruling, Ruling::Wavers(_))),
            to_first,
            to_second,
            mcnemar: mcnemar(to_first, to_second),
            first_wins: ClusteredShare::of(&chosen, options.confidence()),
            lean: leans.mean(),
            lean_interval: ClusterT::of(&leans)
                .and_then(|t| t.interval(options.confidence()))
                .map(|interval| interval.clamped(-1.0, 1.0)),
            sign_flip: test.map(|test| Probability {
                p: test.p,
                adjusted: test.p,
                method: test.method,
            }),
        }
    }
}

/// Whether each verdict that is no tie is for the place shown first.
fn for_first(group: &[&Contest]) -> Vec<bool> {
    let both = group
        .iter()
        .flat_map(|contest| [&contest.named, &contest.swapped]);
    let picks = both
        .filter_map(|said| said.preference())
        .map(|own| own.pick);
    picks
        .filter(|pick| *pick != Pick::Tie)
        .map(|pick| pick == Pick::First)
        .collect()
}
