//! What an endpoint records from: AWS, or wherever the configuration points.

use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Origin;
use bedrock_replay::server::{Outgoing, Sender, Sending};
use bedrock_replay::upstream::{self, Timeouts, Upstream, UpstreamError};

/// Signs and sends.
#[derive(Debug)]
pub struct Upwards(Upstream);

impl Upwards {
    /// Reads environment and profile; the command line's choices win.
    pub async fn load(
        environment: &Environment,
        endpoint_url: Option<&str>,
        region: Option<&str>,
        timeouts: Timeouts,
    ) -> Result<Self, UpstreamError> {
        let upstream = Upstream::builder()
            .environment(environment.clone())
            .endpoint_url(endpoint_url.map(str::to_owned))
            .region(region.map(str::to_owned))
            .timeouts(timeouts);
        Ok(Self(upstream.load().await?))
    }

    /// Host and port, where they are known before a client says its region.
    pub async fn authority(&self) -> Option<String> {
        let endpoint = self.0.endpoint(None).await.ok()?;
        Some(endpoint.authority().to_owned())
    }

    /// The region that is configured, if any is.
    pub fn region(&self) -> Option<&str> {
        self.0.region()
    }

    pub fn shared(self) -> Arc<dyn Sender> {
        Arc::new(self)
    }
}

impl Sender for Upwards {
    fn origin<'a>(
        &'a self,
        region: Option<&'a str>,
    ) -> Sending<'a, Result<Origin, ConnectorError>> {
        Box::pin(async move {
            let endpoint = self.0.endpoint(region).await;
            let endpoint = endpoint.map_err(|error| ConnectorError::user(error.into()))?;
            let region = Some(endpoint.region()).filter(|region| !region.is_empty());
            Ok(Origin {
                host: endpoint.authority().to_owned(),
                region: region.map(str::to_owned),
            })
        })
    }

    fn send(&self, client: Outgoing) -> Sending<'_, Result<HttpResponse, ConnectorError>> {
        Box::pin(self.0.send(upstream::Outgoing {
            method: client.method,
            path_and_query: client.path_and_query,
            headers: client.headers,
            body: client.body,
            region: client.region,
        }))
    }
}
