//! An endpoint that listens: its connections and its end.

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioTimer;

use super::desk::{Desk, Place};
use super::limits::ServerLimits;
use super::tally::{MissedCall, Summary};
use crate::cassette::CassetteError;
use crate::playback::{Mode, Playback};
use crate::socket::{
    Bound, CloseSwitch, Connection, Guest, Heads, Limits, Listening, Shape, Spoken, Stopped, http1,
    http2,
};
use tokio::net::TcpStream;

/// Header lines of a request.
const LINES: usize = 100;

/// A listening endpoint. Dropped, it stops at once.
#[derive(Debug)]
pub struct Running {
    listening: Listening,
    desk: Arc<Desk>,
}

impl Running {
    pub(super) fn start(bound: Bound, limits: ServerLimits, desk: Arc<Desk>) -> Self {
        let http = http(&desk);
        let shared = Arc::clone(&desk);
        let converse = move |guest| converse(guest, http.clone(), Arc::clone(&shared));
        let limits = Limits {
            connections: limits.connections,
            grace: limits.grace,
        };
        Self {
            listening: Listening::start(bound, limits, converse),
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

    /// The decision behind every answer.
    #[must_use]
    pub fn playback(&self) -> &Arc<Playback> {
        &self.desk.playback
    }

    /// The record mode that holds.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.playback().mode()
    }

    /// What was answered so far.
    ///
    /// # Errors
    /// A damaged cassette.
    pub fn summary(&self) -> Result<Summary, CassetteError> {
        self.desk.summary()
    }

    /// The first misses, in their order.
    #[must_use]
    pub fn missed(&self) -> Vec<MissedCall> {
        self.desk.tally.missed()
    }

    /// Stops: takes no new request, ends after the answers under way or the time of grace,
    /// commits what waits, and leaves one plain file.
    ///
    /// # Errors
    /// A damaged cassette.
    pub async fn stop(self) -> Result<Summary, CassetteError> {
        self.listening.stop().await;
        let summary = self.desk.summary();
        self.desk.playback.close();
        summary
    }
}

/// Pipelined answers are flushed one by one: hyper's `pipeline_flush` keeps an answer back for
/// as long as anything is left in its buffer, were it half a request.
fn http(desk: &Desk) -> Builder {
    let mut http = Builder::new();
    http.auto_date_header(false)
        .timer(TokioTimer::new())
        .header_read_timeout(desk.limits.head_time)
        .max_header_size(desk.limits.head)
        .max_headers(LINES)
        // Where a request is sent on, a client that has left is not to be waited for.
        .half_close(!desk.playback.mode().forwards());
    http
}

async fn converse(guest: Guest, http: Builder, desk: Arc<Desk>) {
    let Guest {
        stream,
        seat,
        stopped,
    } = guest;
    let place = Place {
        seat,
        shape: Shape::default(),
        switch: CloseSwitch::default(),
    };
    let spoken = tokio::time::timeout(desk.limits.head_time, Spoken::of(&stream));
    match spoken.await {
        Ok(Ok(Spoken::Http1)) => {}
        Ok(Ok(Spoken::Http2)) => return converse_http2(stream, place, stopped, desk).await,
        Ok(Err(_)) | Err(_) => return,
    }
    let connection = Connection::new(stream, place.switch.clone());
    let connection = connection.seen_by(Heads::new(place.shape.clone()));
    let place = &place;
    let desk = &desk;
    let answer = |request| desk.serve(request, place);
    http1::converse(&http, connection, answer, stopped).await;
}

async fn converse_http2(stream: TcpStream, place: Place, stopped: Stopped, desk: Arc<Desk>) {
    let head = desk.limits.head;
    // A switch of its own: what befalls one request befalls none beside it.
    let connection = Connection::new(stream, CloseSwitch::default());
    let answer = move |request| {
        let desk = Arc::clone(&desk);
        let place = place.clone();
        async move { desk.serve(request, &place).await }
    };
    http2::converse(connection, head, answer, stopped).await;
}
