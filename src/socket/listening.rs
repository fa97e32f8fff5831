//! Accepts connections until it is told to stop, and ends gracefully.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::reach::Bound;
use super::seats::{Seat, Seats};

/// After an accept failed (no file handles, say) the next one waits so long for one to be free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How much is listened to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at one time.
    pub connections: usize,
    /// What connections in the middle of an answer get, after a stop, to end it.
    pub grace: Duration,
}

/// A connection that was let in.
#[derive(Debug)]
pub struct Guest {
    /// The connection.
    pub stream: TcpStream,
    /// Its seat.
    pub seat: Arc<Seat>,
    /// Ends when no new request is to be taken.
    pub stopped: Stopped,
}

/// Tells when to stop.
#[derive(Debug, Clone)]
pub struct Stopped(watch::Receiver<()>);

impl Stopped {
    /// Waits until it is time to stop.
    pub async fn wait(&mut self) {
        // Where the sender is gone, it is time as well.
        let _ = self.0.changed().await;
    }
}

/// A socket that accepts connections. Dropped, it stops at once.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stop: watch::Sender<()>,
    accepting: Option<JoinHandle<()>>,
}

impl Listening {
    /// Accepts connections; each is a task that runs `converse`.
    #[must_use]
    pub fn start<C, F>(bound: Bound, limits: Limits, converse: C) -> Self
    where
        C: Fn(Guest) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(());
        let address = bound.address();
        let accepting = tokio::spawn(accept(bound.listener, limits, Stopped(stopped), converse));
        Self {
            address,
            stop,
            accepting: Some(accepting),
        }
    }

    /// The address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL for an SDK.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops: accepts no more, and ends after the answers under way or the time of grace.
    pub async fn stop(mut self) {
        let _ = self.stop.send(());
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
        }
    }
}

async fn accept<C, F>(listener: TcpListener, limits: Limits, mut stopped: Stopped, converse: C)
where
    C: Fn(Guest) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let seats = Seats::new(limits.connections);
    // Connections end with this set, however this task ends.
    let mut connections = JoinSet::new();
    loop {
        let stopped_too = stopped.clone();
        tokio::select! {
            () = stopped.wait() => break,
            Some(_) = connections.join_next() => {}
            accepted = next(&listener, &seats) => match accepted {
                Ok((seat, stream)) => {
                    let seat = Arc::new(seat);
                    let guest = Guest { stream, seat: Arc::clone(&seat), stopped: stopped_too };
                    connections.spawn(until_given_up(seat, converse(guest)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    seats.free_one();
                    let _ = tokio::time::timeout(ACCEPT_PAUSE, seats.one_left()).await;
                }
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(limits.grace, ended).await;
}

/// The seat first: a connection that was accepted is never dropped for want of one.
async fn next(listener: &TcpListener, seats: &Arc<Seats>) -> io::Result<(Seat, TcpStream)> {
    let seat = seats.take().await;
    let (stream, _) = listener.accept().await?;
    Ok((seat, stream))
}

async fn until_given_up(seat: Arc<Seat>, conversation: impl Future<Output = ()>) {
    tokio::select! {
        () = conversation => {}
        () = seat.given_up() => {}
    }
}
