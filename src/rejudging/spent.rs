//! What a judge's recorded calls would cost on a day.

use jiff::civil::Date;

use crate::bench::{Plan, TokenSum};
use crate::judge::Tokens;
use crate::pricing::{Money, PriceBook, Tier, Usage};
use crate::settings::SettingsError;

/// By the prices beside the plan; nothing where a call did not tell its tokens or
/// the judge's model has no price.
///
/// # Errors
/// What is wrong with the prices.
pub fn spent(
    plan: &Plan,
    model: &str,
    tokens: &TokenSum,
    today: Date,
) -> Result<Option<Money>, SettingsError> {
    if tokens.untold > 0 {
        return Ok(None);
    }
    let book = PriceBook::beside(&plan.path)?;
    let id = plan.registry.priced_as(model);
    let price = book.price(&id, None, today);
    Ok(price.and_then(|price| price.cost(&usage(tokens.sum), Tier::OnDemand)))
}

const fn usage(tokens: Tokens) -> Usage {
    Usage {
        input: tokens.input,
        output: tokens.output,
        cache_read: tokens.cache_read,
        cache_write: tokens.cache_write,
        cache_write_1h: tokens.cache_write_1h,
    }
}
