//! A recorded body on its way to the caller: whole at once, or in its chunks at their times;
//! and where the recording ends early, it ends early again.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Sleep;

use super::fault::ReplayedFault;
use crate::exchange::{Body, Chunk, Ending, Response};
use crate::playback::Pace;

/// A body that was never whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncompleteRecording {
    /// The server ended it early.
    #[error(
        "the recorded stream ends here although it is not whole: the server ended it early (record it again with mode `record-missing`)"
    )]
    Truncated,
    /// The caller dropped it.
    #[error(
        "the recorded stream ends here although it is not whole: its caller dropped it while it was recorded (record it again with mode `record-missing`, and read it to its end)"
    )]
    Abandoned,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A recorded body.
#[derive(Debug)]
pub struct ReplayBody {
    rest: Bytes,
    chunks: std::vec::IntoIter<Chunk>,
    pace: Pace,
    /// How far the replay has come on the recording's own clock; first the headers' time.
    now: Duration,
    /// When the recording ended.
    end: Duration,
    wait: Option<Pin<Box<Sleep>>>,
    failure: Option<BoxError>,
}

/// When a response's headers arrived, and when it ended.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// From the request's first byte to the headers.
    pub first_byte: Duration,
    /// From the request's first byte to the end.
    pub total: Duration,
}

/// Whether a body has neither an early end nor chunks that come at their times: its bytes are
/// all of it.
#[must_use]
pub fn is_at_once(response: &Response, pace: Pace) -> bool {
    response.ending == Ending::Complete && pace == Pace::Instant
}

fn failure_of(ending: Ending) -> Option<BoxError> {
    match ending {
        Ending::Complete => None,
        Ending::Truncated => Some(IncompleteRecording::Truncated.into()),
        Ending::Abandoned => Some(IncompleteRecording::Abandoned.into()),
        Ending::Broken(fault) => Some(ReplayedFault(fault).into()),
    }
}

impl ReplayBody {
    /// The body of a recorded response.
    #[must_use]
    pub fn new(response: Response, span: Span, pace: Pace) -> Self {
        let Body { bytes, chunks } = response.body;
        Self {
            rest: bytes,
            chunks: chunks.into_iter(),
            pace,
            now: span.first_byte,
            end: span.total,
            wait: None,
            failure: failure_of(response.ending),
        }
    }

    /// What comes next and when; past the last byte only a failure does.
    fn next_part(&mut self) -> Option<Chunk> {
        if self.rest.is_empty() {
            let at = self.end;
            return self.failure.is_some().then_some(Chunk { length: 0, at });
        }
        let chunk = self.chunks.as_slice().iter().find(|chunk| chunk.length > 0);
        Some(chunk.copied().unwrap_or(Chunk {
            length: self.rest.len(),
            at: self.now,
        }))
    }

    fn poll_until(&mut self, at: Duration, context: &mut Context<'_>) -> Poll<()> {
        let wait = scaled(at.saturating_sub(self.now), self.pace);
        if wait.is_zero() {
            return Poll::Ready(());
        }
        let sleep = self
            .wait
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
        std::task::ready!(sleep.as_mut().poll(context));
        self.wait = None;
        Poll::Ready(())
    }

    fn take(&mut self, part: Chunk) -> Option<Result<Frame<Bytes>, BoxError>> {
        self.now = self.now.max(part.at);
        if part.length == 0 {
            return self.failure.take().map(Err);
        }
        self.chunks.find(|chunk| chunk.length > 0);
        let bytes = self.rest.split_to(part.length.min(self.rest.len()));
        Some(Ok(Frame::data(bytes)))
    }
}

impl HttpBody for ReplayBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(part) = self.next_part() else {
            return Poll::Ready(None);
        };
        std::task::ready!(self.poll_until(part.at, context));
        Poll::Ready(self.take(part))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.failure {
            None => SizeHint::with_exact(self.rest.len() as u64),
            Some(_) => SizeHint::default(),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.failure.is_none()
    }
}

/// A recorded time at a pace.
#[must_use]
pub fn scaled(recorded: Duration, pace: Pace) -> Duration {
    match pace {
        Pace::Instant => Duration::ZERO,
        Pace::Recorded => recorded,
        Pace::Times(factor) => {
            Duration::try_from_secs_f64(recorded.as_secs_f64() * factor).unwrap_or(Duration::ZERO)
        }
    }
}
