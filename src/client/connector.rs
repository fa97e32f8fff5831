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

use super::passage::{Passage, Way, Whereabouts};
use super::wire;
use crate::exchange::{Origin, Outcome, Response};
use crate::playback::{Decision, Missing, Mode, Pace, Playback, Replayed, Scope, Ticket};
use crate::relay::{self, ReplayBody, Span, scaled};

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
            passage: Passage::current(),
        };
        HttpConnectorFuture::new(call.run(request))
    }
}

struct Call {
    playback: Arc<Playback>,
    inner: Option<SharedHttpConnector>,
    scope: Scope,
    passage: Option<Arc<Passage>>,
}

impl Call {
    async fn run(self, mut http: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        if self.playback.mode() == Mode::Passthrough {
            let host = wire::host(&http);
            self.leave(&self.placed(Origin::of_host(&host))).await?;
            return self.send(http).await;
        }
        let mut request = wire::read_request(&mut http).await?;
        request.origin = self.placed(request.origin);
        let decision = self.playback.decide(request, &self.scope);
        match decision.map_err(|error| ConnectorError::user(error.into()))? {
            Decision::Replay(replayed) => self.replay(*replayed).await,
            Decision::Forward(mut ticket) => {
                self.leave(&ticket.request().origin).await?;
                self.playback.leaves_now(&mut ticket);
                self.forward(http, ticket).await
            }
            Decision::Pass => self.send(http).await,
            Decision::Miss(missing) => Err(self.missed(&missing)),
        }
    }

    fn missed(&self, missing: &Missing) -> ConnectorError {
        match self.playback.explain(missing) {
            Ok(miss) => ConnectorError::user(miss.into()),
            Err(error) => ConnectorError::user(error.into()),
        }
    }

    /// An endpoint whose host names no region stands for the one that was chosen.
    fn placed(&self, mut origin: Origin) -> Origin {
        if origin.region.is_none() {
            let chosen = self.passage.as_ref().and_then(|passage| passage.region());
            origin.region = chosen.map(str::to_owned);
        }
        origin
    }

    async fn leave(&self, to: &Origin) -> Result<(), ConnectorError> {
        let Some(passage) = &self.passage else {
            return Ok(());
        };
        passage.leave().await.map_err(ConnectorError::user)?;
        passage.note_answer(Whereabouts {
            region: to.region.clone(),
            recorded_at: None,
        });
        Ok(())
    }

    async fn send(&self, http: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let nothing = || ConnectorError::user(NothingBehind(self.playback.mode()).into());
        self.inner.as_ref().ok_or_else(nothing)?.call(http).await
    }

    async fn replay(&self, replayed: Replayed) -> Result<HttpResponse, ConnectorError> {
        if let Some(passage) = &self.passage {
            passage.note(Way::Replayed {
                number: replayed.number,
                total: replayed.attempt.total,
            });
            let whence = self.playback.whence(&replayed.slot);
            if let Some(whence) = whence.map_err(|error| ConnectorError::user(error.into()))? {
                passage.note_answer(Whereabouts {
                    region: whence.region,
                    recorded_at: Some(whence.at),
                });
            }
        }
        let pace = self.playback.pace();
        let span = Span {
            first_byte: replayed.attempt.first_byte,
            total: replayed.attempt.total,
        };
        if pace != Pace::Instant {
            tokio::time::sleep(scaled(span.first_byte, pace)).await;
        }
        let mut response = match replayed.attempt.outcome {
            Outcome::Fault(fault) => return Err(relay::to_connector(&fault)),
            Outcome::Response(response) => response,
        };
        let headers = std::mem::take(&mut response.headers);
        wire::response(response.status, headers, sdk_body(response, span, pace))
    }

    async fn forward(
        &self,
        http: HttpRequest,
        ticket: Box<Ticket>,
    ) -> Result<HttpResponse, ConnectorError> {
        if let Some(passage) = &self.passage {
            passage.note_took(ticket.took());
        }
        relay::forward(&self.playback, ticket, self.send(http)).await
    }
}

/// The body of a recorded response, for the SDK.
fn sdk_body(response: Response, span: Span, pace: Pace) -> SdkBody {
    if relay::is_at_once(&response, pace) {
        return SdkBody::from(response.body.bytes);
    }
    SdkBody::from_body_1_x(ReplayBody::new(response, span, pace))
}
