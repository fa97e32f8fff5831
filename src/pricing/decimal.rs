//! Decimals as they are written in TOML and JSON.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A decimal that keeps what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written(pub(super) Decimal);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Number)
    }
}

struct Number;

impl Visitor<'_> for Number {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a price: a number that is not negative, such as 0.80")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Written, E> {
        read(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Written, E> {
        read(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Written, E> {
        // A float's text has the fewest digits that give it back: what the person wrote.
        read(&number.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Written, E> {
        read(text)
    }
}

fn read<E: Error>(text: &str) -> Result<Written, E> {
    let read = Decimal::from_str_exact(text).ok();
    let price = read.filter(|price| !price.is_sign_negative() || price.is_zero());
    price.map(Written).ok_or_else(|| {
        let expected = "a price that is not negative";
        E::custom(format!("expected {expected}, found `{text}`"))
    })
}
