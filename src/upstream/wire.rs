//! The HTTP client: TLS by ring, the environment's proxies, time-outs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use http::Uri;

use super::UpstreamError;
use super::endpoint::is_loopback;
use super::trust::trust;
use crate::environment::Environment;

/// How long is waited for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Option<Duration>,
    /// For the first byte of an answer. By default the hour that Bedrock itself allows a call:
    /// whoever called gives up earlier, and what is paid for should not be cut here.
    pub answer: Option<Duration>,
    /// For the next byte of an answer that has begun.
    pub silence: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            answer: Some(Duration::from_hours(1)),
            silence: Some(Duration::from_mins(5)),
        }
    }
}

/// Makes connectors, one for each choice of time-outs, and keeps their connections.
#[derive(Debug, Clone)]
pub struct Wire(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ways: Ways,
    connectors: Mutex<HashMap<Timeouts, SharedHttpConnector>>,
}

/// A proxy for each scheme, and who is trusted.
#[derive(Debug)]
struct Ways {
    trust: TlsContext,
    https: Option<ProxyConfig>,
    http: Option<ProxyConfig>,
}

impl Wire {
    /// Reads the environment's proxies, and the certificates that it names.
    pub fn new(environment: &Environment) -> Result<Self, UpstreamError> {
        let ways = Ways {
            trust: trust(environment)?,
            https: proxy(environment, &["HTTPS_PROXY", "https_proxy"])?,
            http: proxy(environment, &["HTTP_PROXY", "http_proxy"])?,
        };
        Ok(Self(Arc::new(Shared {
            ways,
            connectors: Mutex::default(),
        })))
    }

    /// A connector with these time-outs.
    pub fn connector(&self, timeouts: Timeouts) -> SharedHttpConnector {
        // Silence is measured on the body, whatever the connection.
        let key = Timeouts {
            silence: None,
            ..timeouts
        };
        let connectors = self.0.connectors.lock();
        let mut connectors = connectors.unwrap_or_else(PoisonError::into_inner);
        let connector = connectors
            .entry(key)
            .or_insert_with(|| SharedHttpConnector::new(self.0.ways.routed(timeouts)));
        connector.clone()
    }
}

/// What the credential chain asks STS, SSO and metadata with.
impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector(Timeouts {
            connect: settings.connect_timeout(),
            answer: settings.read_timeout(),
            silence: None,
        })
    }
}

impl Ways {
    fn routed(&self, timeouts: Timeouts) -> Routed {
        let by = |proxy: &ProxyConfig| self.connector(timeouts, Some(proxy.clone()));
        Routed {
            direct: Arc::new(self.connector(timeouts, None)),
            https: self.https.as_ref().map(by),
            http: self.http.as_ref().map(by),
        }
    }

    fn connector(&self, timeouts: Timeouts, proxy: Option<ProxyConfig>) -> Connector {
        let mut settings = HttpConnectorSettings::builder();
        settings.set_connect_timeout(timeouts.connect);
        settings.set_read_timeout(timeouts.answer);
        let mut builder = Connector::builder().connector_settings(settings.build());
        builder.set_proxy_config(proxy);
        builder
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(self.trust.clone())
            .build()
    }
}

/// Connectors by the way that they take.
#[derive(Debug)]
struct Routed {
    direct: Arc<Connector>,
    https: Option<Connector>,
    http: Option<Connector>,
}

impl HttpConnector for Routed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri: Uri = request.uri().parse().unwrap_or_default();
        let proxied = match uri.scheme_str() {
            _ if stays_near(&uri) => None,
            Some("https") => self.https.as_ref(),
            _ => self.http.as_ref(),
        };
        proxied.unwrap_or(&self.direct).call(request)
    }
}

/// This machine, and the addresses at which it asks its own cloud for credentials: no proxy
/// reaches the right one for us.
fn stays_near(uri: &Uri) -> bool {
    is_loopback(uri) || uri.host().is_some_and(|host| host.starts_with("169.254."))
}

fn proxy(
    environment: &Environment,
    variables: &[&str],
) -> Result<Option<ProxyConfig>, UpstreamError> {
    let everywhere = ["ALL_PROXY", "all_proxy"];
    let mut set = variables.iter().chain(&everywhere);
    let Some((variable, url)) = set.find_map(|name| environment.get(name).map(|url| (*name, url)))
    else {
        return Ok(None);
    };
    let config = ProxyConfig::all(url).map_err(|_| UpstreamError::BadProxy {
        variable: variable.to_owned(),
    })?;
    let except = environment
        .get("NO_PROXY")
        .or_else(|| environment.get("no_proxy"));
    Ok(Some(match except {
        Some(hosts) => config.no_proxy(hosts),
        None => config,
    }))
}
