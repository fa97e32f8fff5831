//! US dollars, exact until they are shown.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

/// An amount of US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(Decimal);

/// A text that is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount in US dollars such as `1.50`, found `{0}`")]
pub struct NotMoney(String);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// So many tokens at a price per million.
    #[must_use]
    pub(super) fn of_tokens(tokens: u64, per_million: Decimal) -> Self {
        // Dividing by a power of ten only moves the point: nothing is rounded.
        let millionth = Decimal::new(1, 6);
        Self(Decimal::from(tokens) * per_million * millionth)
    }

    /// With so many decimals, halves away from zero.
    #[must_use]
    pub fn rounded(self, decimals: u32) -> String {
        let strategy = RoundingStrategy::MidpointAwayFromZero;
        let rounded = self.0.round_dp_with_strategy(decimals, strategy);
        format!("${rounded:.*}", decimals as usize)
    }

    /// The exact digits, without the sign of the currency.
    #[must_use]
    pub fn exact(self) -> String {
        self.0.normalize().to_string()
    }
}

impl fmt::Display for Money {
    /// Cents, and of amounts below a dollar what is beside them, down to a hundredth of a cent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.round_dp(2);
        if self.0.abs() >= Decimal::ONE || cents == self.0 {
            return f.pad(&self.rounded(2));
        }
        let smallest = Decimal::new(1, 4);
        if self.0 > Decimal::ZERO && self.0 < smallest {
            return f.pad("< $0.0001");
        }
        f.pad(&self.rounded(4))
    }
}

impl FromStr for Money {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let digits = text.strip_prefix('$').unwrap_or(text);
        let amount = Decimal::from_str_exact(digits).ok();
        let amount = amount.filter(|amount| !amount.is_sign_negative());
        amount.map(Self).ok_or_else(|| NotMoney(text.to_owned()))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A string: a JSON number would be read as a float.
        serializer.serialize_str(&self.exact())
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: IntoIterator<Item = Self>>(amounts: I) -> Self {
        amounts.into_iter().fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_rounded_once_when_shown() {
        let tenth: Money = "0.1".parse().unwrap();
        assert_eq!(
            [tenth; 3].into_iter().sum::<Money>(),
            "0.3".parse().unwrap()
        );
        for (amount, shown) in [
            ("0.63", "$0.63"),
            ("0.630", "$0.63"),
            ("0.21345", "$0.2135"),
            ("0.00004", "< $0.0001"),
            ("12.345", "$12.35"),
            ("$1", "$1.00"),
            ("0", "$0.00"),
        ] {
            assert_eq!(
                amount.parse::<Money>().unwrap().to_string(),
                shown,
                "{amount}"
            );
        }
    }

    #[test]
    fn a_price_per_million_loses_no_digit() {
        let price = Decimal::from_str_exact("0.035").unwrap();
        assert_eq!(Money::of_tokens(1, price).exact(), "0.000000035");
        assert_eq!(Money::of_tokens(30_000, Decimal::from(15)).exact(), "0.45");
    }

    #[test]
    fn what_is_no_amount_is_named() {
        for text in ["", "-1", "1,5", "one", "1e3"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }
}
