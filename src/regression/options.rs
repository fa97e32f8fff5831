//! What a comparison is to be decided by.

use std::fmt;

use serde::Serialize;

use super::limits::Guards;
use crate::judge::{Points, Rubric};
use crate::words::counted;

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
        counted(number, &self.to_string())
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

/// An option that does not fit what is compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OptionError {
    /// A margin that nothing leaves, or that everything does.
    #[error(
        "a margin of {found} points: expected more than 0 and less than {most}, half of {scale}"
    )]
    Margin {
        /// What was given.
        found: f64,
        /// Half of the scale.
        most: f64,
        /// Which scale that is.
        scale: String,
    },
    /// A threshold that every turn passes, or none.
    #[error("a threshold of {found} points: expected {low} to {high}, the scale of {rubric}")]
    Threshold {
        /// What was given.
        found: Points,
        /// The lowest overall score.
        low: Points,
        /// The highest.
        high: Points,
        /// Whose scale it is.
        rubric: String,
    },
}

impl Options {
    /// Whether margin and threshold lie on a rubric's scale.
    ///
    /// # Errors
    /// [`OptionError`] with what was expected.
    pub fn fit(&self, rubric: &Rubric) -> Result<(), OptionError> {
        let (low, high) = (rubric.lowest(), rubric.highest());
        let scale = || format!("the scale of {}", rubric.id);
        fits(self.margin, (high - low).as_f64(), scale)?;
        match self.threshold {
            Some(found) if !(low..=high).contains(&found) => Err(OptionError::Threshold {
                found,
                low,
                high,
                rubric: rubric.id.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Whether the margin is one of a contest's points, 0 to 1.
    ///
    /// # Errors
    /// [`OptionError`] with what was expected.
    pub fn fit_contests(&self) -> Result<(), OptionError> {
        fits(self.margin, 1.0, || "what a contest gives".to_owned())
    }

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

fn fits(
    margin: Option<f64>,
    width: f64,
    scale: impl FnOnce() -> String,
) -> Result<(), OptionError> {
    match margin {
        Some(found) if !(found > 0.0 && found < width / 2.0) => Err(OptionError::Margin {
            found,
            most: width / 2.0,
            scale: scale(),
        }),
        _ => Ok(()),
    }
}
