//! Prices out of litellm's `model_prices_and_context_window.json`: per token, and under keys
//! that may name a region or a profile.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::decimal::Written;
use super::price::Price;
use crate::registry::ModelId;

/// The providers that are Bedrock.
const PROVIDERS: [&str; 2] = ["bedrock", "bedrock_converse"];
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The prices, by model.
    pub prices: Vec<Price>,
    /// Models of Bedrock without a price per token: embeddings, images, other units.
    pub without_price: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    litellm_provider: Option<String>,
    input_cost_per_token: Option<Written>,
    output_cost_per_token: Option<Written>,
    cache_read_input_token_cost: Option<Written>,
    cache_creation_input_token_cost: Option<Written>,
    cache_creation_input_token_cost_above_1hr: Option<Written>,
    input_cost_per_token_batches: Option<Written>,
    output_cost_per_token_batches: Option<Written>,
}

/// Reads the table; its prices hold from a day on.
///
/// # Errors
/// [`LitellmError`]
pub fn read(json: &[u8], from: Date, source: &str) -> Result<Imported, LitellmError> {
    let entries: BTreeMap<String, Value> = serde_json::from_slice(json)?;
    let count = entries.len();
    let mut imported = Imported {
        prices: Vec::new(),
        without_price: Vec::new(),
    };
    for (key, value) in entries {
        let Some(entry) = of_bedrock(&value) else {
            continue;
        };
        // Commitments are priced per second: another offer under a key of its own.
        if key.contains("-commitment") {
            continue;
        }
        match price(&key, &entry, from, source) {
            Some(price) => imported.prices.push(price),
            None => imported.without_price.push(key),
        }
    }
    if imported.prices.is_empty() && imported.without_price.is_empty() {
        return Err(LitellmError::NoBedrock { entries: count });
    }
    imported.prices.sort_by_cached_key(place);
    // A key with the provider before it and one without may name the same place.
    imported.prices.dedup_by_key(|price| place(price));
    Ok(imported)
}

fn place(price: &Price) -> (String, Option<String>, Option<String>) {
    (
        price.model.clone(),
        price.profile.clone(),
        price.region.clone(),
    )
}

/// An entry of the right provider; one of another form has no price.
fn of_bedrock(value: &Value) -> Option<Entry> {
    let provider = value.get("litellm_provider")?.as_str()?;
    if !PROVIDERS.contains(&provider) {
        return None;
    }
    let unpriced = Entry {
        litellm_provider: None,
        input_cost_per_token: None,
        output_cost_per_token: None,
        cache_read_input_token_cost: None,
        cache_creation_input_token_cost: None,
        cache_creation_input_token_cost_above_1hr: None,
        input_cost_per_token_batches: None,
        output_cost_per_token_batches: None,
    };
    let entry = Entry::deserialize(value).unwrap_or(unpriced);
    Some(entry)
}

/// A free model has a price of 0; one without both prices is charged in other units.
fn price(key: &str, entry: &Entry, from: Date, source: &str) -> Option<Price> {
    let _ = &entry.litellm_provider;
    let per_million = |price: Option<Written>| price.map(|Written(price)| price * MILLION);
    let (input, output) = (
        per_million(entry.input_cost_per_token)?,
        per_million(entry.output_cost_per_token)?,
    );
    let (region, written) = region_and_model(key);
    let id = ModelId::parse(written);
    Some(Price {
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

/// `bedrock/us-east-1/meta.llama…`, `bedrock/…` or the id alone.
fn region_and_model(key: &str) -> (Option<&str>, &str) {
    let key = key.strip_prefix("bedrock/").unwrap_or(key);
    match key.split_once('/') {
        Some((region, model)) if !model.contains('/') => (Some(region), model),
        _ => (None, key),
    }
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
        "us.acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06 },
        "bedrock/eu-west-1/acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": 1.1e-06, "output_cost_per_token": 5.5e-06 },
        "bedrock/us-west-2/1-month-commitment/acme.small-v1:0": { "litellm_provider": "bedrock", "input_cost_per_second": 0.0175 },
        "acme.image-v1:0": { "litellm_provider": "bedrock", "output_cost_per_image": 0.018 }
    }"#;

    fn imported() -> Imported {
        read(TABLE.as_bytes(), date(2026, 1, 1), "litellm").unwrap()
    }

    #[test]
    fn prices_per_token_become_exact_prices_per_million() {
        let imported = imported();
        let plain = imported
            .prices
            .iter()
            .find(|row| row.profile.is_none() && row.region.is_none());
        let plain = plain.unwrap();
        let exact = |price: Option<Decimal>| price.unwrap().normalize().to_string();
        assert_eq!(exact(plain.input), "0.8");
        assert_eq!(exact(plain.cache_read), "0.08");
        assert_eq!(exact(plain.cache_write_1h), "1.6");
        assert_eq!(exact(plain.batch_output), "2");
        assert_eq!(imported.without_price, ["acme.image-v1:0"]);
    }

    #[test]
    fn keys_name_regions_and_profiles() {
        let places: Vec<_> = imported().prices.iter().map(place).collect();
        let text = |text: &str| Some(text.to_owned());
        let model = || "acme.small-v1:0".to_owned();
        assert_eq!(
            places,
            [
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
