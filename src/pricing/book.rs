//! Finds the price of a model on a day.

use std::path::Path;

use jiff::civil::Date;

use super::price::Price;
use super::table::Table;
use crate::registry::ModelId;
use crate::settings::SettingsError;

/// The file's name beside a plan.
const FILE: &str = "prices.toml";

/// All known prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceBook {
    rows: Vec<Price>,
    /// The rows from here on were written by whoever uses the program.
    own_from: usize,
}

impl PriceBook {
    /// The prices that ship with the program.
    ///
    /// # Errors
    /// None, unless the program was built from a broken file.
    pub fn shipped() -> Result<Self, SettingsError> {
        Ok(Self::of(Table::shipped()?.rows()))
    }

    /// The prices of a file, over the shipped ones.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        Ok(Self::shipped()?.over(Table::load(path)?.rows()))
    }

    /// The shipped prices, with the `prices.toml` of a plan's folder over them if there is one.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line.
    pub fn beside(plan: &Path) -> Result<Self, SettingsError> {
        let path = plan.with_file_name(FILE);
        if path.exists() {
            return Self::load(&path);
        }
        Self::shipped()
    }

    /// These prices and no others.
    #[must_use]
    pub fn of(rows: Vec<Price>) -> Self {
        Self { rows, own_from: 0 }
    }

    /// These prices first: where and when one of them holds, none of the book's does.
    #[must_use]
    pub fn over(mut self, rows: Vec<Price>) -> Self {
        self.rows
            .retain(|old| !rows.iter().any(|new| is_same_place(old, new)));
        self.own_from = self.rows.len();
        self.rows.extend(rows);
        self
    }

    /// Every row.
    #[must_use]
    pub fn rows(&self) -> &[Price] {
        &self.rows
    }

    /// The price of a model, called in a region on a day. A region that is not known is the
    /// default one. A profile has prices of its own: another place's are not taken for them.
    /// A file's rows win over the shipped ones, then the narrower one wins, then the later one.
    #[must_use]
    pub fn price(&self, model: &str, region: Option<&str>, on: Date) -> Option<&Price> {
        let id = ModelId::parse(model);
        let region = id.region().or(region).unwrap_or(DEFAULT_REGION);
        let holds = |row: &Price| {
            row.model == id.base()
                && row.profile.as_deref() == id.profile()
                && row.region.as_deref().is_none_or(|own| own == region)
                && row.from <= on
        };
        let rows = self.rows.iter().enumerate();
        let found = rows.filter(|(_, row)| holds(row));
        let found =
            found.max_by_key(|(at, row)| (*at >= self.own_from, row.narrowness(), row.from));
        found.map(|(_, row)| row)
    }
}

/// The document's default region.
const DEFAULT_REGION: &str = "us-east-1";

fn is_same_place(old: &Price, new: &Price) -> bool {
    old.model == new.model
        && old.profile == new.profile
        && old.region == new.region
        && old.from == new.from
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const LLAMA: &str = "meta.llama3-1-70b-instruct-v1:0";

    fn book(rows: &str) -> PriceBook {
        PriceBook::of(Table::read(Path::new("prices.toml"), rows).unwrap().rows())
    }

    fn dated() -> PriceBook {
        book(&format!(
            r#"
            prices = [
                {{ model = "{LLAMA}", from = 2025-01-01, input = 0.99, output = 0.99, source = "old" }},
                {{ model = "{LLAMA}", from = 2025-06-01, input = 0.72, output = 0.72, source = "new" }},
                {{ model = "{LLAMA}", region = "eu-west-1", from = 2025-02-01, input = 1.1, output = 1.1, source = "eu" }},
                {{ model = "{LLAMA}", profile = "us", from = 2025-02-01, input = 0.7, output = 0.7, source = "profile" }},
            ]"#
        ))
    }

    fn source(book: &PriceBook, model: &str, region: Option<&str>, on: Date) -> Option<String> {
        book.price(model, region, on).map(|row| row.source.clone())
    }

    #[test]
    fn a_day_has_the_price_that_began_last() {
        let book = dated();
        let of = |on| source(&book, LLAMA, None, on);
        assert_eq!(
            of(date(2024, 12, 31)),
            None,
            "no price is older than its first day"
        );
        assert_eq!(of(date(2025, 1, 1)).as_deref(), Some("old"));
        assert_eq!(of(date(2025, 5, 31)).as_deref(), Some("old"));
        assert_eq!(of(date(2025, 6, 1)).as_deref(), Some("new"));
    }

    #[test]
    fn regions_and_profiles_have_prices_of_their_own() {
        let (book, on) = (dated(), date(2026, 1, 1));
        assert_eq!(
            source(&book, LLAMA, Some("eu-west-1"), on).as_deref(),
            Some("eu")
        );
        assert_eq!(
            source(&book, LLAMA, Some("us-west-2"), on).as_deref(),
            Some("new")
        );
        let profile = format!("us.{LLAMA}");
        assert_eq!(
            source(&book, &profile, None, on).as_deref(),
            Some("profile")
        );
        assert_eq!(source(&book, &format!("eu.{LLAMA}"), None, on), None);
        let arn = format!("arn:aws:bedrock:eu-west-1::foundation-model/{LLAMA}");
        assert_eq!(source(&book, &arn, None, on).as_deref(), Some("eu"));
    }

    #[test]
    fn a_files_rows_win_over_the_shipped_ones_wherever_they_hold() {
        let own = r#"prices = [
            { model = "meta.llama3-1-70b-instruct-v1:0", from = 2026-01-01, input = 0.1, output = 0.1, source = "mine" },
            { model = "anthropic.claude-3-opus-20240229-v1:0", region = "eu-west-1", from = 2026-01-01, input = 9, output = 9, source = "mine" },
        ]"#;
        let own = Table::read(Path::new("prices.toml"), own).unwrap().rows();
        let book = PriceBook::shipped().unwrap().over(own);
        let opus = "anthropic.claude-3-opus-20240229-v1:0";
        for (model, region, on, expected) in [
            (LLAMA, Some("us-east-1"), date(2026, 2, 1), Some("mine")),
            (LLAMA, Some("eu-west-1"), date(2026, 2, 1), Some("mine")),
            (LLAMA, None, date(2026, 2, 1), Some("mine")),
            // Before its first day it says nothing.
            (LLAMA, None, date(2025, 12, 1), Some("seed 2025-11")),
            (opus, Some("eu-west-1"), date(2026, 2, 1), Some("mine")),
            (
                opus,
                Some("us-east-1"),
                date(2026, 2, 1),
                Some("seed 2025-11"),
            ),
        ] {
            let found = source(&book, model, region, on);
            assert_eq!(found.as_deref(), expected, "{model} {region:?} {on}");
        }
    }

    #[test]
    fn the_seeds_six_rows_are_built_in() {
        let book = PriceBook::shipped().unwrap();
        let on = date(2025, 11, 5);
        let rows: Vec<(String, String)> = book
            .rows()
            .iter()
            .filter(|row| row.source == "seed 2025-11")
            .map(|row| {
                let show = |price: Option<rust_decimal::Decimal>| format!("{:.2}", price.unwrap());
                (
                    row.model.clone(),
                    format!("{} {}", show(row.input), show(row.output)),
                )
            })
            .collect();
        let expected = [
            ("anthropic.claude-3-5-sonnet-20241022-v2:0", "3.00 15.00"),
            ("anthropic.claude-3-opus-20240229-v1:0", "15.00 75.00"),
            ("anthropic.claude-3-5-haiku-20241022-v1:0", "0.80 4.00"),
            (LLAMA, "0.99 0.99"),
            ("mistral.mistral-large-2407-v1:0", "2.00 6.00"),
            ("amazon.titan-text-premier-v1:0", "0.50 1.50"),
        ];
        let expected = expected.map(|(model, price)| (model.to_owned(), price.to_owned()));
        assert_eq!(rows, expected);
        assert!(
            book.price("meta.llama3-1-8b-instruct-v1:0", None, on)
                .is_none(),
            "the seed has none"
        );
        assert!(
            book.price(LLAMA, Some("eu-west-1"), on).is_none(),
            "nor for another region"
        );
    }
}
