//! The body of an answer, whatever it comes from, and what lasts as long as it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::passing::Passing;
use super::witness::{Answered, Witness};
use crate::clock::SharedClock;
use crate::exchange::FaultKind;
use crate::relay::{ReplayBody, ReplayedFault};
use crate::socket::{Answering, CloseSwitch};

/// Why a body ends early.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body on its way to the client.
#[derive(Debug)]
pub struct AnswerBody {
    content: Content,
    failure: Failure,
    switch: CloseSwitch,
    lasting: Option<Lasting>,
}

#[derive(Debug)]
enum Content {
    Whole(Bytes),
    Replayed(ReplayBody),
    Passing(SdkBody, Passing),
}

#[derive(Debug)]
enum Failure {
    None,
    /// What came before it is flushed first: a body that is pending is.
    Flushing(BoxError),
}

/// What lasts as long as an answer: its seat, and the line about it.
#[derive(Debug)]
pub struct Lasting {
    #[expect(dead_code, reason = "kept for its end")]
    /// The connection keeps its seat.
    pub answering: Answering,
    #[expect(dead_code, reason = "kept for its end")]
    /// What is told at the end.
    pub entry: Option<Entry>,
}

/// A call that is told of when its answer has ended.
#[derive(Debug)]
pub struct Entry {
    /// Who is told.
    pub witness: Arc<dyn Witness>,
    /// What tells the time.
    pub clock: SharedClock,
    /// When the request came.
    pub began: Duration,
    /// What is told, but for the time.
    pub call: Answered,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.call.elapsed = self.clock.elapsed().saturating_sub(self.began);
        self.witness.answered(&self.call);
    }
}

impl AnswerBody {
    /// Bytes.
    pub fn whole(bytes: Bytes) -> Self {
        Self::of(Content::Whole(bytes), CloseSwitch::default())
    }

    /// A recorded body; where it ended in a reset, the connection does, by its switch.
    pub fn replayed(body: ReplayBody, switch: CloseSwitch) -> Self {
        Self::of(Content::Replayed(body), switch)
    }

    /// A body that is still arriving.
    pub fn passing(body: SdkBody, seen: Passing) -> Self {
        Self::of(Content::Passing(body, seen), CloseSwitch::default())
    }

    const fn of(content: Content, switch: CloseSwitch) -> Self {
        Self {
            content,
            failure: Failure::None,
            switch,
            lasting: None,
        }
    }

    /// Its bytes, where it is whole already.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Whole(bytes) => Some(bytes),
            Content::Replayed(_) | Content::Passing(..) => None,
        }
    }

    /// Lets something last until the body's end.
    pub fn lasting(&mut self, lasting: Lasting) {
        self.lasting = Some(lasting);
    }

    fn poll_content(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.content {
            Content::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Replayed(body) => Pin::new(body).poll_frame(context),
            Content::Passing(body, seen) => {
                let polled = std::task::ready!(Pin::new(body).poll_frame(context));
                if let Some(Ok(frame)) = &polled {
                    seen.see(frame.data_ref().map_or(&[], |part| part));
                }
                Poll::Ready(polled)
            }
        }
    }

    fn fail(&self, error: BoxError) -> BoxError {
        let fault = error.downcast_ref::<ReplayedFault>();
        if fault.is_some_and(|ReplayedFault(fault)| fault.kind == FaultKind::Reset) {
            self.switch.reset();
        }
        error
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Failure::Flushing(error) = std::mem::replace(&mut self.failure, Failure::None) {
            return Poll::Ready(Some(Err(self.fail(error))));
        }
        match std::task::ready!(self.poll_content(context)) {
            Some(Err(error)) => {
                self.failure = Failure::Flushing(error);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            next => Poll::Ready(next),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Replayed(body) => body.is_end_stream(),
            // Its end has to be asked for: before it, nothing is on disk.
            Content::Passing(..) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Replayed(_) | Content::Passing(..) => SizeHint::default(),
        }
    }
}
