//! A simulator that listens: its connections and its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::desk::Desk;
use super::http::{self, Connection, Reset, ResetSwitch};

/// Connections that are in the middle of an answer get this long to end it.
const GRACE: Duration = Duration::from_secs(2);
/// After an accept failed (no file handles, say) the next one waits.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listening simulator. Dropped, it stops at once.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    desk: Arc<Desk>,
    stop: watch::Sender<()>,
    accepting: Option<JoinHandle<()>>,
}

impl Running {
    pub(super) fn start(listener: TcpListener, address: SocketAddr, desk: Arc<Desk>) -> Self {
        let (stop, stopped) = watch::channel(());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&desk), stopped));
        Self {
            address,
            desk,
            stop,
            accepting: Some(accepting),
        }
    }

    /// The address that it listens on.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL for an SDK.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests it has taken, each retry counted.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.desk.served()
    }

    /// Stops: takes no new request, and ends after the answers under way.
    pub async fn stop(mut self) {
        let _ = self.stop.send(());
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
        }
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>, mut stopped: watch::Receiver<()>) {
    // Connections end with this set, however this task ends.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&desk), stopped.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, ended).await;
}

async fn converse(stream: TcpStream, desk: Arc<Desk>, mut stopped: watch::Receiver<()>) {
    // Small chunks go out as they are written.
    let _ = stream.set_nodelay(true);
    let switch = ResetSwitch::default();
    let answer = |request| {
        let desk = Arc::clone(&desk);
        let switch = switch.clone();
        async move {
            let delivery = desk.serve(request).await.ok_or(Reset)?;
            http::respond(delivery, desk.date(), &switch).await
        }
    };
    let io = TokioIo::new(Connection::new(stream, switch.clone()));
    let connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(io, service_fn(answer));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
