//! One transmission that is sent on: whatever comes of it becomes an attempt of its ticket.

use std::future::Future;
use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use super::fault;
use super::recording_body::{Head, RecordingBody};
use crate::exchange::{Attempt, Fault, Headers, Outcome, Provenance, SIMULATED_HEADER};
use crate::playback::{Playback, Ticket};

/// Waits for what `sent` comes to, and records it: a response's body as it is read, a fault
/// before it is told; what was never sent is not recorded. Dropped before that, it records that the caller gave up.
///
/// # Errors
/// What `sent` failed with; or that the fault could not be recorded.
pub async fn forward(
    playback: &Arc<Playback>,
    ticket: Box<Ticket>,
    sent: impl Future<Output = Result<HttpResponse, ConnectorError>>,
) -> Result<HttpResponse, ConnectorError> {
    let mut waiting = Waiting {
        playback,
        ticket: Some(ticket),
    };
    match sent.await {
        Ok(response) => Ok(waiting.answered(response)),
        // Nothing was sent: there is nothing to keep.
        Err(error) if error.is_user() => {
            waiting.ticket = None;
            Err(error)
        }
        Err(error) => {
            waiting.failed(fault::of_connector(&error)).await?;
            Err(error)
        }
    }
}

/// A transmission without an answer yet. Dropped before one came, it is recorded as given up:
/// that is how the SDK's operation time-outs, and a caller that loses interest, look from here.
struct Waiting<'a> {
    playback: &'a Arc<Playback>,
    ticket: Option<Box<Ticket>>,
}

impl Waiting<'_> {
    /// Lets the answer through a body that records it.
    fn answered(&mut self, mut response: HttpResponse) -> HttpResponse {
        let Some(ticket) = self.ticket.take() else {
            return response;
        };
        let headers = response.headers();
        let head = Head {
            status: response.status().as_u16(),
            provenance: if headers.contains_key(SIMULATED_HEADER) {
                Provenance::Simulated
            } else {
                Provenance::Live
            },
            length: headers
                .get("content-length")
                .and_then(|length| length.parse().ok()),
            first_byte: self.playback.since(&ticket),
            headers: Headers::of_response(headers.iter()),
        };
        let inner = response.take_body();
        let body = RecordingBody::new(Arc::clone(self.playback), ticket, head, inner);
        *response.body_mut() = SdkBody::from_body_1_x(body);
        response
    }

    async fn failed(&mut self, fault: Fault) -> Result<(), ConnectorError> {
        let Some(mut ticket) = self.ticket.take() else {
            return Ok(());
        };
        let attempt = fault_attempt(self.playback, &ticket, fault);
        let pending = self.playback.record(&mut ticket, &attempt, None);
        let recorded = match pending {
            Ok(pending) => pending.await,
            Err(error) => Err(error),
        };
        recorded.map(drop).map_err(|error| {
            self.playback.not_recorded(&mut ticket, &error);
            ConnectorError::user(error.into())
        })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(mut ticket) = self.ticket.take() else {
            return;
        };
        let attempt = fault_attempt(self.playback, &ticket, fault::given_up());
        let recorded = self.playback.record(&mut ticket, &attempt, None);
        if let Err(error) = recorded.map(drop) {
            tracing::error!("a call that was given up could not be recorded: {error}");
        }
    }
}

fn fault_attempt(playback: &Playback, ticket: &Ticket, fault: Fault) -> Attempt {
    let elapsed = playback.since(ticket);
    Attempt {
        outcome: Outcome::Fault(fault),
        first_byte: elapsed,
        total: elapsed,
    }
}
