//! Where it moved: by model, scenario and turn.

use serde::Serialize;

use super::limits::FEWEST;
use super::metric::mean;
use super::options::Options;
use super::pairing::Pair;
use super::panel::{Panel, Scale};
use crate::statistics::{ClusterT, Interval};

/// Some of the turns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slice {
    /// Which.
    pub name: String,
    /// Turns that both judges scored.
    pub n: usize,
    /// Clusters of them.
    pub clusters: usize,
    /// The baseline's mean overall score, in points.
    pub a: Option<f64>,
    /// The candidate's.
    pub b: Option<f64>,
    /// The mean of b − a, in points.
    pub shift: Option<f64>,
    /// Its interval (cluster t), from six clusters on; not adjusted for how many slices there
    /// are.
    pub interval: Option<Interval>,
}

/// The overall score by model, scenario and turn.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Slices {
    /// By model.
    pub models: Vec<Slice>,
    /// By scenario.
    pub scenarios: Vec<Slice>,
    /// By turn.
    pub turns: Vec<Slice>,
}

impl Slices {
    pub(super) fn of(pairs: &[Pair], options: &Options) -> Self {
        let by = |name: fn(&Pair) -> String| {
            let mut names: Vec<String> = Vec::new();
            let mut own: Vec<Vec<&Pair>> = Vec::new();
            let mut places = std::collections::HashMap::new();
            for pair in pairs {
                let name = name(pair);
                let place = *places.entry(name.clone()).or_insert_with(|| {
                    names.push(name);
                    own.push(Vec::new());
                    own.len() - 1
                });
                if let Some(own) = own.get_mut(place) {
                    own.push(pair);
                }
            }
            let slices = names.into_iter().zip(own);
            slices
                .map(|(name, own)| slice(name, &own, options))
                .collect()
        };
        Self {
            models: by(|pair| pair.key().model.clone()),
            scenarios: by(|pair| pair.key().scenario.clone()),
            turns: by(|pair| format!("turn {}", pair.key().turn)),
        }
    }
}

fn slice(name: String, pairs: &[&Pair], options: &Options) -> Slice {
    let panel = Panel::of(pairs.iter().copied(), options.clusters);
    let differences = panel.differences(Scale::Overall);
    let scores = || panel.scored().map(|scored| scored.scores(Scale::Overall));
    Slice {
        name,
        n: differences.len(),
        clusters: differences.clusters(),
        a: mean(scores().map(|scores| scores.0)),
        b: mean(scores().map(|scores| scores.1)),
        shift: differences.mean(),
        interval: ClusterT::of(&differences)
            .filter(|t| t.clusters >= FEWEST)
            .and_then(|t| t.interval(options.confidence())),
    }
}
