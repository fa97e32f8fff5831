//! A request that is sent on: what comes back goes to the client as it arrives.

use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderName, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::BodyExt as _;

use super::body::AnswerBody;
use super::passing::Passing;
use super::refusal::{Refusal, SOURCE_HEADER};
use super::sender::{Outgoing, Sender};
use super::tally::Tally;
use super::tokens::Tokens;
use super::witness::Source;
use crate::cassette::CassetteError;
use crate::exchange::FaultKind;
use crate::playback::{Mode, Playback, Ticket};
use crate::relay;

/// What belongs to the upstream's own connection.
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What sends, in a mode that does.
///
/// # Errors
/// Where there is nothing to send through.
pub fn sender(sender: Option<&Arc<dyn Sender>>, mode: Mode) -> Result<&Arc<dyn Sender>, Refusal> {
    sender.ok_or_else(|| {
        Refusal::invalid(format!(
            "mode `{mode}` sends this request on, but this endpoint can only replay"
        ))
    })
}

/// Why a request that was to be recorded has no answer.
#[derive(Debug)]
pub enum Failure {
    /// Nothing of it is in the cassette: it was never sent, or could not be written.
    Unrecorded(Refusal),
    /// The upstream failed, and that is recorded.
    Recorded(Refusal),
}

/// Sends a request and records what comes of it.
///
/// # Errors
/// What became of the transmission, in AWS's form.
pub async fn record(
    playback: &Arc<Playback>,
    ticket: Box<Ticket>,
    sender: &dyn Sender,
    outgoing: Outgoing,
    tally: &Arc<Tally>,
) -> Result<Response<AnswerBody>, Failure> {
    let is_stream = ticket.request().target.operation().is_stream();
    let sent = relay::forward(playback, ticket, sender.send(outgoing)).await;
    let answer = sent.map_err(|error| {
        let is_unrecorded = error.is_user();
        let refusal = failed(&error);
        if is_unrecorded {
            Failure::Unrecorded(refusal)
        } else {
            Failure::Recorded(refusal)
        }
    })?;
    let passed = pass_on(answer, Source::Recorded, is_stream, tally).await;
    passed.map_err(Failure::Recorded)
}

/// Sends a request and records nothing.
///
/// # Errors
/// What became of the transmission, in AWS's form.
pub async fn pass(
    sender: &dyn Sender,
    outgoing: Outgoing,
    tally: &Arc<Tally>,
) -> Result<Response<AnswerBody>, Refusal> {
    let sent = sender.send(outgoing).await;
    pass_on(
        sent.map_err(|error| failed(&error))?,
        Source::Passed,
        true,
        tally,
    )
    .await
}

/// What was never sent says why, and is not tried again; nor is what no SDK tries again when
/// it meets it by itself, such as an answer that is no HTTP.
pub fn failed(error: &ConnectorError) -> Refusal {
    if error.is_user() {
        let what = if is_unwritten(error) {
            "the upstream failed, and that could not be recorded"
        } else {
            "nothing was sent"
        };
        return Refusal::invalid(format!("{what}: {}", causes(error)));
    }
    let fault = relay::of_connector(error);
    let message = format!("the upstream did not answer: {fault}");
    match fault.kind {
        FaultKind::Other => Refusal::invalid(message),
        _ => Refusal::unavailable(message),
    }
}

fn is_unwritten(error: &ConnectorError) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(<dyn std::error::Error>::is::<CassetteError>)
}

fn causes(error: &ConnectorError) -> String {
    let mut words = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        words.push(error.to_string());
        next = error.source();
    }
    words.join(": ")
}

/// A stream goes on frame by frame. Any other answer is of use only when it is whole: it is
/// waited for, so that half of one can still become an error.
async fn pass_on(
    response: HttpResponse,
    source: Source,
    is_stream: bool,
    tally: &Arc<Tally>,
) -> Result<Response<AnswerBody>, Refusal> {
    let response = response.try_into_http1x();
    let response = response.map_err(|error| Refusal::unavailable(causes_of(&error)))?;
    let (mut parts, body) = response.into_parts();
    leave_out_hops(&mut parts.headers);
    parts
        .headers
        .insert(SOURCE_HEADER, HeaderValue::from_static(source.name()));
    let body = if is_stream && parts.status.is_success() {
        AnswerBody::passing(body, Passing::new(parts.headers.clone(), Arc::clone(tally)))
    } else {
        parts.headers.remove(CONTENT_LENGTH);
        let body = whole(body).await?;
        if let Some(tokens) = Tokens::of(&parts.headers, &body) {
            tally.spent(tokens);
        }
        AnswerBody::whole(body)
    };
    Ok(Response::from_parts(parts, body))
}

async fn whole(body: SdkBody) -> Result<Bytes, Refusal> {
    let collected = body.collect().await.map_err(|error| {
        let fault = relay::of_body(error.as_ref());
        Refusal::unavailable(format!("the upstream sent half an answer: {fault}"))
    })?;
    Ok(collected.to_bytes())
}

fn causes_of(error: &dyn std::error::Error) -> String {
    format!("the upstream's answer is not HTTP: {error}")
}

fn leave_out_hops(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}
