//! Prices out of litellm's `model_prices_and_context_window.json`: per token, and under keys
//! that may name a region or a profile.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::decimal::Written;
use super::price::Price;
use super::skipped::{Skipped, Untaken, Why};
use crate::registry::ModelId;

/// The providers that are Bedrock's runtime.
const PROVIDERS: [&str; 2] = ["bedrock", "bedrock_converse"];
/// What keys begin with before a region or a model: the provider, and the API of a call.
const PREFIXES: [&str; 4] = ["bedrock/", "bedrock_converse/", "converse/", "invoke/"];
const MILLION: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// A text that is not litellm's table.
#[derive(Debug, thiserror::Error)]
pub enum LitellmError {
    /// It is no JSON object.
    #[error("expected litellm's model_prices_and_context_window.json, found no JSON object ({0})")]
    NotATable(#[from] serde_json::Error),
    /// It names no model of Bedrock.
    #[error("expected models with the provider `bedrock`, found none among {entries} entries")]
    NoBedrock {
        /// How many entries it has.
        entries: usize,
    },
}

/// What an import gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The prices, by model.
    pub prices: Vec<Price>,
    /// The other rows, in the order of their keys.
    pub skipped: Vec<Skipped>,
    /// Rows that were taken without some of their prices: how many there are of each kind.
    pub untaken: BTreeMap<Untaken, u64>,
}

#[derive(Deserialize)]
struct Entry {
    input_cost_per_token: Option<Written>,
    output_cost_per_token: Option<Written>,
    cache_read_input_token_cost: Option<Written>,
    cache_creation_input_token_cost: Option<Written>,
    cache_creation_input_token_cost_above_1hr: Option<Written>,
    input_cost_per_token_batches: Option<Written>,
    output_cost_per_token_batches: Option<Written>,
}

/// The members of an [`Entry`].
const TAKEN: [&str; 7] = [
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "cache_creation_input_token_cost_above_1hr",
    "input_cost_per_token_batches",
    "output_cost_per_token_batches",
];

/// Reads the table; its prices hold from a day on.
///
/// # Errors
/// [`LitellmError`]
pub fn read(json: &[u8], from: Date, source: &str) -> Result<Imported, LitellmError> {
    let entries: BTreeMap<String, Value> = serde_json::from_slice(json)?;
    if !entries
        .values()
        .any(|value| PROVIDERS.contains(&provider(value)))
    {
        let entries = entries.len();
        return Err(LitellmError::NoBedrock { entries });
    }
    let mut imported = Imported::default();
    let mut places = BTreeSet::new();
    // Where two keys name the same place, the id alone is the one with all of its prices.
    let (ids, others): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(key, _)| !key.contains('/'));
    for (key, value) in ids.into_iter().chain(others) {
        let taken = price(&key, &value, from, source).and_then(|price| {
            let is_new = places.insert(place(&price));
            is_new.then_some(price).ok_or(Why::Again)
        });
        match taken {
            Ok(price) => {
                imported.leave(&value);
                imported.prices.push(price);
            }
            Err(why) => imported.skipped.push(Skipped { key, why }),
        }
    }
    imported.prices.sort_by_cached_key(place);
    imported.skipped.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(imported)
}

impl Imported {
    /// Counts the kinds of prices of a row that have no place.
    fn leave(&mut self, value: &Value) {
        let names = value.as_object().into_iter().flat_map(|row| row.keys());
        let others = names.filter(|name| !TAKEN.contains(&&***name));
        let kinds: BTreeSet<Untaken> = others.filter_map(|name| Untaken::of(name)).collect();
        for kind in kinds {
            *self.untaken.entry(kind).or_default() += 1;
        }
    }
}

fn place(price: &Price) -> (String, Option<String>, Option<String>) {
    (
        price.model.clone(),
        price.profile.clone(),
        price.region.clone(),
    )
}

fn provider(value: &Value) -> &str {
    let named = value.get("litellm_provider").and_then(Value::as_str);
    named.unwrap_or_default()
}

/// A free model has a price of 0; one without both prices is charged in other units.
fn price(key: &str, value: &Value, from: Date, source: &str) -> Result<Price, Why> {
    match provider(value) {
        own if PROVIDERS.contains(&own) => {}
        near if near.starts_with("bedrock") => return Err(Why::OtherService),
        _ => return Err(Why::OtherProvider),
    }
    // Commitments are priced per second: another offer under a key of its own.
    if key.contains("-commitment") {
        return Err(Why::Commitment);
    }
    let entry = Entry::deserialize(value).map_err(|error| Why::Malformed(error.to_string()))?;
    let per_million = |price: Option<Written>| price.map(|Written(price)| price * MILLION);
    let (Some(input), Some(output)) = (
        per_million(entry.input_cost_per_token),
        per_million(entry.output_cost_per_token),
    ) else {
        let mut names = value.as_object().into_iter().flat_map(|row| row.keys());
        let is_priced = names.any(|name| name.contains("cost"));
        return Err(if is_priced {
            Why::OtherUnit
        } else {
            Why::NoPrice
        });
    };
    let (region, written) = region_and_model(key).ok_or(Why::OtherKey)?;
    let id = ModelId::parse(written);
    Ok(Price {
        model: id.base().to_owned(),
        profile: id.profile().map(str::to_owned),
        region: region.map(str::to_owned),
        from,
        input: Some(input),
        output: Some(output),
        cache_read: per_million(entry.cache_read_input_token_cost),
        cache_write: per_million(entry.cache_creation_input_token_cost),
        cache_write_1h: per_million(entry.cache_creation_input_token_cost_above_1hr),
        batch_input: per_million(entry.input_cost_per_token_batches),
        batch_output: per_million(entry.output_cost_per_token_batches),
        source: source.to_owned(),
    })
}

/// `bedrock/us-east-1/meta.llama…`, `bedrock/…`, `bedrock/invoke/…` or the id alone.
fn region_and_model(key: &str) -> Option<(Option<&str>, &str)> {
    let mut rest = key;
    for prefix in PREFIXES {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    match rest.split_once('/') {
        None => Some((None, rest)),
        Some((region, model)) if is_region(region) && !model.contains('/') => {
            Some((Some(region), model))
        }
        Some(_) => None,
    }
}

/// `us-east-1`, `us-gov-west-1`
fn is_region(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.rsplit_once('-')
        .is_some_and(|(words, number)| words.contains('-') && is_number(number))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::table::{Table, write_prices};
    use super::*;

    const TABLE: &str = r#"{
        "sample_spec": { "litellm_provider": "one of https://docs.litellm.ai/docs/providers", "input_cost_per_token": 0.0 },
        "gpt-4o": { "litellm_provider": "openai", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05 },
        "acme.small-v1:0": { "litellm_provider": "bedrock_converse", "input_cost_per_token": 8e-07, "output_cost_per_token": 4e-06,
            "cache_creation_input_token_cost": 1e-06, "cache_read_input_token_cost": 8e-08,
            "cache_creation_input_token_cost_above_1hr": 1.6e-06,
            "input_cost_per_token_batches": 4e-07, "output_cost_per_token_batches": 2e-06 },
        "bedrock/us.acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 2e-06, "output_cost_per_token": 5e-06 },
        "us.acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06 },
        "bedrock/eu-west-1/acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 1.1e-06, "output_cost_per_token": 5.5e-06 },
        "bedrock/us-west-2/1-month-commitment/acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_second": 0.0175 },
        "acme.image-v1:0": { "litellm_provider": "bedrock", "output_cost_per_image": 0.018 },
        "acme.secret-v1:0": { "litellm_provider": "bedrock", "max_tokens": 4096 },
        "acme.odd-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": "cheap", "output_cost_per_token": 1e-06 },
        "bedrock/acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 9e-07, "output_cost_per_token": 4e-06 },
        "bedrock/platform/acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 9e-07, "output_cost_per_token": 4e-06 },
        "bedrock/invoke/acme.large-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 3e-06, "output_cost_per_token": 9e-06,
            "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 1.8e-05,
            "search_context_cost_per_query": { "low": 0.01 } },
        "bedrock_mantle/acme.small-v1:0": { "litellm_provider": "bedrock_mantle", "input_cost_per_token": 9e-07, "output_cost_per_token": 4e-06 }
    }"#;

    fn imported() -> Imported {
        read(TABLE.as_bytes(), date(2026, 1, 1), "litellm").unwrap()
    }

    #[test]
    fn prices_per_token_become_exact_prices_per_million() {
        let imported = imported();
        let plain = imported.prices.iter().find(|row| {
            row.model == "acme.small-v1:0" && row.profile.is_none() && row.region.is_none()
        });
        let plain = plain.unwrap();
        let exact = |price: Option<Decimal>| price.unwrap().normalize().to_string();
        assert_eq!(exact(plain.input), "0.8");
        assert_eq!(exact(plain.cache_read), "0.08");
        assert_eq!(exact(plain.cache_write_1h), "1.6");
        assert_eq!(exact(plain.batch_output), "2");
    }

    #[test]
    fn every_row_is_a_price_or_is_skipped_for_a_reason() {
        let imported = imported();
        let told: Vec<_> = imported
            .skipped
            .iter()
            .map(|own| (&*own.key, own.why.clone()))
            .collect();
        for (key, why) in [
            ("gpt-4o", Why::OtherProvider),
            ("sample_spec", Why::OtherProvider),
            ("bedrock_mantle/acme.small-v1:0", Why::OtherService),
            ("bedrock/platform/acme.small-v1:0", Why::OtherKey),
            (
                "bedrock/us-west-2/1-month-commitment/acme.small-v1:0",
                Why::Commitment,
            ),
            ("acme.image-v1:0", Why::OtherUnit),
            ("acme.secret-v1:0", Why::NoPrice),
            ("bedrock/acme.small-v1:0", Why::Again),
            ("bedrock/us.acme.small-v1:0", Why::Again),
        ] {
            assert!(told.contains(&(key, why)), "{key}: {told:?}");
        }
        assert!(
            told.iter().any(|(key, why)| *key == "acme.odd-v1:0"
                && matches!(why, Why::Malformed(problem) if problem.contains("cheap"))),
            "{told:?}"
        );
        let rows: BTreeMap<String, Value> = serde_json::from_str(TABLE).unwrap();
        assert_eq!(imported.prices.len() + imported.skipped.len(), rows.len());
        let untaken = [(Untaken::LongPrompts, 1), (Untaken::OtherUnits, 1)];
        assert_eq!(imported.untaken, BTreeMap::from(untaken));
    }

    #[test]
    fn keys_name_regions_and_profiles() {
        let places: Vec<_> = imported().prices.iter().map(place).collect();
        let text = |text: &str| Some(text.to_owned());
        let model = || "acme.small-v1:0".to_owned();
        assert_eq!(
            places,
            [
                ("acme.large-v1:0".to_owned(), None, None),
                (model(), None, None),
                (model(), None, text("eu-west-1")),
                (model(), text("us"), None),
            ]
        );
    }

    #[test]
    fn what_is_imported_is_written_and_read_back_unchanged() {
        let prices = imported().prices;
        let text = write_prices(&prices);
        let path = std::path::Path::new("prices.toml");
        let read = Table::read(path, &text).unwrap().rows();
        let normal = |rows: Vec<Price>| write_prices(&rows);
        assert_eq!(normal(read), text);
    }

    #[test]
    fn another_table_is_refused() {
        let refused = |text: &str| {
            read(text.as_bytes(), date(2026, 1, 1), "x")
                .unwrap_err()
                .to_string()
        };
        assert!(refused("[]").contains("found no JSON object"));
        assert!(
            refused(r#"{"gpt-4o":{"litellm_provider":"openai"}}"#)
                .contains("found none among 1 entries")
        );
    }
}
