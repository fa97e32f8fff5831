//! For programs: every figure with what it is of and how it was found, and every contest.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::json::ComparisonJson;
use crate::bench::{Choosing, ContestKey};
use crate::judge::Pick;
use crate::regression::{ContestPair, PairwiseComparison, Ruling};
use crate::report::format::{Format, FormatError};

/// The JSON Schema (draft 2020-12) of a comparison of pairwise judges.
pub const PAIRWISE_SCHEMA: &str = include_str!("pairwise.schema.json");

/// Readers refuse a version that they do not know.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Whole<'a> {
    schema_version: u32,
    kind: &'static str,
    #[serde(flatten)]
    comparison: &'a PairwiseComparison,
    methods: BTreeMap<&'static str, &'static str>,
    contests: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    key: &'a ContestKey,
    a: Heard,
    b: Heard,
}

#[derive(Serialize)]
struct Heard {
    named: Said,
    swapped: Said,
    #[serde(flatten)]
    ruling: Option<Ruling>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Said {
    Chosen { verdict: Pick, rationale: String },
    Unscored { unscored: String, detail: String },
}

/// What each statistic is.
const METHODS: [(&str, &str); 9] = [
    (
        "preference",
        "what the model that a contest names first gets: win 1, tie 1/2, mean of both orders",
    ),
    (
        "first place",
        "(1 + lean) / 2 of a contest: 1/2 where the orders agree",
    ),
    (
        "lean",
        "1 where both orders choose the first place, 1/2 where one does and the other is a tie, negative for the second",
    ),
    (
        "follows",
        "position-bias rate: contests of which both orders choose the same place",
    ),
    (
        "mcnemar",
        "exact, two-sided, of disagreements for either place, over contests",
    ),
    (
        "share interval",
        "Wilson's of the effective sample size, clusters: the dialogues of a scenario",
    ),
    (
        "interval",
        "cluster t (CR1), clusters − 1 degrees of freedom, confidence 1 − options.alpha",
    ),
    (
        "sign_flip",
        "cluster sign-flip of the mean, two-sided; adjusted: Holm over all but the preference",
    ),
    (
        "rate",
        "wins and half the ties of the contests that both orders agree on",
    ),
];

impl Format<PairwiseComparison> for ComparisonJson {
    fn render(&self, comparison: &PairwiseComparison) -> Result<String, FormatError> {
        let whole = Whole {
            schema_version: SCHEMA_VERSION,
            kind: "pairwise-comparison",
            comparison,
            methods: METHODS.into_iter().collect(),
            contests: comparison.pairs.iter().map(shown).collect(),
        };
        let mut text = serde_json::to_string_pretty(&whole)?;
        text.push('\n');
        Ok(text)
    }
}

fn shown(pair: &ContestPair) -> Shown<'_> {
    let heard = |contest: &crate::bench::Contest| Heard {
        named: said(&contest.named),
        swapped: said(&contest.swapped),
        ruling: Ruling::of(contest),
    };
    Shown {
        key: &pair.a.key,
        a: heard(&pair.a),
        b: heard(&pair.b),
    }
}

fn said(said: &Choosing) -> Said {
    match said {
        Choosing::Chosen { preference, .. } => Said::Chosen {
            verdict: preference.pick,
            rationale: preference.rationale.clone(),
        },
        Choosing::Unscored { reason, .. } => Said::Unscored {
            unscored: reason.label(),
            detail: reason.detail(),
        },
    }
}
