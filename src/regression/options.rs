//! What a comparison is to be decided by.

use std::fmt;

use serde::Serialize;

use super::limits::Guards;
use crate::judge::{Points, Rubric};

/// What belongs together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClusterBy {
    /// The turns of a dialogue.
    #[default]
    Dialogue,
    /// All dialogues of a scenario.
    Scenario,
}

impl ClusterBy {
    /// So many of them, in words.
    #[must_use]
    pub fn counted(self, number: usize) -> String {
        let ending = if number == 1 { "" } else { "s" };
        format!("{number} {self}{ending}")
    }
}

impl fmt::Display for ClusterBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dialogue => "dialogue",
            Self::Scenario => "scenario",
        })
    }
}

/// What a comparison is to be decided by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Options {
    /// A shift of the overall score inside ± this is none; in points. By default a fortieth of
    /// the rubric's scale: 0.25 of 10.
    pub margin: Option<f64>,
    /// How often a shift may be found where there is none. Intervals have a confidence of
    /// 1 − this.
    pub alpha: f64,
    /// How surely a shift of the minimum detectable effect would be found.
    pub power: f64,
    /// What belongs together.
    pub clusters: ClusterBy,
    /// Up to so many clusters the sign-flip test is exact.
    pub exact_up_to: usize,
    /// Random flips beyond that.
    pub draws: u32,
    /// Where their generator starts.
    pub seed: u64,
    /// A turn passes with at least this overall score; by default the rubric's `compliance`.
    pub threshold: Option<Points>,
    /// What must not get worse.
    pub guards: Guards,
    /// How many movers are shown.
    pub movers: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            margin: None,
            alpha: 0.05,
            power: 0.8,
            clusters: ClusterBy::Dialogue,
            exact_up_to: 16,
            draws: 10_000,
            seed: 1,
            threshold: None,
            guards: Guards::default(),
            movers: 5,
        }
    }
}

/// The part of a scale that is no shift.
const MARGIN: f64 = 0.025;

impl Options {
    /// The margin on a rubric's scale, in points.
    #[must_use]
    pub fn margin_on(&self, rubric: &Rubric) -> f64 {
        let width = (rubric.highest() - rubric.lowest()).as_f64();
        self.margin.unwrap_or(MARGIN * width)
    }

    /// The confidence of every interval.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        1.0 - self.alpha
    }

    /// The score from which a turn passes.
    #[must_use]
    pub fn threshold_on(&self, rubric: &Rubric) -> Points {
        self.threshold.unwrap_or(rubric.compliance)
    }
}
