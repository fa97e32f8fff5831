//! What calls cost: dated prices with their sources, in exact decimals.
//!
//! A [`PriceBook`] is read from `prices.toml`; the one that ships with the program is built in,
//! and [`litellm`] reads the table that users already have. A [`Call`] is priced on the day of
//! its recording; a price that nobody has written down is n/a, never a default. [`saved`] sums
//! up what a replay did not spend.

mod bill;
mod book;
mod decimal;
pub mod litellm;
mod money;
mod price;
mod skipped;
mod table;
mod usage;

pub use bill::{Bill, Call, saved};
pub use book::PriceBook;
pub use money::Money;
pub use price::{Price, Tier};
pub use skipped::{Skipped, Untaken, Why};
pub use table::write_prices;
pub use usage::Usage;
