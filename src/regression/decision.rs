//! What it comes to, decided on the interval.

use std::fmt;

use serde::Serialize;

use super::guards::Broken;
use super::limits::FEWEST;
use super::metric::Metric;
use super::options::Options;
use crate::statistics::{Interval, clusters_needed, signed};

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// The shift lies inside the margin, and every guard holds.
    Equivalent,
    /// There is a shift.
    Changed,
    /// A guard broke.
    Regressed,
    /// It cannot be told from so few turns.
    Inconclusive,
    /// The judges do not measure the same thing, or nothing in common.
    NotComparable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Equivalent => "EQUIVALENT",
            Self::Changed => "CHANGED",
            Self::Regressed => "REGRESSED",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::NotComparable => "NOT_COMPARABLE",
        })
    }
}

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// What it comes to.
    pub verdict: Verdict,
    /// Why, in a line.
    pub because: String,
    /// Guards that broke.
    pub broken: Vec<Broken>,
    /// How many clusters would decide, if they spread as these do and the shift stays.
    pub needed: Option<usize>,
    /// What else should be known before it is believed.
    pub notes: Vec<String>,
}

impl Decision {
    pub(super) fn of(
        metrics: &[Metric],
        broken: Vec<Broken>,
        margin: f64,
        options: &Options,
    ) -> Self {
        let decide = Decide {
            metrics,
            margin,
            options,
        };
        let (verdict, because, needed) = decide.decide(&broken);
        Self {
            verdict,
            because,
            broken,
            needed,
            notes: Vec::new(),
        }
    }

    pub(super) fn not_comparable(because: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::NotComparable,
            because: because.into(),
            broken: Vec::new(),
            needed: None,
            notes: Vec::new(),
        }
    }
}

struct Decide<'a> {
    /// The overall score first.
    metrics: &'a [Metric],
    margin: f64,
    options: &'a Options,
}

type Decided = (Verdict, String, Option<usize>);

impl Decide<'_> {
    fn decide(&self, broken: &[Broken]) -> Decided {
        let regressed = |broken: &Broken| {
            (
                Verdict::Regressed,
                format!("{}: {}", broken.guard, broken.detail),
                None,
            )
        };
        let fact = broken.iter().find(|broken| broken.guard.is_fact());
        if let Some(fact) = fact {
            return regressed(fact);
        }
        let Some(overall) = self.metrics.first() else {
            return few(self.options, 0);
        };
        if overall.clusters < FEWEST {
            return few(self.options, overall.clusters);
        }
        if let Some(broken) = broken.first() {
            return regressed(broken);
        }
        match (overall.shift, overall.interval) {
            (Some(shift), Some(interval)) => self.by_interval(overall, shift, interval),
            _ => few(self.options, overall.clusters),
        }
    }

    fn by_interval(&self, overall: &Metric, shift: f64, interval: Interval) -> Decided {
        let shown = format!("{} {}", overall.name, shown(shift, interval));
        let margin = format!("±{}", trimmed(self.margin));
        if interval.is_within(self.margin) {
            return match self.moved_dimension() {
                Some(moved) => (Verdict::Changed, moved, None),
                None => (
                    Verdict::Equivalent,
                    format!("{shown}, inside {margin}"),
                    None,
                ),
            };
        }
        if interval.excludes(0.0) {
            return (
                Verdict::Changed,
                format!("{shown}, not inside {margin}"),
                None,
            );
        }
        let needed = self.needed(overall, shift);
        let more = match needed {
            Some(needed) => format!(
                "about {} would decide",
                self.options.clusters.counted(needed)
            ),
            None => "no number of them would decide".to_owned(),
        };
        (
            Verdict::Inconclusive,
            format!("{shown} holds 0 and leaves {margin}; {more}"),
            needed,
        )
    }

    /// Dimensions that move against each other leave their sum in its place.
    fn moved_dimension(&self) -> Option<String> {
        let moved = self.metrics.iter().skip(1).find(|metric| {
            let is_sure = metric
                .sign_flip
                .is_some_and(|test| test.adjusted < self.options.alpha);
            let leaves = metric
                .interval
                .is_some_and(|interval| interval.excludes(0.0) && !interval.is_within(self.margin));
            is_sure && leaves
        })?;
        let (shift, interval) = (moved.shift?, moved.interval?);
        let whole = match self.metrics.first()?.name.as_str() {
            "overall" => "overall score",
            other => other,
        };
        Some(format!(
            "{} {}, not inside ±{}, though the {whole} is",
            moved.name,
            shown(shift, interval),
            trimmed(self.margin)
        ))
    }

    /// Half as wide as would exclude 0 or stay inside the margin, whichever is easier.
    fn needed(&self, overall: &Metric, shift: f64) -> Option<usize> {
        let half = shift.abs().max(self.margin - shift.abs());
        clusters_needed(
            overall.standard_error?,
            overall.clusters,
            half,
            self.options.confidence(),
        )
        .map(|needed| needed.max(FEWEST))
    }
}

fn few(options: &Options, clusters: usize) -> Decided {
    let counted = options.clusters.counted(clusters);
    let p = 2.0 / f64::from(2_u32.saturating_pow(5));
    let because = format!(
        "{counted} scored by both: fewer than {FEWEST} cannot tell (the smallest p of 5 is {p:.4})"
    );
    (Verdict::Inconclusive, because, Some(FEWEST))
}

/// `−0.45 [−0.71, −0.19]`.
fn shown(shift: f64, interval: Interval) -> String {
    format!("{} {interval}", signed(shift))
}

fn trimmed(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
