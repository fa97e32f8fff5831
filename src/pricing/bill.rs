//! Sums of what calls cost, with what could not be priced counted beside them.

use std::fmt;
use std::ops::AddAssign;

use jiff::civil::Date;
use serde::Serialize;

use super::book::PriceBook;
use super::money::Money;
use super::price::Tier;
use super::usage::Usage;

/// A call that is to be priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The id that was sent.
    pub model: &'a str,
    /// The region that it was sent to, where known.
    pub region: Option<&'a str>,
    /// The day on which it was made.
    pub on: Date,
    /// What it used, where it was told.
    pub usage: Option<Usage>,
}

/// A sum, and how many calls it leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// What the priced calls cost.
    pub amount: Money,
    /// How many calls were priced.
    pub priced: u64,
    /// Calls without a known price, or that did not tell their tokens.
    pub unpriced: u64,
}

impl Bill {
    /// Prices calls one by one.
    #[must_use]
    pub fn of<'a>(book: &PriceBook, calls: impl IntoIterator<Item = Call<'a>>) -> Self {
        let mut bill = Self::default();
        for call in calls {
            let usage = call.usage.as_ref();
            bill.add(1, usage.and_then(|usage| cost(book, &call, usage)));
        }
        bill
    }

    /// Adds some calls that cost so much together; `None` where that is not known.
    pub fn add(&mut self, calls: u64, amount: Option<Money>) {
        match amount {
            Some(amount) => {
                self.amount += amount;
                self.priced += calls;
            }
            None => self.unpriced += calls,
        }
    }

    /// The sum of what is known.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.unpriced == 0
    }
}

fn cost(book: &PriceBook, call: &Call<'_>, usage: &Usage) -> Option<Money> {
    let price = book.price(call.model, call.region, call.on)?;
    price.cost(usage, Tier::OnDemand)
}

/// What a replay saved: the price of the calls that it answered from a cassette, each on the
/// day of its recording.
#[must_use]
pub fn saved<'a>(book: &PriceBook, replayed: impl IntoIterator<Item = Call<'a>>) -> Bill {
    Bill::of(book, replayed)
}

impl AddAssign for Bill {
    fn add_assign(&mut self, other: Self) {
        self.amount += other.amount;
        self.priced += other.priced;
        self.unpriced += other.unpriced;
    }
}

impl fmt::Display for Bill {
    /// `n/a` where no call has a price, at least so much where some have none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.priced, self.unpriced) {
            (0, 0) => f.pad("-"),
            (0, _) => f.pad("n/a"),
            (_, 0) => f.pad(&self.amount.to_string()),
            _ => f.pad(&format!("≥ {}", self.amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn call(model: &str, usage: Option<(u64, u64)>) -> Call<'_> {
        Call {
            model,
            region: None,
            on: date(2026, 1, 1),
            usage: usage.map(|(input, output)| Usage {
                input,
                output,
                ..Usage::default()
            }),
        }
    }

    const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

    #[test]
    fn what_is_not_known_is_counted_and_never_guessed() {
        let book = PriceBook::shipped().unwrap();
        let whole = saved(&book, [call(HAIKU, Some((1000, 100)))]);
        assert_eq!(whole.to_string(), "$0.0012");
        let partly = saved(
            &book,
            [
                call(HAIKU, Some((1_000_000, 0))),
                call("acme.x", Some((9, 9))),
            ],
        );
        assert_eq!(partly.to_string(), "≥ $0.80");
        assert!(!partly.is_whole());
        assert_eq!(saved(&book, [call(HAIKU, None)]).to_string(), "n/a");
        assert_eq!(saved(&book, []).to_string(), "-");
    }

    #[test]
    fn a_kind_of_token_without_a_price_leaves_the_call_unpriced() {
        let book = PriceBook::shipped().unwrap();
        let mut cached = call(HAIKU, Some((1000, 100)));
        if let Some(usage) = &mut cached.usage {
            usage.cache_read = 1;
        }
        assert_eq!(saved(&book, [cached]).to_string(), "n/a");
    }
}
