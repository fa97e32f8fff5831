//! What a simulator that listens is made of.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::clock::{SharedClock, SystemClock};
use crate::socket::{ListenError, Reach, bind};

use super::bedrock::Simulator;
use super::desk::Desk;
use super::faults::Faults;
use super::running::Running;

/// Options of a simulator that is to listen on a socket.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Builder {
    seed: u64,
    faults: Faults,
    reach: Reach,
    clock: Option<SharedClock>,
}

impl Simulator {
    /// A simulator that is to listen on a socket.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Another seed gives other answers; the default is 0.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// What is to go wrong, unless a request asks otherwise by
    /// [`FAULT_HEADER`](super::FAULT_HEADER).
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Who may reach it; by default only programs of this machine.
    pub const fn reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Where the `date` header comes from; by default the machine's clock.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Listens; port 0 takes a free one.
    ///
    /// # Errors
    /// [`ListenError`] where the address is not loopback or not free.
    pub async fn start(self, address: SocketAddr) -> Result<Running, ListenError> {
        let bound = bind(address, self.reach).await?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let desk = Desk::new(Simulator::new(self.seed), self.faults, clock);
        Ok(Running::start(bound, Arc::new(desk)))
    }
}
