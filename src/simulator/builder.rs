//! What a simulator that listens is made of.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::clock::{SharedClock, SystemClock};

use super::bedrock::Simulator;
use super::desk::Desk;
use super::faults::Faults;
use super::running::Running;

/// Who may reach the simulator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Programs of this machine.
    #[default]
    Loopback,
    /// Whoever reaches the address.
    Anyone,
}

/// Options of a simulator that is to listen on a socket.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Builder {
    seed: u64,
    faults: Faults,
    reach: Reach,
    clock: Option<SharedClock>,
}

/// Why a simulator does not listen.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not this machine's own.
    #[error(
        "expected a loopback address such as `127.0.0.1:0`, found `{0}` (`--allow-remote`, in code `Reach::Anyone`, allows any)"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}` (port 0 takes a free one)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
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
    /// [`StartError`] where the address is not loopback or not free.
    pub async fn start(self, address: SocketAddr) -> Result<Running, StartError> {
        if self.reach == Reach::Loopback && !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let desk = Desk::new(Simulator::new(self.seed), self.faults, clock);
        Ok(Running::start(listener, bound, Arc::new(desk)))
    }
}
