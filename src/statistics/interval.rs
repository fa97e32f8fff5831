//! Two ends with all that lies between.

use std::fmt;

use serde::Serialize;

use super::shown::signed;

/// A confidence interval, in the unit of what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// `center ± half`.
    #[must_use]
    pub fn around(center: f64, half: f64) -> Self {
        Self {
            low: center - half,
            high: center + half,
        }
    }

    /// Whether a value lies outside.
    #[must_use]
    pub fn excludes(self, value: f64) -> bool {
        value < self.low || value > self.high
    }

    /// Whether all of it lies inside ±`margin`, ends included.
    #[must_use]
    pub fn is_within(self, margin: f64) -> bool {
        -margin <= self.low && self.high <= margin
    }

    /// Half of its width.
    #[must_use]
    pub fn half_width(self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// The part of it that lies between two bounds.
    #[must_use]
    pub fn clamped(self, low: f64, high: f64) -> Self {
        Self {
            low: self.low.clamp(low, high),
            high: self.high.clamp(low, high),
        }
    }
}

impl fmt::Display for Interval {
    /// `[−0.71, −0.19]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("[{}, {}]", signed(self.low), signed(self.high)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_written_with_their_signs() {
        let interval = Interval::around(-0.45, 0.26);
        assert_eq!(interval.to_string(), "[−0.71, −0.19]");
    }

    #[test]
    fn an_end_on_the_margin_is_inside() {
        let interval = Interval {
            low: -0.25,
            high: 0.25,
        };
        assert!(interval.is_within(0.25) && !interval.is_within(0.24));
        assert!(!interval.excludes(0.25) && interval.excludes(0.26));
    }
}
