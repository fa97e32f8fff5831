//! Which addresses may be listened on.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Who may connect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Programs of this machine.
    #[default]
    Loopback,
    /// Whoever reaches the address.
    Anyone,
}

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
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

/// A socket that connections can be accepted from.
#[derive(Debug)]
pub struct Bound {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
}

impl Bound {
    /// The address, with the port that was found free.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Binds an address; port 0 takes a free one.
///
/// # Errors
/// [`ListenError`] where the address is not allowed or not free.
pub async fn bind(address: SocketAddr, reach: Reach) -> Result<Bound, ListenError> {
    if reach == Reach::Loopback && !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback(address));
    }
    let failed = |source| ListenError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address })
}
