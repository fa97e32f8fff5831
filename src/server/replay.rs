//! A recorded attempt, played to the client: its answer byte for byte, its fault as a
//! connection shows it.

use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::body::AnswerBody;
use super::refusal::{Refusal, SOURCE_HEADER};
use super::tally::Tally;
use super::tokens::Tokens;
use crate::exchange::{self, Ending, Fault, FaultKind, Headers, Outcome, SIMULATED_HEADER};
use crate::identity::RequestKey;
use crate::playback::{Pace, Replayed};
use crate::relay::{ReplayBody, Span, is_at_once, scaled};
use crate::socket::CloseSwitch;

/// The header that names the exchange by its request key.
pub const KEY_HEADER: &str = "x-bedrock-replay-key";

/// Why a client gets no recorded answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// It gets an error instead.
    Refused(Refusal),
    /// Its connection is ended.
    Cut,
}

impl From<Refusal> for NoAnswer {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// How an attempt is played.
#[derive(Debug, Clone)]
pub struct Playing {
    /// How fast.
    pub pace: Pace,
    /// Whether no model was asked when it was recorded.
    pub is_simulated: bool,
    /// Counts the answer's tokens.
    pub tally: Arc<Tally>,
    /// Ends the client's connection hard.
    pub switch: CloseSwitch,
}

/// Plays an attempt.
///
/// # Errors
/// Its fault.
pub async fn play(replayed: Replayed, playing: Playing) -> Result<Response<AnswerBody>, NoAnswer> {
    let span = Span {
        first_byte: replayed.attempt.first_byte,
        total: replayed.attempt.total,
    };
    if playing.pace != Pace::Instant {
        tokio::time::sleep(scaled(span.first_byte, playing.pace)).await;
    }
    match replayed.attempt.outcome {
        Outcome::Fault(fault) => Err(no_answer(&fault, &playing.switch)),
        Outcome::Response(response) => Ok(answer(response, span, replayed.slot.key, playing)?),
    }
}

/// At an instant pace nobody waits for a time-out either: the connection ends at once.
fn no_answer(fault: &Fault, switch: &CloseSwitch) -> NoAnswer {
    match fault.kind {
        FaultKind::Reset => {
            switch.reset();
            NoAnswer::Cut
        }
        FaultKind::Refused | FaultKind::Closed | FaultKind::Timeout | FaultKind::GivenUp => {
            NoAnswer::Cut
        }
        // The SDK that met it did not try again, and this one shall not either.
        _ => Refusal::invalid(format!("recorded transport fault: {fault}")).into(),
    }
}

fn answer(
    recorded: exchange::Response,
    span: Span,
    key: RequestKey,
    playing: Playing,
) -> Result<Response<AnswerBody>, Refusal> {
    let status = StatusCode::from_u16(recorded.status)
        .map_err(|_| Refusal::invalid(format!("the recorded status {}", recorded.status)))?;
    let mut headers = headers(&recorded.headers)?;
    leave_out_what_does_not_hold(&mut headers, &recorded);
    if let Some(tokens) = Tokens::of(&headers, &recorded.body.bytes) {
        playing.tally.spent(tokens);
    }
    headers.insert(SOURCE_HEADER, HeaderValue::from_static("hit"));
    if let Ok(key) = HeaderValue::try_from(key.short()) {
        headers.insert(KEY_HEADER, key);
    }
    if playing.is_simulated {
        headers.insert(SIMULATED_HEADER, HeaderValue::from_static("1"));
    }
    let mut response = Response::new(body(recorded, span, playing));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn body(recorded: exchange::Response, span: Span, playing: Playing) -> AnswerBody {
    if is_at_once(&recorded, playing.pace) && !recorded.is_event_stream() {
        return AnswerBody::whole(recorded.body.bytes);
    }
    AnswerBody::replayed(
        ReplayBody::new(recorded, span, playing.pace),
        playing.switch,
    )
}

/// What a recording says of its connection holds only where it can be done again: publishers
/// redact these headers, too.
fn leave_out_what_does_not_hold(headers: &mut HeaderMap, recorded: &exchange::Response) {
    if !length_holds(headers, recorded) {
        headers.remove(CONTENT_LENGTH);
    }
    if headers
        .get(TRANSFER_ENCODING)
        .is_some_and(|value| value != "chunked")
    {
        headers.remove(TRANSFER_ENCODING);
    }
    let does_hold = |value: &HeaderValue| value == "keep-alive" || value == "close";
    if !headers.get(CONNECTION).is_some_and(does_hold) {
        headers.remove(CONNECTION);
    }
}

/// Whether the recorded length may be announced: of a whole body it has to be its length, of
/// one that ends early it has to promise more.
fn length_holds(headers: &HeaderMap, recorded: &exchange::Response) -> bool {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| {
        let length: Option<usize> = length.to_str().ok()?.parse().ok();
        length
    });
    let length = recorded.body.bytes.len();
    match recorded.ending {
        Ending::Complete => announced == Some(length),
        _ => announced > Some(length),
    }
}

fn headers(recorded: &Headers) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::with_capacity(16);
    for (line, value) in recorded.iter() {
        let damaged = || Refusal::invalid(format!("the recorded header `{line}` is none"));
        let name = HeaderName::from_bytes(line.as_bytes()).map_err(|_| damaged())?;
        let value = HeaderValue::from_str(value).map_err(|_| damaged())?;
        headers.append(name, value);
    }
    Ok(headers)
}
