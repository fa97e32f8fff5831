//! The way in to an upstream.

use std::sync::Arc;

use super::choices::{Choices, Signing};
use super::wire::Timeouts;
use super::{Upstream, UpstreamError};
use crate::clock::{SharedClock, SystemClock};
use crate::environment::Environment;

/// The way in.
impl Upstream {
    /// Choices.
    pub fn builder() -> UpstreamBuilder {
        UpstreamBuilder::default()
    }
}

/// Choices for an upstream; [`UpstreamBuilder::load`] makes it.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is made until `load` is called"]
pub struct UpstreamBuilder {
    chosen: Choices,
    environment: Option<Environment>,
    clock: Option<SharedClock>,
}

impl UpstreamBuilder {
    /// The endpoint, instead of the region's own or the one that the environment names.
    pub fn endpoint_url(mut self, url: Option<String>) -> Self {
        self.chosen.endpoint_url = url;
        self
    }

    /// The region, whatever a client's own credential scope or the configuration says.
    pub fn region(mut self, region: Option<String>) -> Self {
        self.chosen.region = region;
        self
    }

    /// Which requests are signed, whatever `BEDROCK_REPLAY_SIGN` says.
    pub const fn signing(mut self, signing: Signing) -> Self {
        self.chosen.signing = Some(signing);
        self
    }

    /// How long is waited.
    pub const fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.chosen.timeouts = timeouts;
        self
    }

    /// The environment, instead of the process's.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The clock, instead of the machine's.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Reads environment and profile. No connection is opened, and no credentials are asked
    /// for before a request has to be signed.
    ///
    /// # Errors
    /// An endpoint, a proxy or a choice that cannot be meant.
    pub async fn load(mut self) -> Result<Upstream, UpstreamError> {
        let environment = self.environment.take();
        let environment = environment.unwrap_or_else(Environment::of_process);
        let clock = self.clock.take();
        let clock = clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        if self.chosen.signing.is_none() {
            self.chosen.signing = Some(Signing::of(&environment)?);
        }
        Upstream::new(self.chosen, environment, clock).await
    }
}
