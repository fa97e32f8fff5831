//! A recorded body on its way to the caller: whole at once, or in its chunks at their times;
//! and where the recording ends early, it ends early again.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
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
pub struct ReplayBody {
    rest: Bytes,
    chunks: std::vec::IntoIter<Chunk>,
    pace: Pace,
    /// When the response's headers were served, on the recording's own clock.
    now: Duration,
    wait: Option<(Pin<Box<Sleep>>, Chunk)>,
    failure: Option<BoxError>,
}

/// The body of a recorded response, for the SDK.
pub fn sdk_body(response: Response, first_byte: Duration, pace: Pace) -> SdkBody {
    let failure = failure_of(response.ending);
    if failure.is_none() && pace == Pace::Instant && response.body.chunks.len() < 2 {
        return SdkBody::from(response.body.bytes);
    }
    SdkBody::from_body_1_x(ReplayBody::new(response.body, failure, first_byte, pace))
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
    fn new(body: Body, failure: Option<BoxError>, first_byte: Duration, pace: Pace) -> Self {
        Self {
            rest: body.bytes,
            chunks: body.chunks.into_iter(),
            pace,
            now: first_byte,
            wait: None,
            failure,
        }
    }

    fn next_chunk(&mut self) -> Option<Chunk> {
        let chunk = self.chunks.find(|chunk| chunk.length > 0);
        chunk.or_else(|| {
            let length = self.rest.len();
            (length > 0).then_some(Chunk {
                length,
                at: self.now,
            })
        })
    }

    fn take(&mut self, chunk: Chunk) -> Bytes {
        self.now = self.now.max(chunk.at);
        self.rest.split_to(chunk.length.min(self.rest.len()))
    }
}

impl HttpBody for ReplayBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if let Some((sleep, chunk)) = &mut self.wait {
                std::task::ready!(sleep.as_mut().poll(context));
                let chunk = *chunk;
                self.wait = None;
                let bytes = self.take(chunk);
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if self.rest.is_empty() {
                return Poll::Ready(self.failure.take().map(Err));
            }
            let Some(chunk) = self.next_chunk() else {
                continue;
            };
            let wait = scaled(chunk.at.saturating_sub(self.now), self.pace);
            if wait.is_zero() {
                let bytes = self.take(chunk);
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            self.wait = Some((Box::pin(tokio::time::sleep(wait)), chunk));
        }
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
pub fn scaled(recorded: Duration, pace: Pace) -> Duration {
    match pace {
        Pace::Instant => Duration::ZERO,
        Pace::Recorded => recorded,
        Pace::Times(factor) => {
            Duration::try_from_secs_f64(recorded.as_secs_f64() * factor).unwrap_or(Duration::ZERO)
        }
    }
}
