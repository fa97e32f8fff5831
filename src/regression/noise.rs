//! What one judge's repeated judgments differ by: no shift can be smaller and mean anything.

use std::collections::BTreeMap;

use serde::Serialize;

use super::judged::{Judged, TurnKey};
use super::metric::mean;
use crate::bench::Share;
use crate::statistics::{Level, krippendorff};

/// The noise floor of a judge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Noise {
    /// How often each turn was judged.
    pub epochs: usize,
    /// Turns that were scored at least twice.
    pub turns: usize,
    /// Turns whose overall score was the same every time.
    pub same: Share,
    /// The spread of one turn's overall scores (pooled standard deviation), in points.
    pub spread: Option<f64>,
    /// How far the means of whole epochs lie apart, in points.
    pub between_epochs: Option<f64>,
    /// Krippendorff's α of the epochs (interval).
    pub alpha: Option<f64>,
}

impl Noise {
    /// Of all epochs of one judge; `None` of fewer than two.
    #[must_use]
    pub fn of(epochs: &[Judged]) -> Option<Self> {
        if epochs.len() < 2 {
            return None;
        }
        let mut scores: BTreeMap<&TurnKey, Vec<f64>> = BTreeMap::new();
        for turn in epochs.iter().flat_map(|epoch| &epoch.turns) {
            if let Some(judgment) = turn.judgment() {
                let own = scores.entry(&turn.key).or_default();
                own.push(judgment.overall.as_f64());
            }
        }
        let units: Vec<Vec<f64>> = scores.into_values().filter(|own| own.len() >= 2).collect();
        Some(Self {
            epochs: epochs.len(),
            turns: units.len(),
            same: Share::of(units.iter().map(|own| spread(own) < 1e-9)),
            spread: pooled(&units),
            between_epochs: between(epochs),
            alpha: krippendorff(&units, Level::Interval),
        })
    }
}

fn spread(scores: &[f64]) -> f64 {
    let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    high - low
}

/// `√(Σ_i Σ_j (x_ij − x̄_i)² / Σ_i (n_i − 1))`.
fn pooled(units: &[Vec<f64>]) -> Option<f64> {
    let (mut squares, mut degrees) = (0.0, 0.0);
    for unit in units {
        let own = mean(unit.iter().copied())?;
        squares += unit.iter().map(|score| (score - own).powi(2)).sum::<f64>();
        degrees += unit.iter().skip(1).map(|_| 1.0).sum::<f64>();
    }
    (degrees > 0.0).then(|| f64::sqrt(squares / degrees))
}

fn between(epochs: &[Judged]) -> Option<f64> {
    let means = epochs.iter().map(|epoch| {
        let judgments = epoch.turns.iter().filter_map(|turn| turn.judgment());
        mean(judgments.map(|judgment| judgment.overall.as_f64()))
    });
    let means: Option<Vec<f64>> = means.collect();
    means.map(|means| spread(&means))
}
