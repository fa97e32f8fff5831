//! What a replaying endpoint saved: the price of the exchanges that were asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bedrock_replay::Mode;
use bedrock_replay::cassette::{CassetteError, Reader, Slot, StoredExchange};
use bedrock_replay::exchange::{Operation, Outcome, Response};
use bedrock_replay::playback::Playback;
use bedrock_replay::pricing::{Bill, Call, PriceBook, Usage, saved};
use bedrock_replay::registry::Registry;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The operations that use a model's tokens.
const CHARGED: [Operation; 4] = [
    Operation::Converse,
    Operation::ConverseStream,
    Operation::InvokeModel,
    Operation::InvokeModelWithResponseStream,
];

/// Sums up what a playback's hits cost when they were recorded. Only a replay tells which
/// exchanges were asked for.
///
/// # Errors
/// A damaged file.
pub fn savings(
    playback: &Playback,
    prices: &PriceBook,
    registry: &Registry,
) -> Result<Option<Bill>, CassetteError> {
    if playback.mode() != Mode::Replay {
        return Ok(None);
    }
    let unused: BTreeSet<Slot> = playback.report()?.unused.into_iter().collect();
    playback.close();
    let bill = of_used(playback.path(), &unused, prices, registry)?;
    Ok((bill.priced + bill.unpriced > 0).then_some(bill))
}

fn of_used(
    path: &Path,
    unused: &BTreeSet<Slot>,
    prices: &PriceBook,
    registry: &Registry,
) -> Result<Bill, CassetteError> {
    let mut reader = Reader::open(path)?;
    let recordings = reader.recordings()?.into_iter();
    let days: BTreeMap<u32, Date> = recordings
        .map(|own| (own.id, own.started_at.to_zoned(TimeZone::UTC).date()))
        .collect();
    let mut bill = Bill::default();
    for slot in reader.slots()?.iter().filter(|slot| !unused.contains(slot)) {
        let Some(stored) = reader.exchange(slot)? else {
            continue;
        };
        let (Some(on), Some(answer)) = (days.get(&stored.recording), answer(&stored)) else {
            continue;
        };
        let model = registry.priced_as(model(&stored));
        let call = Call {
            model: &model,
            region: stored.exchange.request.origin.region.as_deref(),
            on: *on,
            usage: Usage::of(answer),
        };
        bill += saved(prices, [call]);
    }
    Ok(bill)
}

/// What was answered; `None` of an exchange that cost nothing: a failure, or an operation that
/// asks no model.
fn answer(stored: &StoredExchange) -> Option<&Response> {
    if !CHARGED.contains(&stored.exchange.request.target.operation()) {
        return None;
    }
    let last = stored.exchange.attempts.last()?;
    match &last.outcome {
        Outcome::Response(response) if last.is_answer() => Some(response),
        Outcome::Response(_) | Outcome::Fault(_) => None,
    }
}

/// Whom the call was addressed to.
fn model(stored: &StoredExchange) -> &str {
    let mut labels = stored.exchange.request.target.labels();
    labels.next().map_or("", |(_, value)| value)
}
