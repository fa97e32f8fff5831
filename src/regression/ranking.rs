//! Whether the judges put the models in the same order, and whether that order is known at all.

use std::collections::BTreeMap;

use serde::Serialize;

use super::metric::mean;
use super::options::Options;
use super::panel::{Panel, Scale};
use crate::statistics::{ClusterT, Clustered, Interval, kendall, minimum_detectable};

/// A model with its mean by both judges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    /// The model's short name.
    pub model: String,
    /// Scored turns.
    pub n: usize,
    /// The baseline's mean, in points.
    pub a: f64,
    /// The candidate's mean, in points.
    pub b: f64,
}

/// Two models, compared dialogue by dialogue over the scenarios that both have played.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelPair {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// How far the first is ahead with the baseline, in points.
    pub a: Gap,
    /// How far it is ahead with the candidate, in points.
    pub b: Gap,
}

/// How far one model is ahead of another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gap {
    /// The mean over scenarios, in points; not known where they share none.
    pub ahead: Option<f64>,
    /// Its interval (t over scenarios and samples).
    pub interval: Option<Interval>,
    /// The smallest gap that so many scenarios show.
    pub mde: Option<f64>,
}

impl Gap {
    /// Whether it is known which of the two is ahead.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        self.interval.is_some_and(|interval| interval.excludes(0.0))
    }
}

impl ModelPair {
    /// Whether an order that the baseline resolves is the other way round.
    #[must_use]
    pub fn is_reversed(&self) -> bool {
        let (Some(a), Some(b)) = (self.a.ahead, self.b.ahead) else {
            return false;
        };
        self.a.is_resolved() && a * b < 0.0
    }
}

/// The models by both judges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// The baseline's order.
    pub models: Vec<Ranked>,
    /// Kendall's τ-b of the two orders.
    pub tau: Option<f64>,
    /// The baseline's best; none where several models tie, or where there is one alone.
    pub winner_a: Option<String>,
    /// The candidate's best, likewise.
    pub winner_b: Option<String>,
    /// Every two models.
    pub pairs: Vec<ModelPair>,
}

impl Ranking {
    pub(super) fn of(panel: &Panel, options: &Options) -> Self {
        let mut by_model: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        for scored in panel.scored() {
            let model = scored.pair.key().model.as_str();
            let scores = scored.scores(Scale::Overall);
            by_model.entry(model).or_default().push(scores);
        }
        let mut models: Vec<Ranked> = by_model.iter().filter_map(ranked).collect();
        models.sort_by(|one, other| other.a.total_cmp(&one.a).then(one.model.cmp(&other.model)));
        let orders: Vec<(f64, f64)> = models.iter().map(|model| (model.a, model.b)).collect();
        Self {
            tau: kendall(&orders),
            winner_a: winner(&models, |model| model.a),
            winner_b: winner(&models, |model| model.b),
            pairs: pairs(panel, &models, options),
            models,
        }
    }

    /// The baseline's best models: one, or all that tie.
    #[must_use]
    pub fn ahead_a(&self) -> Vec<&Ranked> {
        ahead(&self.models, |model| model.a)
    }

    /// The candidate's.
    #[must_use]
    pub fn ahead_b(&self) -> Vec<&Ranked> {
        ahead(&self.models, |model| model.b)
    }

    /// The two models that the candidate puts nearest to each other.
    #[must_use]
    pub fn closest(&self) -> Option<&ModelPair> {
        let known = self.pairs.iter().filter(|pair| pair.b.ahead.is_some());
        let apart = |pair: &ModelPair| pair.b.ahead.map_or(f64::INFINITY, f64::abs);
        known.min_by(|one, other| apart(one).total_cmp(&apart(other)))
    }

    /// How two models compare, the first of them first.
    #[must_use]
    pub fn between(&self, one: &str, other: &str) -> Option<&ModelPair> {
        self.pairs.iter().find(|pair| {
            (pair.first == one && pair.second == other)
                || (pair.first == other && pair.second == one)
        })
    }
}

fn ranked((model, scores): (&&str, &Vec<(f64, f64)>)) -> Option<Ranked> {
    Some(Ranked {
        model: (*model).to_owned(),
        n: scores.len(),
        a: mean(scores.iter().map(|scores| scores.0))?,
        b: mean(scores.iter().map(|scores| scores.1))?,
    })
}

/// Models whose means differ by less tie: what is left is the rounding of a float.
const TIED: f64 = 1e-9;

/// The models with the highest mean: one, or all that tie, by name.
fn ahead(models: &[Ranked], by: fn(&Ranked) -> f64) -> Vec<&Ranked> {
    let highest = models.iter().map(by).fold(f64::NEG_INFINITY, f64::max);
    let best = models.iter().filter(|model| highest - by(model) < TIED);
    let mut best: Vec<&Ranked> = best.collect();
    best.sort_by(|one, other| one.model.cmp(&other.model));
    best
}

/// With one model there is nothing to win, and of several that tie none has won.
fn winner(models: &[Ranked], by: fn(&Ranked) -> f64) -> Option<String> {
    match ahead(models, by).as_slice() {
        [alone] if models.len() > 1 => Some(alone.model.clone()),
        _ => None,
    }
}

/// A dialogue's mean scores by both judges, by scenario and sample.
type Dialogues<'a> = BTreeMap<(&'a str, u32), (f64, f64)>;
/// The scores of its turns.
type Turns<'a> = BTreeMap<(&'a str, u32), Vec<(f64, f64)>>;

fn pairs(panel: &Panel, models: &[Ranked], options: &Options) -> Vec<ModelPair> {
    let mut scores: BTreeMap<&str, Turns> = BTreeMap::new();
    for scored in panel.scored() {
        let key = scored.pair.key();
        let of_model = scores.entry(key.model.as_str()).or_default();
        let own = of_model.entry((key.scenario.as_str(), key.sample));
        own.or_default().push(scored.scores(Scale::Overall));
    }
    let dialogues: BTreeMap<&str, Dialogues> = scores
        .into_iter()
        .map(|(model, dialogues)| (model, means(dialogues)))
        .collect();
    let mut pairs = Vec::new();
    for (at, first) in models.iter().enumerate() {
        for second in models.iter().skip(at + 1) {
            let own = |model: &Ranked| dialogues.get(model.model.as_str());
            if let (Some(one), Some(other)) = (own(first), own(second)) {
                pairs.push(ModelPair {
                    first: first.model.clone(),
                    second: second.model.clone(),
                    a: gap(one, other, |scores| scores.0, options),
                    b: gap(one, other, |scores| scores.1, options),
                });
            }
        }
    }
    pairs
}

fn means(dialogues: Turns<'_>) -> Dialogues<'_> {
    let both = |scores: Vec<(f64, f64)>| {
        let a = mean(scores.iter().map(|scores| scores.0))?;
        Some((a, mean(scores.iter().map(|scores| scores.1))?))
    };
    let means = dialogues.into_iter();
    means
        .filter_map(|(key, scores)| Some((key, both(scores)?)))
        .collect()
}

fn gap(one: &Dialogues, other: &Dialogues, by: fn(&(f64, f64)) -> f64, options: &Options) -> Gap {
    let shared = one
        .iter()
        .filter_map(|(key, scores)| Some(by(scores) - by(other.get(key)?)));
    let data = Clustered::apart(shared);
    let t = ClusterT::of(&data);
    Gap {
        ahead: data.mean(),
        interval: t.and_then(|t| t.interval(options.confidence())),
        mde: t.and_then(|t| {
            minimum_detectable(t.standard_error, t.clusters, options.alpha, options.power)
        }),
    }
}
