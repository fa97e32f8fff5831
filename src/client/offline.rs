//! What an SDK client needs when nothing it sends leaves the process: no credentials, no TLS,
//! no time lost in back-off.

use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// A network that is not there.
#[derive(Debug, Clone, Copy)]
pub struct NoNetwork;

/// Why nothing is sent.
#[derive(Debug, thiserror::Error)]
#[error(
    "this client has no network (enable the feature `live`, or give `Cassette::http_client` a client of your own)"
)]
struct Offline;

impl HttpConnector for NoNetwork {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(Offline))))
    }
}

impl HttpClient for NoNetwork {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(*self)
    }
}

/// Sleep that is over at once: a replayed back-off need not be waited for.
#[derive(Debug, Clone, Copy)]
pub struct InstantSleep;

impl AsyncSleep for InstantSleep {
    fn sleep(&self, _duration: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}
