//! What a cassette sends on goes through [`Upstream`], which signs it: the SDK before it needs
//! no credentials, so that what is recorded replays without.

use aws_sdk_bedrockruntime::config::{BehaviorVersion, Builder, Config, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use bytes::Bytes;

use super::offline::ANY_REGION;
use super::passage::Passage;
use crate::upstream::{Outgoing, Timeouts, Upstream};

/// A body without an end, which no signature over the whole can cover.
#[derive(Debug, thiserror::Error)]
#[error(
    "a two-way stream is not sent on by this client (use an SDK configuration of your own with `Cassette::configure`, in mode `passthrough`)"
)]
struct TwoWay;

/// An HTTP client that hands each request to an upstream.
#[derive(Debug, Clone)]
pub struct ToUpstream {
    upstream: Upstream,
    /// The region of a request whose host names none.
    region: Option<String>,
}

impl ToUpstream {
    pub fn new(upstream: Upstream, region: Option<String>) -> Self {
        Self { upstream, region }
    }
}

impl HttpClient for ToUpstream {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(UpstreamConnector {
            to: self.clone(),
            timeouts: Timeouts {
                connect: settings.connect_timeout(),
                answer: settings.read_timeout(),
                // The SDK watches its bodies by itself.
                silence: None,
            },
        })
    }
}

#[derive(Debug)]
struct UpstreamConnector {
    to: ToUpstream,
    timeouts: Timeouts,
}

impl HttpConnector for UpstreamConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (to, timeouts) = (self.to.clone(), self.timeouts);
        let chosen = Passage::current().and_then(|passage| passage.region().map(str::to_owned));
        HttpConnectorFuture::new(async move {
            let outgoing = to.outgoing(request, chosen)?;
            to.upstream.send_within(outgoing, timeouts).await
        })
    }
}

impl ToUpstream {
    /// `chosen` is the region that this call is made in, where it is not the client's own.
    fn outgoing(
        &self,
        request: HttpRequest,
        chosen: Option<String>,
    ) -> Result<Outgoing, ConnectorError> {
        let unwritten = |error| ConnectorError::user(Box::new(error));
        let request = request.try_into_http1x().map_err(unwritten)?;
        let (head, body) = request.into_parts();
        let body = body
            .bytes()
            .ok_or_else(|| ConnectorError::user(TwoWay.into()))?;
        let host = head.uri.host().unwrap_or_default();
        let path_and_query = head.uri.path_and_query();
        Ok(Outgoing {
            method: head.method,
            path_and_query: path_and_query.map_or_else(|| "/".to_owned(), ToString::to_string),
            region: chosen.or_else(|| self.region_of(host)),
            body: Bytes::copy_from_slice(body),
            headers: head.headers,
        })
    }

    /// The region that the SDK's own endpoint names: a caller may have chosen it for this call.
    fn region_of(&self, host: &str) -> Option<String> {
        let named = region_in(host);
        match &self.region {
            // Nobody chose this one.
            None => named.filter(|region| *region != ANY_REGION),
            Some(configured) => Some(named.unwrap_or(configured)),
        }
        .map(str::to_owned)
    }
}

/// `bedrock-runtime.REGION.…`, `bedrock-runtime-fips.REGION.…`
fn region_in(host: &str) -> Option<&str> {
    let rest = host
        .strip_prefix("bedrock-runtime.")
        .or_else(|| host.strip_prefix("bedrock-runtime-fips."))?;
    rest.split('.').next()
}

/// An SDK configuration that leaves the signature to the upstream; all else is as environment
/// and profile say.
pub fn configuration(upstream: &Upstream, region: Option<&str>) -> Builder {
    let shared = upstream.configuration();
    let mut builder = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.unwrap_or(ANY_REGION).to_owned()))
        .allow_no_auth();
    builder.set_app_name(shared.app_name().cloned());
    builder.set_retry_config(shared.retry_config().cloned());
    builder.set_timeout_config(shared.timeout_config().cloned());
    match upstream.endpoint_url() {
        Some(url) => builder.endpoint_url(url),
        None => builder
            .use_fips(shared.use_fips().unwrap_or_default())
            .use_dual_stack(shared.use_dual_stack().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_read_from_bedrocks_own_hosts_alone() {
        for (host, expected) in [
            ("bedrock-runtime.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("bedrock-runtime-fips.us-east-1.api.aws", Some("us-east-1")),
            ("vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com", None),
            ("127.0.0.1", None),
        ] {
            assert_eq!(region_in(host), expected, "{host}");
        }
    }
}
