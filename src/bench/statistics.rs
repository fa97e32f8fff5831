//! Means and shares that know how many they are of; of none there is no number.

use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::judge::Points;

/// What is shown where there is nothing to show.
const NOT_AVAILABLE: &str = "n/a";

/// A mean of points, exact until it is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mean {
    sum: Points,
    count: u32,
}

impl Mean {
    /// Of how many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The nearest float; `None` of none.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum.as_f64() / f64::from(self.count))
    }
}

impl FromIterator<Points> for Mean {
    fn from_iter<I: IntoIterator<Item = Points>>(points: I) -> Self {
        points
            .into_iter()
            .fold(Self::default(), |mean, points| Self {
                sum: mean.sum + points,
                count: mean.count + 1,
            })
    }
}

impl fmt::Display for Mean {
    /// Two decimals, halves away from zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.pad(NOT_AVAILABLE);
        }
        let thousandths = self.sum.thousandths();
        let sign = if thousandths < 0 { "-" } else { "" };
        let hundredths = rounded(thousandths.unsigned_abs(), u64::from(self.count) * 10);
        f.pad(&format!(
            "{sign}{}.{:02}",
            hundredths / 100,
            hundredths % 100
        ))
    }
}

impl Serialize for Mean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Mean", 2)?;
        members.serialize_field("mean", &self.value())?;
        members.serialize_field("n", &self.count)?;
        members.end()
    }
}

/// How many of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    part: u32,
    whole: u32,
}

impl Share {
    /// Counts the members that hold.
    pub fn of(members: impl IntoIterator<Item = bool>) -> Self {
        members
            .into_iter()
            .fold(Self::default(), |share, holds| Self {
                part: share.part + u32::from(holds),
                whole: share.whole + 1,
            })
    }

    /// How many hold.
    #[must_use]
    pub const fn part(self) -> u32 {
        self.part
    }

    /// Of how many.
    #[must_use]
    pub const fn whole(self) -> u32 {
        self.whole
    }

    /// Between 0 and 1; `None` of none.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.whole > 0).then(|| f64::from(self.part) / f64::from(self.whole))
    }
}

impl fmt::Display for Share {
    /// Percent with one decimal, halves up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.whole == 0 {
            return f.pad(NOT_AVAILABLE);
        }
        let tenths = rounded(u64::from(self.part) * 1000, u64::from(self.whole));
        f.pad(&format!("{}.{}%", tenths / 10, tenths % 10))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Share", 3)?;
        members.serialize_field("share", &self.value())?;
        members.serialize_field("count", &self.part)?;
        members.serialize_field("n", &self.whole)?;
        members.end()
    }
}

fn rounded(part: u64, whole: u64) -> u64 {
    (part * 2 + whole) / (whole * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(points: &[i32]) -> Mean {
        points.iter().map(|points| Points::whole(*points)).collect()
    }

    #[test]
    fn a_mean_of_none_is_no_number() {
        assert_eq!(mean(&[]).to_string(), "n/a");
        assert_eq!(mean(&[]).value(), None);
        assert_eq!(
            serde_json::to_string(&mean(&[])).unwrap(),
            r#"{"mean":null,"n":0}"#
        );
        assert_eq!(Share::default().to_string(), "n/a");
        assert_eq!(
            serde_json::to_string(&Share::default()).unwrap(),
            r#"{"share":null,"count":0,"n":0}"#
        );
    }

    #[test]
    fn a_mean_is_rounded_once_when_it_is_shown() {
        assert_eq!(mean(&[7, 7, 6]).to_string(), "6.67");
        assert_eq!(mean(&[1, 0, 0, 0, 0, 0, 0, 0]).to_string(), "0.13");
        assert_eq!(mean(&[-1, 0, 0]).to_string(), "-0.33");
        assert_eq!(mean(&[10]).to_string(), "10.00");
    }

    #[test]
    fn a_share_is_percent() {
        assert_eq!(Share::of([true, true, false]).to_string(), "66.7%");
        assert_eq!(Share::of([true]).to_string(), "100.0%");
        assert_eq!(Share::of([false]).to_string(), "0.0%");
    }
}
