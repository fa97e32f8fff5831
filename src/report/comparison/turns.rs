//! A turn with both judges' scores and reasons, as a page shows it.

use serde::Serialize;

use crate::judge::{Judgment, Points};
use crate::regression::{JudgedTurn, Pair, TurnKey, Verdicts};
use crate::report::html::Said;
use crate::statistics::signed;

/// One turn with both judgments.
#[derive(Debug, Serialize)]
pub(super) struct TurnView<'a> {
    id: String,
    /// Where it stands in its dialogue, for what stands elsewhere.
    place: Option<String>,
    key: &'a TurnKey,
    has_moved: bool,
    /// Every kind that a filter finds it by.
    kinds: String,
    /// How far it moved, in points, whichever way.
    distance: Option<Points>,
    shift: String,
    a: SideView<'a>,
    b: SideView<'a>,
    student: Said<'a>,
    tutor: Said<'a>,
    dimensions: Vec<DimensionView<'a>>,
}

#[derive(Debug, Serialize)]
struct SideView<'a> {
    mark: String,
    level: &'static str,
    unscored: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct DimensionView<'a> {
    name: &'a str,
    a: Option<Scored<'a>>,
    b: Option<Scored<'a>>,
    has_moved: bool,
    /// Both judges said the very same.
    is_one: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Scored<'a> {
    score: Points,
    rationale: &'a str,
}

impl<'a> TurnView<'a> {
    /// The turn as part of a page, with what counts as passed.
    pub(super) fn of(id: String, place: Option<String>, pair: &'a Pair, threshold: Points) -> Self {
        let shift = shift(pair);
        Self {
            id,
            place,
            key: pair.key(),
            has_moved: has_moved(pair),
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
            student: Said::text(&pair.a.student),
            tutor: Said::text(&pair.a.tutor),
            dimensions: dimensions(pair),
        }
    }
}

/// Whether a score changed, or came or went.
pub(super) fn has_moved(pair: &Pair) -> bool {
    match (pair.a.judgment(), pair.b.judgment()) {
        (Some(a), Some(b)) => scores(a).ne(scores(b)),
        (None, None) => false,
        _ => true,
    }
}

/// How far a turn moved, in thousandths of a point; farther than any where a score came or went.
pub(super) fn distance(pair: &Pair) -> u64 {
    match shift(pair) {
        Some(shift) => shift.thousandths().unsigned_abs(),
        None if has_moved(pair) => u64::MAX,
        None => 0,
    }
}

fn scores(judgment: &Judgment) -> impl Iterator<Item = Points> {
    judgment.scores.iter().map(|score| score.score)
}

/// The candidate's overall score minus the baseline's.
pub(super) fn shift(pair: &Pair) -> Option<Points> {
    Some(pair.b.judgment()?.overall - pair.a.judgment()?.overall)
}

fn kinds(pair: &Pair, threshold: Points) -> Vec<&'static str> {
    if !has_moved(pair) {
        return vec!["same"];
    }
    let mut kinds = vec!["moved"];
    let (Some(a), Some(b)) = (pair.a.judgment(), pair.b.judgment()) else {
        kinds.push("unscored");
        return kinds;
    };
    match (a.overall >= threshold, b.overall >= threshold) {
        (true, false) => kinds.extend(["flip", "to-fail"]),
        (false, true) => kinds.extend(["flip", "to-pass"]),
        _ => {}
    }
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
                is_one: a == b,
                a,
                b,
            }
        })
        .collect();
    dimensions.sort_by_key(|dimension| !dimension.has_moved);
    dimensions
}

fn said<'a>(judgment: Option<&'a Judgment>, dimension: &str) -> Option<Scored<'a>> {
    let mut scores = judgment?.scores.iter();
    let score = scores.find(|score| score.dimension == dimension)?;
    Some(Scored {
        score: score.score,
        rationale: &score.rationale,
    })
}
