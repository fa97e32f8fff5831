//! Scores without rounding: sums and thresholds are compared exactly.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many of the smallest unit make one point.
const UNIT: i64 = 1000;
const DECIMALS: usize = 3;

/// A score or threshold in thousandths of a point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

/// A text that is no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a number with at most {DECIMALS} decimals, found `{0}`")]
pub struct NotPoints(String);

impl Points {
    /// No point.
    pub const ZERO: Self = Self(0);

    /// A number of thousandths.
    #[must_use]
    pub const fn of_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// Whole points.
    #[must_use]
    pub const fn whole(points: i32) -> Self {
        Self(points as i64 * UNIT)
    }

    /// The number of thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Whether this is a whole number of steps.
    #[must_use]
    pub const fn is_multiple_of(self, step: Self) -> bool {
        step.0 > 0 && self.0 % step.0 == 0
    }

    /// The nearest float, for reports.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^53")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / UNIT as f64
    }
}

impl Add for Points {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Points {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (
            self.0.unsigned_abs() / UNIT.unsigned_abs(),
            self.0.unsigned_abs() % UNIT.unsigned_abs(),
        );
        if rest == 0 {
            return f.pad(&format!("{sign}{whole}"));
        }
        let decimals = format!("{rest:03}");
        f.pad(&format!("{sign}{whole}.{}", decimals.trim_end_matches('0')))
    }
}

impl FromStr for Points {
    type Err = NotPoints;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| NotPoints(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Points> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(decimals) {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > DECIMALS {
        return None;
    }
    let thousandths: i64 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    let total = whole.checked_mul(UNIT)?.checked_add(thousandths)?;
    Some(Points(sign * total))
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % UNIT == 0 {
            return serializer.serialize_i64(self.0 / UNIT);
        }
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Number)
    }
}

struct Number;

impl Visitor<'_> for Number {
    type Value = Points;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number with at most {DECIMALS} decimals")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Points, E> {
        number.to_string().parse().map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Points, E> {
        number.to_string().parse().map_err(E::custom)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Points, E> {
        // A float's text has the fewest digits that give it back: what the person wrote.
        number.to_string().parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_keep_what_was_written() {
        for (written, shown) in [
            ("0", "0"),
            ("3.0", "3"),
            ("2.50", "2.5"),
            ("-0.125", "-0.125"),
        ] {
            let points: Points = written.parse().unwrap();
            assert_eq!(points.to_string(), shown);
        }
    }

    #[test]
    fn finer_or_other_texts_are_no_points() {
        for written in [
            "",
            ".",
            "1.",
            ".5",
            "1.2345",
            "1e3",
            "NaN",
            "+1",
            "99999999999999999999",
        ] {
            assert!(written.parse::<Points>().is_err(), "{written}");
        }
    }

    #[test]
    fn tenths_add_up_exactly() {
        let tenth: Points = "0.1".parse().unwrap();
        assert_eq!([tenth; 10].into_iter().sum::<Points>(), Points::whole(1));
    }

    #[test]
    fn a_float_in_toml_is_what_was_written() {
        #[derive(Deserialize)]
        struct Threshold {
            at: Points,
        }
        let read = |text| toml::from_str::<Threshold>(text).map(|threshold| threshold.at);
        assert_eq!(read("at = 0.3").unwrap(), "0.3".parse().unwrap());
        assert_eq!(read("at = 8").unwrap(), Points::whole(8));
        assert!(read("at = nan").is_err());
        assert!(read("at = 0.12345").is_err());
    }
}
