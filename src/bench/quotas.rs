//! The account's quotas, as the registry knows them, and a turnstile for each model that is
//! asked.

use std::sync::Arc;

use crate::clock::SharedClock;
use crate::quota::{Limit, Turnstile, Turnstiles};
use crate::registry::{ModelId, Registry};

/// Where the calls of a run wait.
#[derive(Debug)]
pub(crate) struct Quotas {
    registry: Registry,
    turnstiles: Turnstiles,
}

impl Quotas {
    pub(crate) fn new(registry: Registry, clock: SharedClock) -> Self {
        Self {
            registry,
            turnstiles: Turnstiles::new(clock),
        }
    }

    pub(crate) fn turnstile(&self, region: &str, model: &str) -> Arc<Turnstile> {
        let limit = || limit(&self.registry, model);
        self.turnstiles.of(region, model, limit)
    }
}

/// What an account may ask of a model, where that is known.
fn limit(registry: &Registry, model: &str) -> Option<Limit> {
    let found = registry.recognise(&ModelId::parse(model));
    let quota = found.entry()?.quota.as_ref()?;
    Some(Limit {
        requests_per_minute: quota.requests_per_minute,
        tokens_per_minute: quota.tokens_per_minute,
    })
}
