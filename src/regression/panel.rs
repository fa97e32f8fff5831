//! The pairs that both judges scored, by cluster.

use std::collections::HashMap;

use super::options::ClusterBy;
use super::pairing::Pair;
use crate::judge::{Judgment, Points};
use crate::statistics::Clustered;

/// What is compared: the overall score, or one dimension by its place in the rubric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Overall,
    Dimension(usize),
}

impl Scale {
    /// A judgment's score; every judgment has every dimension, in the rubric's order.
    pub(super) fn of(self, judgment: &Judgment) -> Points {
        match self {
            Self::Overall => judgment.overall,
            Self::Dimension(at) => judgment
                .scores
                .get(at)
                .map_or(Points::ZERO, |score| score.score),
        }
    }
}

/// A pair with both scores.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored<'a> {
    pub pair: &'a Pair,
    pub a: &'a Judgment,
    pub b: &'a Judgment,
}

impl<'a> Scored<'a> {
    pub(super) fn of(pair: &'a Pair) -> Option<Self> {
        Some(Self {
            pair,
            a: pair.a.judgment()?,
            b: pair.b.judgment()?,
        })
    }

    pub(super) fn scores(&self, scale: Scale) -> (f64, f64) {
        (scale.of(self.a).as_f64(), scale.of(self.b).as_f64())
    }

    pub(super) fn difference(&self, scale: Scale) -> Points {
        scale.of(self.b) - scale.of(self.a)
    }
}

/// Scored pairs by cluster, clusters in the order in which they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Panel<'a> {
    pub groups: Vec<Vec<Scored<'a>>>,
}

impl<'a> Panel<'a> {
    pub(super) fn of(pairs: impl Iterator<Item = &'a Pair>, clusters: ClusterBy) -> Self {
        let mut places: HashMap<(&str, &str, u32), usize> = HashMap::new();
        let mut panel = Self::default();
        for scored in pairs.filter_map(Scored::of) {
            let key = scored.pair.key();
            let own = match clusters {
                ClusterBy::Dialogue => (key.scenario.as_str(), key.model.as_str(), key.sample),
                ClusterBy::Scenario => (key.scenario.as_str(), "", 0),
            };
            let place = *places.entry(own).or_insert(panel.groups.len());
            match panel.groups.get_mut(place) {
                Some(group) => group.push(scored),
                None => panel.groups.push(vec![scored]),
            }
        }
        panel
    }

    pub(super) fn scored(&self) -> impl Iterator<Item = &Scored<'a>> {
        self.groups.iter().flatten()
    }

    pub(super) fn differences(&self, scale: Scale) -> Clustered {
        Clustered::of(self.groups.iter().map(|group| {
            let turns = group.iter();
            turns.map(move |scored| scored.difference(scale).as_f64())
        }))
    }

    pub(super) fn scores(&self, scale: Scale) -> Vec<Vec<(f64, f64)>> {
        let of_group =
            |group: &Vec<Scored>| group.iter().map(|scored| scored.scores(scale)).collect();
        self.groups.iter().map(of_group).collect()
    }
}
