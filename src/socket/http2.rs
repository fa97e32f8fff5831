//! HTTP/2 without TLS, which one SDK speaks to whatever endpoint it is given.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::connection::Connection;
use super::http1::told;
use super::listening::Stopped;

/// What a client that speaks HTTP/2 begins with.
const PREFACE: &[u8; 4] = b"PRI ";
/// How long the rest of it may take before it is looked for again.
const REST: Duration = Duration::from_millis(1);
/// Requests of one connection at one time.
const STREAMS: u32 = 256;
/// A client that says nothing for so long is asked whether it is there.
const SILENCE: Duration = Duration::from_mins(1);

/// What a client gets to take the last part of an answer before its stream is reset.
const PAUSE: Duration = Duration::from_millis(50);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Which HTTP a client speaks, told by its first bytes, which stay unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// HTTP/1.1, or what is no HTTP at all.
    Http1,
    /// HTTP/2 from the first byte.
    Http2,
}

impl Spoken {
    /// Waits for the first bytes.
    ///
    /// # Errors
    /// Where the connection fails before them.
    pub async fn of(stream: &TcpStream) -> io::Result<Self> {
        loop {
            let mut seen = [0; PREFACE.len()];
            let length = stream.peek(&mut seen).await?;
            if length == 0 || seen[..length] != PREFACE[..length] {
                return Ok(Self::Http1);
            }
            if length == PREFACE.len() {
                return Ok(Self::Http2);
            }
            // What was peeked at is there at once the next time.
            tokio::time::sleep(REST).await;
        }
    }
}

/// Answers a connection's requests, as many at a time as the client sends, until it ends or
/// `stopped` says so.
pub async fn converse<A, F, B, E>(
    connection: Connection,
    head: usize,
    answer: A,
    mut stopped: Stopped,
) where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError> + Unpin + Send,
    E: Into<BoxError>,
{
    let answer = |request| {
        let answering = answer(request);
        async move { Ok::<_, E>(answering.await?.map(Unhurried::new)) }
    };
    let conversation = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(SILENCE)
        .serve_connection(TokioIo::new(connection), service_fn(answer));
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

/// A body that fails a little after its last part: a stream's reset overtakes what was sent
/// before it, and a client throws away what it has not taken yet.
struct Unhurried<B: Body> {
    body: Pin<Box<B>>,
    failing: Option<(Pin<Box<Sleep>>, B::Error)>,
}

impl<B: Body> Unhurried<B> {
    fn new(body: B) -> Self {
        Self {
            body: Box::pin(body),
            failing: None,
        }
    }
}

impl<B: Body> Body for Unhurried<B>
where
    B::Error: Unpin,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        if self.failing.is_none() {
            match std::task::ready!(self.body.as_mut().poll_frame(context)) {
                Some(Err(error)) => {
                    self.failing = Some((Box::pin(tokio::time::sleep(PAUSE)), error));
                }
                next => return Poll::Ready(next),
            }
        }
        if let Some((pause, _)) = &mut self.failing {
            std::task::ready!(pause.as_mut().poll(context));
        }
        let failed = self.failing.take();
        Poll::Ready(failed.map(|(_, error)| Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.failing.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// What is said to come, sent in these parts.
    async fn told_by(parts: &[&[u8]]) -> Spoken {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (server, _) = listener.accept().await.unwrap();
        client.set_nodelay(true).unwrap();
        let sending = async {
            for part in parts {
                client.write_all(part).await.unwrap();
                tokio::task::yield_now().await;
            }
            // The end of what is sent is an answer too.
            client.shutdown().await.unwrap();
        };
        let (spoken, ()) = tokio::join!(Spoken::of(&server), sending);
        spoken.unwrap()
    }

    /// One part, then a failure.
    struct Failing(bool);

    impl Body for Failing {
        type Data = bytes::Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, io::Error>>> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
            }
            Poll::Ready(Some(Ok(Frame::data("part".into()))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_lets_the_last_part_arrive_first() {
        use http_body_util::BodyExt as _;

        let mut body = Unhurried::new(Failing(false));
        let began = tokio::time::Instant::now();
        let part = body.frame().await.unwrap().unwrap();
        assert_eq!(part.into_data().unwrap(), "part");
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert!(body.frame().await.unwrap().is_err());
        assert_eq!(began.elapsed(), PAUSE);
    }

    #[tokio::test]
    async fn the_first_bytes_tell_whatever_parts_they_come_in() {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        assert_eq!(told_by(&[preface]).await, Spoken::Http2);
        assert_eq!(told_by(&[b"P", b"R", b"I *"]).await, Spoken::Http2);
        assert_eq!(told_by(&[b"POST / HTTP/1.1\r\n"]).await, Spoken::Http1);
        assert_eq!(told_by(&[b"P", b"OST /"]).await, Spoken::Http1);
        assert_eq!(told_by(&[b"\x16\x03\x01"]).await, Spoken::Http1);
        assert_eq!(told_by(&[]).await, Spoken::Http1);
    }
}
