//! When a program that listens or records is to stop.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The interrupt key, a request to terminate, a terminal that closes: heard from the beginning,
/// so that none of them ends this program while it has a cassette open for recording.
pub struct Requests {
    #[cfg(unix)]
    signals: [Signal; 3],
}

impl Requests {
    /// Listens from now on.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            signals: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        {
            let [interrupt, terminate, hangup] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            Ok(())
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    }
}
