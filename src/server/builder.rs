//! What an endpoint is made of.

use std::net::SocketAddr;
use std::sync::Arc;

use super::access::Access;
use super::desk::{Desk, Simulated};
use super::limits::ServerLimits;
use super::running::Running;
use super::sender::Sender;
use super::witness::Witness;
use crate::exchange::Provenance;
use crate::playback::{Mode, Playback, Scope};
use crate::socket::{ListenError, bind};

/// Choices for an endpoint; [`Builder::start`] lets it listen.
#[derive(Debug, Clone)]
#[must_use = "nothing listens until `start` is called"]
pub struct Builder {
    playback: Arc<Playback>,
    sender: Option<Arc<dyn Sender>>,
    witness: Option<Arc<dyn Witness>>,
    access: Access,
    limits: ServerLimits,
    scope: Scope,
    help: Option<String>,
}

impl Builder {
    /// An endpoint on a playback.
    pub fn new(playback: Arc<Playback>) -> Self {
        Self {
            playback,
            sender: None,
            witness: None,
            access: Access::Loopback,
            limits: ServerLimits::default(),
            scope: Scope::default(),
            help: None,
        }
    }

    /// The record mode that holds.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.playback.mode()
    }

    /// What sends requests on, in a mode that forwards.
    pub fn sender(mut self, sender: Arc<dyn Sender>) -> Self {
        self.sender = Some(sender);
        self
    }

    /// Who is told of each call.
    pub fn witness(mut self, witness: Arc<dyn Witness>) -> Self {
        self.witness = Some(witness);
        self
    }

    /// Who may call; by default programs of this machine.
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// How much one client may ask for.
    pub const fn limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The scope of requests that name none; by default the empty one.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// What a miss advises.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Listens; port 0 takes a free one.
    ///
    /// # Errors
    /// [`ListenError`] where the address is not allowed or not free.
    pub async fn start(self, address: SocketAddr) -> Result<Running, ListenError> {
        let bound = bind(address, self.access.reach()).await?;
        let limits = self.limits;
        let desk = Desk {
            simulated: simulated(&self.playback),
            playback: self.playback,
            sender: self.sender,
            witness: self.witness,
            access: self.access,
            limits,
            scope: self.scope,
            help: self.help,
            tally: Arc::default(),
        };
        Ok(Running::start(bound, limits, Arc::new(desk)))
    }
}

/// In a mode that records, what is replayed changes as it goes.
fn simulated(playback: &Playback) -> Simulated {
    if playback.mode() != Mode::Replay {
        return Simulated::Some;
    }
    let sources = playback.sources().unwrap_or_default();
    match sources.contains(&Provenance::Simulated) {
        false => Simulated::None,
        true if sources.len() == 1 => Simulated::All,
        true => Simulated::Some,
    }
}
