//! Sends a request to AWS, or wherever the configuration points.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::Request;

use super::choices::{Choices, Signing};
use super::credentials::{Authority, Sources};
use super::endpoint::Endpoint;
use super::named::{Named, NamedBy};
use super::second_try::{Complaint, Skew};
use super::settings::Settings;
use super::silence::SilenceLimit;
use super::wire::{Timeouts, Wire};
use super::{Outgoing, UpstreamError, outgoing, signing};
use crate::clock::SharedClock;
use crate::environment::Environment;

/// Who is asked, and as whom. A copy of it shares its credentials and connections.
#[derive(Clone)]
pub struct Upstream(Arc<Shared>);

/// Without its settings: what they are read from holds credentials.
impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("region", &self.region())
            .field("signing", &self.0.signing)
            .finish_non_exhaustive()
    }
}

struct Shared {
    named: Option<Named>,
    /// What the user chose, before any client.
    region: Option<String>,
    signing: Signing,
    timeouts: Timeouts,
    settings: Settings,
    sources: Sources,
    wire: Wire,
    clock: SharedClock,
    skew: Skew,
}

impl Upstream {
    pub(super) async fn new(
        chosen: Choices,
        environment: Environment,
        clock: SharedClock,
    ) -> Result<Self, UpstreamError> {
        let wire = Wire::new(&environment)?;
        let settings = Settings::load(&environment, &wire, &clock).await;
        let by_choice = chosen.endpoint_url.map(|url| Named {
            url,
            by: NamedBy::Choice,
        });
        let named = by_choice.or_else(|| settings.endpoint(&environment));
        if let Some(named) = &named {
            Endpoint::configured(named, "")?;
        }
        Ok(Self(Arc::new(Shared {
            named,
            region: chosen.region,
            signing: chosen.signing.unwrap_or_default(),
            timeouts: chosen.timeouts,
            sources: Sources::new(environment, wire.clone(), clock.clone()),
            settings,
            wire,
            clock,
            skew: Skew::default(),
        })))
    }

    /// Where a request of a client in `region` goes.
    ///
    /// # Errors
    /// No region is known, or it has no endpoint.
    pub async fn endpoint(&self, region: Option<&str>) -> Result<Endpoint, UpstreamError> {
        let chosen = self.0.region.as_deref().or(region);
        let known = chosen.or_else(|| self.0.settings.region());
        if let Some(named) = &self.0.named {
            let endpoint = Endpoint::configured(named, known.unwrap_or_default())?;
            if known.is_some() || !self.signs(&endpoint) {
                return Ok(endpoint);
            }
        }
        let region = match known {
            Some(region) => region.to_owned(),
            None => self.find_region().await.ok_or(UpstreamError::NoRegion)?,
        };
        match &self.0.named {
            Some(named) => Endpoint::configured(named, &region),
            None => Endpoint::of_region(&region, self.0.settings.variant()).await,
        }
    }

    /// The region that is configured, if any is.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.0
            .region
            .as_deref()
            .or_else(|| self.0.settings.region())
    }

    /// The same, or, where nothing is configured and one is needed, what the machine's own
    /// cloud says.
    pub async fn find_region(&self) -> Option<String> {
        if let Some(region) = self.region() {
            return Some(region.to_owned());
        }
        let named = self.0.named.as_ref();
        let named = named.map(|named| Endpoint::configured(named, ""));
        if let Some(Ok(endpoint)) = named
            && !self.signs(&endpoint)
        {
            return None;
        }
        self.0.sources.region_of_machine().await
    }

    /// The endpoint that is configured in place of the region's own.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        self.0.named.as_ref().map(|named| named.url.as_str())
    }

    /// What environment and profile say, without credentials.
    #[must_use]
    pub fn configuration(&self) -> &SdkConfig {
        self.0.settings.config()
    }

    /// Sends a request; the body of the answer streams as it arrives. Where AWS refuses it
    /// because credentials are over or a clock is wrong, it is sent once more with what is right.
    ///
    /// # Errors
    /// An [`UpstreamError`] as the source of an error of kind `user` where nothing was sent;
    /// else whatever became of the connection.
    pub async fn send(&self, outgoing: Outgoing) -> Result<HttpResponse, ConnectorError> {
        self.send_within(outgoing, self.0.timeouts).await
    }

    /// The same, with other time-outs.
    ///
    /// # Errors
    /// See [`Upstream::send`].
    pub async fn send_within(
        &self,
        outgoing: Outgoing,
        timeouts: Timeouts,
    ) -> Result<HttpResponse, ConnectorError> {
        let (response, signer) = self.once(outgoing.clone(), timeouts).await?;
        if !self.may_pass_now(&response, signer.as_ref()).await {
            return Ok(limited(response, timeouts));
        }
        let (response, _) = self.once(outgoing, timeouts).await?;
        Ok(limited(response, timeouts))
    }

    async fn once(
        &self,
        outgoing: Outgoing,
        timeouts: Timeouts,
    ) -> Result<(HttpResponse, Option<Signer>), ConnectorError> {
        let (request, signer) = self.prepare(outgoing).await?;
        let host = request.uri().host().unwrap_or_default().to_owned();
        let request = HttpRequest::try_from(request.map(SdkBody::from));
        let request = request.map_err(|error| ConnectorError::user(error.into()))?;
        let response = self.0.wire.connector(timeouts).call(request).await;
        let response = response.map_err(|error| match bad_certificate(&error) {
            Some(reason) => UpstreamError::Untrusted { host, reason }.into(),
            None => error,
        })?;
        Ok((response, signer))
    }

    /// Whether the same request, signed anew, has another chance.
    async fn may_pass_now(&self, response: &HttpResponse, signer: Option<&Signer>) -> bool {
        let Some(signer) = signer else { return false };
        match Complaint::of(response) {
            None => false,
            Some(Complaint::Signature) => self.0.skew.learn(response, self.now()),
            Some(Complaint::Expired) => self.0.sources.renew(&signer.key, &signer.region).await,
        }
    }

    /// The request as it goes out: addressed and signed.
    async fn prepare(
        &self,
        client: Outgoing,
    ) -> Result<(Request<Bytes>, Option<Signer>), UpstreamError> {
        let endpoint = self.endpoint(client.region.as_deref()).await?;
        let path = outgoing::path_and_query(&client.path_and_query);
        let mut request = Request::builder()
            .method(client.method)
            .uri(format!("{}{path}", endpoint.url()))
            .body(client.body)
            .map_err(|error| UpstreamError::Unsignable {
                reason: error.to_string(),
            })?;
        *request.headers_mut() = outgoing::headers(&client.headers);
        let signer = self.authorise(&mut request, &endpoint).await?;
        Ok((request, signer))
    }

    async fn authorise(
        &self,
        request: &mut Request<Bytes>,
        endpoint: &Endpoint,
    ) -> Result<Option<Signer>, UpstreamError> {
        match self.authority(endpoint).await? {
            None => Ok(None),
            Some(Authority::Bearer(token)) => {
                signing::bearer(request, &token)?;
                Ok(None)
            }
            Some(Authority::Credentials(credentials)) => {
                let signer = Signer {
                    key: credentials.access_key_id().to_owned(),
                    region: self.region().unwrap_or(endpoint.region()).to_owned(),
                };
                let now = self.0.skew.correct(self.now());
                signing::sigv4(request, credentials, endpoint.region(), now)?;
                Ok(Some(signer))
            }
        }
    }

    /// What a request to an endpoint is authorised by, if by anything.
    pub(super) async fn authority(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Option<Authority>, UpstreamError> {
        if !self.signs(endpoint) {
            return Ok(None);
        }
        if endpoint.is_in_the_clear() {
            return Err(UpstreamError::PlainHttp {
                host: endpoint.authority().to_owned(),
            });
        }
        let region = self.region().unwrap_or(endpoint.region());
        self.0.sources.authority(endpoint, region).await.map(Some)
    }

    pub(super) fn environment(&self) -> &Environment {
        self.0.sources.environment()
    }

    pub(super) fn has_chosen_region(&self) -> bool {
        self.0.region.is_some()
    }

    fn now(&self) -> SystemTime {
        SystemTime::from(self.0.clock.now())
    }

    fn signs(&self, endpoint: &Endpoint) -> bool {
        match self.0.signing {
            Signing::Auto => !endpoint.is_loopback(),
            Signing::Always => true,
            Signing::Never => false,
        }
    }
}

/// What TLS says of a certificate that it does not take. No try would go better, and nothing
/// was sent.
fn bad_certificate(error: &ConnectorError) -> Option<String> {
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        let text = error.to_string();
        if text.starts_with("invalid peer certificate") {
            return Some(text);
        }
        next = error.source();
    }
    None
}

/// Whose signature a request carries.
struct Signer {
    key: String,
    /// Where the credential chain asks.
    region: String,
}

/// A body that does not stay silent for ever.
fn limited(mut response: HttpResponse, timeouts: Timeouts) -> HttpResponse {
    if let Some(longest) = timeouts.silence {
        let body = SilenceLimit::new(response.take_body(), longest);
        *response.body_mut() = SdkBody::from_body_1_x(body);
    }
    response
}
