//! For programs: every figure with what it is of and how it was found.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::judge::{Judgment, Points};
use crate::regression::{Comparison, JudgedTurn, Pair, TurnKey, Verdicts};
use crate::report::format::{Format, FormatError};

/// Readers refuse a version that they do not know.
const SCHEMA_VERSION: u32 = 1;

/// A comparison as one JSON object; [`ComparisonJson::SCHEMA`] says what is in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct ComparisonJson;

impl ComparisonJson {
    /// The JSON Schema (draft 2020-12) of what is written.
    pub const SCHEMA: &'static str = include_str!("comparison.schema.json");
}

#[derive(Serialize)]
struct Whole<'a> {
    schema_version: u32,
    kind: &'static str,
    #[serde(flatten)]
    comparison: &'a Comparison,
    methods: BTreeMap<&'static str, &'static str>,
    turns: Vec<Turn<'a>>,
}

#[derive(Serialize)]
struct Turn<'a> {
    #[serde(flatten)]
    key: &'a TurnKey,
    digest: String,
    a: Said<'a>,
    b: Said<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Said<'a> {
    Scored {
        overall: Points,
        scores: BTreeMap<&'a str, Points>,
    },
    Unscored {
        unscored: &'a str,
        detail: &'a str,
    },
}

/// What each statistic is.
const METHODS: [(&str, &str); 17] = [
    (
        "shift",
        "mean of candidate − baseline over paired turns, in points",
    ),
    ("standard_error", "cluster-robust, CR1: G/(G−1), in points"),
    (
        "interval",
        "cluster t, clusters − 1 degrees of freedom, confidence 1 − options.alpha",
    ),
    (
        "sign_flip",
        "cluster sign-flip of the mean, two-sided; adjusted: Holm over the dimensions",
    ),
    ("cluster_t", "two-sided p of the cluster t"),
    (
        "equivalence",
        "p of two one-sided cluster t tests against ±margin (TOST)",
    ),
    (
        "icc",
        "intra-class correlation of the differences, one-way analysis of variance",
    ),
    (
        "mde",
        "minimum detectable effect at options.alpha and options.power, in points",
    ),
    (
        "kappa",
        "Cohen's κ with quadratic weights; interval: jackknife over clusters",
    ),
    ("mcnemar", "exact, two-sided, over turns"),
    (
        "flips.sign_flip",
        "cluster sign-flip of passes − fails, two-sided; decides the guard of flips",
    ),
    (
        "compliance",
        "share of turns at the threshold or above; interval: Wilson, over turns",
    ),
    (
        "human.standing",
        "nearer or further where the interval of κ B − κ A excludes 0 with 6 clusters or more",
    ),
    ("tau", "Kendall's τ-b of the models' means"),
    (
        "ranking",
        "gaps: t over scenarios and samples that both models played",
    ),
    ("slices", "cluster t, not adjusted for their number"),
    (
        "probes",
        "mean of probed − plain overall score of the candidate, as shift, interval, sign_flip",
    ),
];

impl Format<Comparison> for ComparisonJson {
    fn render(&self, comparison: &Comparison) -> Result<String, FormatError> {
        let whole = Whole {
            schema_version: SCHEMA_VERSION,
            kind: "judge-comparison",
            comparison,
            methods: METHODS.into_iter().collect(),
            turns: comparison.pairs.iter().map(turn).collect(),
        };
        let mut text = serde_json::to_string_pretty(&whole)?;
        text.push('\n');
        Ok(text)
    }
}

fn turn(pair: &Pair) -> Turn<'_> {
    Turn {
        key: pair.key(),
        digest: hex::encode(pair.a.digest),
        a: said(&pair.a),
        b: said(&pair.b),
    }
}

fn said(turn: &JudgedTurn) -> Said<'_> {
    match &turn.verdict {
        Verdicts::Scored { judgment } => Said::Scored {
            overall: judgment.overall,
            scores: scores(judgment),
        },
        Verdicts::Unscored { label, detail, .. } => Said::Unscored {
            unscored: label,
            detail,
        },
    }
}

fn scores(judgment: &Judgment) -> BTreeMap<&str, Points> {
    let each = judgment.scores.iter();
    each.map(|score| (score.dimension.as_str(), score.score))
        .collect()
}
