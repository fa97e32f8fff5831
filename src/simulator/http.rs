//! A delivery as HTTP/1.1: each event one chunk, resets as the transport shows them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::answer::Payload;
use super::delivery::{Close, Delivery};
use crate::socket::CloseSwitch;

/// The connection was ended on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset, as a fault asks")]
pub(super) struct Reset;

impl From<Infallible> for Reset {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// Sends a delivery's headers and begins its payload.
pub(super) async fn respond(
    delivery: Delivery,
    date: String,
    connection: &CloseSwitch,
) -> Result<Response<Paced>, Reset> {
    if !delivery.latency.is_zero() {
        tokio::time::sleep(delivery.latency).await;
    }
    if delivery.close == Close::BeforeAnswer {
        connection.reset();
        return Err(Reset);
    }
    let mut response = Response::new(Paced::of(&delivery, connection.clone()));
    *response.status_mut() =
        StatusCode::from_u16(delivery.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers(&delivery, date);
    Ok(response)
}

fn headers(delivery: &Delivery, date: String) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &delivery.answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(*name, value);
        }
    }
    if let Ok(date) = HeaderValue::try_from(date) {
        headers.insert(DATE, date);
    }
    if matches!(delivery.answer.payload, Payload::Whole(_)) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(delivery.promised));
    }
    headers
}

/// A payload that is sent at its pace and may end in a reset.
pub(super) struct Paced {
    parts: std::vec::IntoIter<Bytes>,
    length: Option<u64>,
    delay: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
    ending: Ending,
    connection: CloseSwitch,
}

#[derive(Clone, Copy)]
enum Ending {
    Clean,
    /// What was written is flushed first: a body that is pending is.
    FlushThenReset,
    Reset,
}

impl Paced {
    fn of(delivery: &Delivery, connection: CloseSwitch) -> Self {
        let (parts, length) = match &delivery.answer.payload {
            Payload::Whole(bytes) => (vec![bytes.clone()], u64::try_from(delivery.promised).ok()),
            Payload::Events(frames) => (frames.clone(), None),
        };
        Self {
            parts: parts.into_iter(),
            length,
            delay: delivery.event_delay,
            sleep: None,
            ending: match delivery.close {
                Close::Never => Ending::Clean,
                Close::BeforeAnswer | Close::AfterPayload => Ending::FlushThenReset,
            },
            connection,
        }
    }

    fn poll_pause(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.delay.is_zero() || self.length.is_some() || self.parts.as_slice().is_empty() {
            return Poll::Ready(());
        }
        let delay = self.delay;
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(delay)));
        let woken = sleep.as_mut().poll(context);
        if woken.is_ready() {
            self.sleep = None;
        }
        woken
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Reset>>> {
        match self.ending {
            Ending::Clean => Poll::Ready(None),
            Ending::FlushThenReset => {
                self.ending = Ending::Reset;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Ending::Reset => {
                self.connection.reset();
                Poll::Ready(Some(Err(Reset)))
            }
        }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = Reset;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Reset>>> {
        std::task::ready!(self.poll_pause(context));
        match self.parts.next() {
            Some(part) => Poll::Ready(Some(Ok(Frame::data(part)))),
            None => self.poll_end(context),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}
