//! A simulator that listens: its connections and its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1::Builder;

use super::desk::Desk;
use super::http::{self, Reset};
use crate::socket::{
    Bound, CloseSwitch, Connection, Guest, Limits, Listening, Spoken, http1, http2,
};

const LIMITS: Limits = Limits {
    connections: 4_096,
    grace: Duration::from_secs(2),
};

/// Bytes of a request's head.
const HEAD: usize = 64 * 1024;

/// A listening simulator. Dropped, it stops at once.
#[derive(Debug)]
pub struct Running {
    listening: Listening,
    desk: Arc<Desk>,
}

impl Running {
    pub(super) fn start(bound: Bound, desk: Arc<Desk>) -> Self {
        let shared = Arc::clone(&desk);
        let converse = move |guest| converse(guest, Arc::clone(&shared));
        Self {
            listening: Listening::start(bound, LIMITS, converse),
            desk,
        }
    }

    /// The address that it listens on.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The endpoint URL for an SDK.
    #[must_use]
    pub fn url(&self) -> String {
        self.listening.url()
    }

    /// How many requests it has taken, each retry counted.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.desk.served()
    }

    /// Stops: takes no new request, and ends after the answers under way.
    pub async fn stop(self) {
        self.listening.stop().await;
    }
}

async fn converse(guest: Guest, desk: Arc<Desk>) {
    let Guest {
        stream,
        seat,
        stopped,
    } = guest;
    // The simulator's answers end by themselves: none has to give way.
    let _answering = seat.answering();
    let Ok(spoken) = Spoken::of(&stream).await else {
        return;
    };
    let switch = CloseSwitch::default();
    let answer = |request| {
        let desk = Arc::clone(&desk);
        let switch = switch.clone();
        async move {
            let delivery = desk.serve(request).await.ok_or(Reset)?;
            http::respond(delivery, desk.date(), &switch).await
        }
    };
    if spoken == Spoken::Http2 {
        // A switch of its own: what befalls one request befalls none beside it.
        let connection = Connection::new(stream, CloseSwitch::default());
        return http2::converse(connection, HEAD, answer, stopped).await;
    }
    let mut http = Builder::new();
    http.auto_date_header(false);
    let connection = Connection::new(stream, switch.clone());
    http1::converse(&http, connection, answer, stopped).await;
}
