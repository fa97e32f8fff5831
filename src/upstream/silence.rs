//! An answer that has begun and does not go on.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Nothing came for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer timed out: nothing came for {} s", .0.as_secs_f64())]
pub struct Silence(pub Duration);

/// A body that fails where nothing comes for too long.
pub struct SilenceLimit {
    inner: SdkBody,
    longest: Duration,
    wait: Option<Pin<Box<Sleep>>>,
}

impl SilenceLimit {
    pub const fn new(inner: SdkBody, longest: Duration) -> Self {
        Self {
            inner,
            longest,
            wait: None,
        }
    }
}

impl Body for SilenceLimit {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            self.wait = None;
            return Poll::Ready(frame);
        }
        let longest = self.longest;
        let wait = self
            .wait
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(longest)));
        ready!(wait.as_mut().poll(context));
        let silence = io::Error::new(io::ErrorKind::TimedOut, Silence(longest));
        Poll::Ready(Some(Err(silence.into())))
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one piece, and then nothing.
    struct Stuck(Option<Bytes>);

    impl Body for Stuck {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            match self.0.take() {
                Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
                None => Poll::Pending,
            }
        }
    }

    async fn next(body: &mut SilenceLimit) -> Option<Result<Frame<Bytes>, BoxError>> {
        std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_stops_is_an_error_and_no_hang() {
        let inner = SdkBody::from_body_1_x(Stuck(Some("a".into())));
        let mut body = SilenceLimit::new(inner, Duration::from_mins(5));
        assert!(next(&mut body).await.unwrap().is_ok());
        let error = next(&mut body).await.unwrap().unwrap_err();
        let error = error.downcast_ref::<io::Error>().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(
            error.to_string(),
            "the answer timed out: nothing came for 300 s"
        );
    }
}
