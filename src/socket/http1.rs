//! HTTP/1.1 and 1.0.

use std::future::Future;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use super::connection::Connection;
use super::listening::Stopped;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Answers a connection's requests one after the other, until it ends or `stopped` says so.
pub async fn converse<A, F, B, E>(
    http: &http1::Builder,
    connection: Connection,
    answer: A,
    mut stopped: Stopped,
) where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<B>, E>>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
    E: Into<BoxError>,
{
    let conversation = http.serve_connection(TokioIo::new(connection), service_fn(answer));
    tokio::pin!(conversation);
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        () = stopped.wait() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    told(ended);
}

/// A connection that ends early is nobody's fault here.
pub(super) fn told(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
