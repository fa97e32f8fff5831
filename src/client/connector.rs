//! The seam in the AWS SDK: a connector that asks the playback what each request gets.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;

use super::recording_body::{Head, RecordingBody};
use super::replay_body::{Span, scaled, sdk_body};
use super::{fault, wire};
use crate::cassette::CassetteError;
use crate::exchange::{Attempt, Fault, Outcome, Provenance, SIMULATED_HEADER};
use crate::playback::{Decision, Mode, Pace, Playback, Replayed, Scope, Ticket};

/// Makes connectors around one playback.
#[derive(Debug)]
pub struct ReplayHttpClient<C> {
    playback: Arc<Playback>,
    inner: C,
}

impl<C: HttpClient> ReplayHttpClient<C> {
    /// Forwards through `inner` what the playback forwards.
    pub const fn new(playback: Arc<Playback>, inner: C) -> Self {
        Self { playback, inner }
    }
}

impl<C: HttpClient> HttpClient for ReplayHttpClient<C> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(ReplayConnector {
            playback: Arc::clone(&self.playback),
            // A replay has no use for a connector, and may not be able to build one.
            inner: self
                .playback
                .mode()
                .forwards()
                .then(|| self.inner.http_connector(settings, components)),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        if !self.playback.mode().forwards() {
            return Ok(());
        }
        self.inner.validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        if !self.playback.mode().forwards() {
            return Ok(());
        }
        self.inner.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct ReplayConnector {
    playback: Arc<Playback>,
    inner: Option<SharedHttpConnector>,
}

/// A request in a mode that forwards, but with nothing to forward it through.
#[derive(Debug, thiserror::Error)]
#[error(
    "mode `{0}` sends this request on, but this client can only replay (give `Cassette::http_client` a client that reaches AWS)"
)]
struct NothingBehind(Mode);

impl HttpConnector for ReplayConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // The scope is the caller's: it is read before anything is awaited elsewhere.
        let call = Call {
            playback: Arc::clone(&self.playback),
            inner: self.inner.clone(),
            scope: Scope::current(),
        };
        HttpConnectorFuture::new(call.run(request))
    }
}

struct Call {
    playback: Arc<Playback>,
    inner: Option<SharedHttpConnector>,
    scope: Scope,
}

impl Call {
    async fn run(self, mut http: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        if self.playback.mode() == Mode::Passthrough {
            return self.send(http).await;
        }
        let request = wire::read_request(&mut http).await?;
        let decision = self.playback.decide(request, &self.scope);
        match decision.map_err(|error| ConnectorError::user(error.into()))? {
            Decision::Replay(replayed) => self.replay(*replayed).await,
            Decision::Forward(ticket) => self.forward(http, ticket).await,
            Decision::Pass => self.send(http).await,
            Decision::Miss(miss) => Err(ConnectorError::user(miss)),
        }
    }

    async fn send(&self, http: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let nothing = || ConnectorError::user(NothingBehind(self.playback.mode()).into());
        self.inner.as_ref().ok_or_else(nothing)?.call(http).await
    }

    async fn replay(&self, replayed: Replayed) -> Result<HttpResponse, ConnectorError> {
        let pace = self.playback.pace();
        let span = Span {
            first_byte: replayed.attempt.first_byte,
            total: replayed.attempt.total,
        };
        if pace != Pace::Instant {
            tokio::time::sleep(scaled(span.first_byte, pace)).await;
        }
        let response = match replayed.attempt.outcome {
            Outcome::Fault(fault) => return Err(fault::to_connector(&fault)),
            Outcome::Response(response) => response,
        };
        let (status, headers) = (response.status, response.headers.clone());
        wire::response(status, &headers, sdk_body(response, span, pace))
    }

    async fn forward(
        &self,
        http: HttpRequest,
        ticket: Box<Ticket>,
    ) -> Result<HttpResponse, ConnectorError> {
        let mut waiting = Waiting {
            playback: &self.playback,
            ticket: Some(ticket),
        };
        match self.send(http).await {
            Ok(response) => Ok(waiting.answered(response)),
            Err(error) => {
                waiting.failed(fault::of_connector(&error)).await?;
                Err(error)
            }
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
            headers: wire::response_headers(headers),
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
        let unrecorded = |error: CassetteError| {
            self.playback.not_recorded(&error);
            ConnectorError::user(error.into())
        };
        pending.map_err(unrecorded)?.await.map_err(unrecorded)?;
        Ok(())
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
