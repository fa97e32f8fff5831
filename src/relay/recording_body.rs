//! A body on its way from the server to the caller, recorded as it passes.
//!
//! The caller gets each chunk as it arrives. The one after which the body is whole is held
//! back until the exchange is on disk: whoever has seen the end has a recording.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::fault;
use crate::cassette::{CassetteError, Pending};
use crate::exchange::{
    Attempt, Body, Chunk, Ending, Headers, Outcome, Provenance, Response, StreamWatch,
};
use crate::playback::{Playback, Ticket};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Polled = Option<Result<Frame<Bytes>, BoxError>>;

/// What is known of a response before its body.
#[derive(Debug)]
pub struct Head {
    pub status: u16,
    pub headers: Headers,
    pub provenance: Provenance,
    /// From the request's first byte.
    pub first_byte: Duration,
    /// The length that the server announced.
    pub length: Option<u64>,
}

/// A body that is recorded.
pub struct RecordingBody {
    inner: SdkBody,
    recorder: Recorder,
    commit: Option<Commit>,
}

/// A commit under way, and what the caller gets once it is done.
struct Commit {
    pending: Pending,
    then: Polled,
}

struct Recorder {
    playback: Arc<Playback>,
    ticket: Box<Ticket>,
    head: Head,
    bytes: Vec<u8>,
    chunks: Vec<Chunk>,
    watch: Option<StreamWatch>,
    stored: Stored,
}

#[derive(PartialEq, Eq)]
enum Stored {
    /// Nothing is on its way to disk.
    Nothing,
    /// The body as it is now, whole.
    Whole,
    /// The end, whatever it was.
    Ended,
}

impl RecordingBody {
    /// Records a body as it is read.
    pub fn new(playback: Arc<Playback>, ticket: Box<Ticket>, head: Head, inner: SdkBody) -> Self {
        let operation = ticket.request().target.operation();
        let is_stream = operation.is_stream() && head.status == 200;
        let recorder = Recorder {
            watch: is_stream.then(|| StreamWatch::new(operation)),
            playback,
            ticket,
            head,
            bytes: Vec::new(),
            chunks: Vec::new(),
            stored: Stored::Nothing,
        };
        Self {
            inner,
            recorder,
            commit: None,
        }
    }

    /// Goes on with a commit, or gives at once what needs none.
    fn after(&mut self, pending: Result<Option<Pending>, CassetteError>, then: Polled) -> Polled {
        match pending {
            Ok(Some(pending)) => {
                self.commit = Some(Commit { pending, then });
                None
            }
            Ok(None) => then,
            Err(error) => Some(Err(self.lost(error))),
        }
    }

    /// What the caller gets in place of an end that could not be recorded.
    fn lost(&mut self, error: CassetteError) -> BoxError {
        let Recorder {
            playback, ticket, ..
        } = &mut self.recorder;
        playback.not_recorded(ticket, &error);
        error.into()
    }
}

impl HttpBody for RecordingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Polled> {
        let this = &mut *self;
        if this.commit.is_none() {
            let polled = ready!(Pin::new(&mut this.inner).poll_frame(context));
            let pending = this.recorder.see(&polled);
            let now = this.after(pending, polled);
            if this.commit.is_none() {
                return Poll::Ready(now);
            }
        }
        let Some(commit) = &mut this.commit else {
            return Poll::Ready(None);
        };
        let committed = ready!(Pin::new(&mut commit.pending).poll(context));
        let then = this.commit.take().and_then(|commit| commit.then);
        Poll::Ready(match committed {
            Ok(_) => then,
            Err(error) => Some(Err(this.lost(error))),
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Recorder {
    /// Takes note of what arrived; gives a commit where one is due.
    fn see(&mut self, polled: &Polled) -> Result<Option<Pending>, CassetteError> {
        match polled {
            Some(Ok(frame)) => {
                let Some(bytes) = frame.data_ref() else {
                    return Ok(None);
                };
                self.keep(bytes);
                if !self.is_known_whole() {
                    self.stored = Stored::Nothing;
                    return Ok(None);
                }
                self.stored = Stored::Whole;
                self.store(Ending::Complete).map(Some)
            }
            // What is whole stays whole, however the connection ends after it.
            Some(Err(_)) | None if self.stored == Stored::Whole => {
                self.stored = Stored::Ended;
                Ok(None)
            }
            Some(Err(error)) => self.end(Ending::Broken(fault::of_body(error.as_ref()))),
            None if self.is_whole_if_ended() => self.end(Ending::Complete),
            None => self.end(Ending::Truncated),
        }
    }

    fn keep(&mut self, bytes: &Bytes) {
        if let Some(watch) = &mut self.watch {
            watch.feed(bytes);
        }
        self.bytes.extend_from_slice(bytes);
        self.chunks.push(Chunk {
            length: bytes.len(),
            at: self.playback.since(&self.ticket),
        });
    }

    /// Whether the body is whole before its end was seen.
    fn is_known_whole(&self) -> bool {
        match (&self.watch, self.head.length) {
            (Some(watch), _) => watch.is_complete(),
            (None, Some(length)) => self.bytes.len() as u64 == length,
            (None, None) => false,
        }
    }

    /// A body in good order that is longer than announced is not cut: the announcement is of
    /// another form of it (compressed, or rewritten by a proxy).
    fn is_whole_if_ended(&self) -> bool {
        match (&self.watch, self.head.length) {
            (Some(watch), _) => watch.is_complete(),
            (None, length) => self.bytes.len() as u64 >= length.unwrap_or_default(),
        }
    }

    fn end(&mut self, ending: Ending) -> Result<Option<Pending>, CassetteError> {
        if self.stored == Stored::Ended {
            return Ok(None);
        }
        self.stored = Stored::Ended;
        self.store(ending).map(Some)
    }

    fn store(&mut self, ending: Ending) -> Result<Pending, CassetteError> {
        let attempt = Attempt {
            outcome: Outcome::Response(Response {
                status: self.head.status,
                headers: self.head.headers.clone(),
                body: Body {
                    bytes: Bytes::copy_from_slice(&self.bytes),
                    chunks: self.chunks.clone(),
                },
                ending,
            }),
            first_byte: self.head.first_byte,
            total: self.playback.since(&self.ticket),
        };
        let provenance = Some(self.head.provenance.clone());
        self.playback.record(&mut self.ticket, &attempt, provenance)
    }
}

impl Drop for Recorder {
    /// The caller lost interest: what arrived is kept, and marked.
    fn drop(&mut self) {
        if self.stored != Stored::Nothing {
            return;
        }
        let ending = if self.is_known_whole() {
            Ending::Complete
        } else {
            Ending::Abandoned
        };
        if let Err(error) = self.store(ending).map(drop) {
            tracing::error!("an abandoned answer could not be recorded: {error}");
        }
    }
}
