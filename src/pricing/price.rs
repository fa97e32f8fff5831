//! One row of a price table.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::money::Money;
use super::usage::Usage;

/// What a model's tokens cost from a day on, in US dollars per million.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The model's own id.
    pub model: String,
    /// The inference profile's prefix that it holds for; without one, calls by no profile.
    pub profile: Option<String>,
    /// The region that it holds for; without one, all.
    pub region: Option<String>,
    /// The first day.
    pub from: Date,
    /// Tokens read.
    pub input: Option<Decimal>,
    /// Tokens written.
    pub output: Option<Decimal>,
    /// Tokens read from a prompt cache.
    pub cache_read: Option<Decimal>,
    /// Tokens written to a prompt cache for five minutes.
    pub cache_write: Option<Decimal>,
    /// Tokens written to a prompt cache for an hour.
    pub cache_write_1h: Option<Decimal>,
    /// Tokens read in a batch.
    pub batch_input: Option<Decimal>,
    /// Tokens written in a batch.
    pub batch_output: Option<Decimal>,
    /// Who says so.
    pub source: String,
}

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tier {
    /// At once.
    #[default]
    OnDemand,
    /// In a batch.
    Batch,
}

impl Price {
    /// What some tokens cost; `None` where the row has no price for a kind that was used.
    #[must_use]
    pub fn cost(&self, usage: &Usage, tier: Tier) -> Option<Money> {
        self.parts(usage, tier)
            .map(|(tokens, price, _)| Some(Money::of_tokens(tokens, price?)))
            .sum()
    }

    /// The kinds of token that were used and have no price, as words for people.
    #[must_use]
    pub fn lacks(&self, usage: &Usage, tier: Tier) -> Vec<&'static str> {
        let parts = self.parts(usage, tier);
        let mut kinds: Vec<&str> = parts
            .filter(|(_, price, _)| price.is_none())
            .map(|(_, _, kind)| kind)
            .collect();
        kinds.dedup();
        kinds
    }

    /// What was used, with its price and the price's name.
    fn parts(
        &self,
        usage: &Usage,
        tier: Tier,
    ) -> impl Iterator<Item = (u64, Option<Decimal>, &'static str)> {
        let (input, output) = match tier {
            Tier::OnDemand => ((self.input, "input"), (self.output, "output")),
            Tier::Batch => ((self.batch_input, "batch"), (self.batch_output, "batch")),
        };
        let parts = [
            (usage.input, input),
            (usage.output, output),
            (usage.cache_read, (self.cache_read, "cache read")),
            (usage.cache_write, (self.cache_write, "cache write")),
            (
                usage.cache_write_1h,
                (self.cache_write_1h, "one-hour cache write"),
            ),
        ];
        let used = parts.into_iter().filter(|(tokens, _)| *tokens > 0);
        used.map(|(tokens, (price, kind))| (tokens, price, kind))
    }

    /// How narrowly the row is meant: of two that hold, the narrower one wins.
    pub(super) const fn narrowness(&self) -> u8 {
        self.region.is_some() as u8
    }
}
