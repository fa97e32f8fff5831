//! The file `prices.toml`.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::decimal::Written;
use super::price::Price;
use crate::settings::{SettingsError, date, read_settings, settings_of};

const WHAT: &str = "price table";
const HINT: &str = "write one, or make one of litellm's: bedrock-replay prices import";
/// The prices that ship with the program.
const SHIPPED: &str = include_str!("../../scenarios/prices.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    prices: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    model: String,
    profile: Option<String>,
    region: Option<String>,
    #[serde(deserialize_with = "date")]
    from: Date,
    input: Option<Written>,
    output: Option<Written>,
    cache_read: Option<Written>,
    cache_write: Option<Written>,
    cache_write_1h: Option<Written>,
    batch_input: Option<Written>,
    batch_output: Option<Written>,
    source: String,
}

impl Table {
    pub(super) fn shipped() -> Result<Self, SettingsError> {
        Self::read(Path::new("(built-in) scenarios/prices.toml"), SHIPPED)
    }

    pub(super) fn load(path: &Path) -> Result<Self, SettingsError> {
        read_settings(WHAT, HINT, path)
    }

    pub(super) fn read(path: &Path, text: &str) -> Result<Self, SettingsError> {
        settings_of(WHAT, path, text)
    }

    pub(super) fn rows(self) -> Vec<Price> {
        self.prices.into_iter().map(Price::from).collect()
    }
}

impl From<Row> for Price {
    fn from(row: Row) -> Self {
        let exact = |price: Option<Written>| price.map(|Written(price)| price);
        Self {
            model: row.model,
            profile: row.profile,
            region: row.region,
            from: row.from,
            input: exact(row.input),
            output: exact(row.output),
            cache_read: exact(row.cache_read),
            cache_write: exact(row.cache_write),
            cache_write_1h: exact(row.cache_write_1h),
            batch_input: exact(row.batch_input),
            batch_output: exact(row.batch_output),
            source: row.source,
        }
    }
}

/// The rows as a `prices.toml`.
#[must_use]
pub fn write_prices(rows: &[Price]) -> String {
    let mut text = "# US dollars per million tokens, each from a day on.\n".to_owned();
    for row in rows {
        text.push_str("\n[[prices]]\n");
        let mut quoted = |key: &str, value: &str| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = writeln!(text, "{key} = \"{value}\"");
        };
        quoted("model", &row.model);
        for (key, value) in [("profile", &row.profile), ("region", &row.region)] {
            if let Some(value) = value {
                quoted(key, value);
            }
        }
        quoted("source", &row.source);
        let _ = writeln!(text, "from = {}", row.from);
        for (key, price) in row.named() {
            if let Some(price) = price {
                let _ = writeln!(text, "{key} = {}", number(price));
            }
        }
    }
    text
}

impl Price {
    /// One of its prices, by the file's key, as the file writes it.
    #[must_use]
    pub fn written(&self, key: &str) -> Option<String> {
        let found = self.named().into_iter().find(|(name, _)| *name == key);
        found.and_then(|(_, price)| price.map(number))
    }

    /// Its prices by the file's keys.
    fn named(&self) -> [(&'static str, Option<Decimal>); 7] {
        [
            ("input", self.input),
            ("output", self.output),
            ("cache_read", self.cache_read),
            ("cache_write", self.cache_write),
            ("cache_write_1h", self.cache_write_1h),
            ("batch_input", self.batch_input),
            ("batch_output", self.batch_output),
        ]
    }
}

/// TOML's floats have a point; at least cents are written.
fn number(price: Decimal) -> String {
    let price = price.normalize();
    format!("{price:.*}", price.scale().max(2) as usize)
}
