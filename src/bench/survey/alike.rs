//! What calls of the same role and turn used, whatever was said in them: the best guess for a
//! call whose prompt has changed since.

use std::path::Path;

use super::estimate::Means;
use super::role::Role;
use crate::bench::plan::Plan;
use crate::cassette::{CassetteError, Reader, StoredExchange};
use crate::exchange::{Json, Outcome};
use crate::pricing::Usage;

/// Exchanges that are looked at; a mean is no better for more.
const LOOKED_AT: usize = 2_000;

/// Reads the usage of a plan's recorded calls.
pub(super) fn means(plan: &Plan, reader: &mut Reader) -> Result<Means, CassetteError> {
    let mut means = Means::default();
    let slots = reader.slots()?;
    let ours = slots
        .into_iter()
        .filter(|slot| model_of(plan, &slot.scope).is_some());
    for slot in ours.take(LOOKED_AT) {
        let Some(stored) = reader.exchange(&slot)? else {
            continue;
        };
        let Some(model) = model_of(plan, &slot.scope) else {
            continue;
        };
        if let (Some((role, turn)), Some(usage)) = (role_and_turn(&stored), usage(&stored)) {
            means.add(role, turn, model, usage);
        }
    }
    Ok(means)
}

/// What a judgment used, in the mean over those that a cassette has of a plan's dialogues;
/// `None` where it has none.
///
/// # Errors
/// What is wrong with the cassette.
pub fn recorded_judgment(plan: &Plan, cassette: &Path) -> Result<Option<Usage>, CassetteError> {
    if !cassette.exists() {
        return Ok(None);
    }
    let means = means(plan, &mut Reader::open(cassette)?)?;
    Ok(means.of_role(Role::Judge))
}

/// The tutor model of a scope `SCENARIO/model/sample…`.
fn model_of(plan: &Plan, scope: &str) -> Option<usize> {
    let name = scope.split('/').nth(1)?;
    plan.models.iter().position(|model| model.name == name)
}

/// A judge's scope names the turn; in a dialogue the number of messages tells who is asked and
/// when: a tutor hears 1, 3, 5 … of them, a student 2, 4, 6 ….
fn role_and_turn(stored: &StoredExchange) -> Option<(Role, u32)> {
    let mut parts = stored.slot.scope.split('/').skip(3);
    if parts.next() == Some("judge") {
        let turn = parts.next()?.strip_prefix("turn-")?.parse().ok()?;
        return Some((Role::Judge, turn));
    }
    let body = Json::read(&stored.exchange.request.body).ok()?;
    let Some(Json::Array(messages)) = body.at("/messages") else {
        return None;
    };
    let count = u32::try_from(messages.len()).ok()?;
    let role = if count % 2 == 1 {
        Role::Tutor
    } else {
        Role::Student
    };
    Some((role, count / 2 + 1))
}

fn usage(stored: &StoredExchange) -> Option<Usage> {
    match &stored.exchange.attempts.last()?.outcome {
        Outcome::Response(response) => Usage::of(response),
        Outcome::Fault(_) => None,
    }
}
