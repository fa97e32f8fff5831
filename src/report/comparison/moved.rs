//! The turns that moved, farthest first, with both judges' reasons.

use std::cmp::Reverse;

use serde::Serialize;

use crate::judge::{Judgment, Points};
use crate::regression::{Comparison, JudgedTurn, Pair, TurnKey, Verdicts};
use crate::statistics::signed;

/// More turns than this would make a page that no browser opens with pleasure.
const MOST: usize = 1_000;
/// Longer texts get a window of their own to scroll in.
const LONG: usize = 3_000;

/// The turns that are shown, and how many are not.
#[derive(Debug, Serialize)]
pub(super) struct MovedTurns<'a> {
    turns: Vec<MovedTurn<'a>>,
    left_out: usize,
    same: usize,
}

/// One turn with both judgments.
#[derive(Debug, Serialize)]
struct MovedTurn<'a> {
    id: String,
    key: &'a TurnKey,
    /// Every kind that a filter finds it by.
    kinds: String,
    /// How far it moved, in points, whichever way.
    distance: Option<Points>,
    shift: String,
    a: SideView<'a>,
    b: SideView<'a>,
    student: Text<'a>,
    tutor: Text<'a>,
    dimensions: Vec<DimensionView<'a>>,
}

#[derive(Debug, Serialize)]
struct SideView<'a> {
    mark: String,
    level: &'static str,
    unscored: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Text<'a> {
    text: &'a str,
    is_long: bool,
}

#[derive(Debug, Serialize)]
struct DimensionView<'a> {
    name: &'a str,
    a: Option<Said<'a>>,
    b: Option<Said<'a>>,
    has_moved: bool,
}

#[derive(Debug, Serialize)]
struct Said<'a> {
    score: Points,
    rationale: &'a str,
}

impl<'a> MovedTurns<'a> {
    /// What changed its score, or lost it.
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let threshold = comparison.flips.threshold;
        let mut moved: Vec<&Pair> = comparison
            .pairs
            .iter()
            .filter(|pair| has_moved(pair))
            .collect();
        // Stable: what moved equally far stays in the baseline's order. No score comes first.
        moved.sort_by_key(|pair| Reverse(shift(pair).map_or(u64::MAX, distance)));
        let left_out = moved.len().saturating_sub(MOST);
        let same = comparison.pairs.len() - moved.len();
        moved.truncate(MOST);
        let turns = moved.into_iter().enumerate();
        Self {
            turns: turns
                .map(|(place, pair)| MovedTurn::of(place, pair, threshold))
                .collect(),
            left_out,
            same,
        }
    }
}

fn has_moved(pair: &Pair) -> bool {
    match (pair.a.judgment(), pair.b.judgment()) {
        (Some(a), Some(b)) => scores(a).ne(scores(b)),
        (None, None) => false,
        _ => true,
    }
}

fn scores(judgment: &Judgment) -> impl Iterator<Item = Points> {
    judgment.scores.iter().map(|score| score.score)
}

fn shift(pair: &Pair) -> Option<Points> {
    Some(pair.b.judgment()?.overall - pair.a.judgment()?.overall)
}

fn distance(shift: Points) -> u64 {
    shift.thousandths().unsigned_abs()
}

impl<'a> MovedTurn<'a> {
    fn of(place: usize, pair: &'a Pair, threshold: Points) -> Self {
        let shift = shift(pair);
        Self {
            id: format!("t{}", place + 1),
            key: pair.key(),
            kinds: kinds(pair, threshold).join(" "),
            distance: shift.map(|shift| {
                if shift < Points::ZERO {
                    Points::ZERO - shift
                } else {
                    shift
                }
            }),
            shift: shift.map_or_else(|| "n/a".to_owned(), |shift| signed(shift.as_f64())),
            a: SideView::of(&pair.a, threshold),
            b: SideView::of(&pair.b, threshold),
            student: Text::of(&pair.a.student),
            tutor: Text::of(&pair.a.tutor),
            dimensions: dimensions(pair),
        }
    }
}

fn kinds(pair: &Pair, threshold: Points) -> Vec<&'static str> {
    let (Some(a), Some(b)) = (pair.a.judgment(), pair.b.judgment()) else {
        return vec!["unscored"];
    };
    let mut kinds = match (a.overall >= threshold, b.overall >= threshold) {
        (true, false) => vec!["flip", "to-fail"],
        (false, true) => vec!["flip", "to-pass"],
        _ => Vec::new(),
    };
    kinds.push(match b.overall.cmp(&a.overall) {
        std::cmp::Ordering::Less => "down",
        std::cmp::Ordering::Equal => "within",
        std::cmp::Ordering::Greater => "up",
    });
    kinds
}

impl<'a> SideView<'a> {
    fn of(turn: &'a JudgedTurn, threshold: Points) -> Self {
        match &turn.verdict {
            Verdicts::Scored { judgment } => Self {
                mark: judgment.overall.to_string(),
                level: if judgment.overall >= threshold {
                    "holds"
                } else {
                    "below"
                },
                unscored: None,
            },
            Verdicts::Unscored { detail, .. } => Self {
                mark: "?".to_owned(),
                level: "unscored",
                unscored: Some(detail),
            },
        }
    }
}

impl<'a> Text<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            is_long: text.len() > LONG,
        }
    }
}

/// Every dimension with both reasons; those that moved first.
fn dimensions(pair: &Pair) -> Vec<DimensionView<'_>> {
    let (a, b) = (pair.a.judgment(), pair.b.judgment());
    let names = a.or(b).into_iter().flat_map(|judgment| &judgment.scores);
    let mut dimensions: Vec<DimensionView<'_>> = names
        .map(|score| {
            let (a, b) = (said(a, &score.dimension), said(b, &score.dimension));
            DimensionView {
                name: &score.dimension,
                has_moved: match (&a, &b) {
                    (Some(a), Some(b)) => a.score != b.score,
                    _ => true,
                },
                a,
                b,
            }
        })
        .collect();
    dimensions.sort_by_key(|dimension| !dimension.has_moved);
    dimensions
}

fn said<'a>(judgment: Option<&'a Judgment>, dimension: &str) -> Option<Said<'a>> {
    let mut scores = judgment?.scores.iter();
    let score = scores.find(|score| score.dimension == dimension)?;
    Some(Said {
        score: score.score,
        rationale: &score.rationale,
    })
}
