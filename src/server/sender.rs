//! What sends a request on.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::exchange::Origin;

/// A client's request on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Path and query as the client wrote them, without token and scope.
    pub path_and_query: String,
    /// The client's headers, its signature among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The region that the client signed for.
    pub region: Option<String>,
}

/// A value that is on its way.
pub type Sending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests on; what comes back streams as it arrives.
pub trait Sender: fmt::Debug + Send + Sync {
    /// Where a request of a client in `region` goes.
    ///
    /// # Errors
    /// Of kind `user`, where that is not known.
    fn origin<'a>(&'a self, region: Option<&'a str>)
    -> Sending<'a, Result<Origin, ConnectorError>>;

    /// Sends.
    ///
    /// # Errors
    /// Of kind `user` where nothing was sent; else whatever became of the connection.
    fn send(&self, outgoing: Outgoing) -> Sending<'_, Result<HttpResponse, ConnectorError>>;
}

/// The client's connection and its signature: nothing of either holds for another host.
const LEFT_BEHIND: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "transfer-encoding",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
];

/// Sends to one endpoint without a signature: the simulator, or a proxy that signs by itself.
#[derive(Debug)]
pub struct Unsigned {
    base: String,
    origin: Origin,
    connector: SharedHttpConnector,
}

impl Unsigned {
    /// Sends to an endpoint such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// Where it is no URL.
    pub fn new(
        endpoint: &str,
        connector: SharedHttpConnector,
    ) -> Result<Self, http::uri::InvalidUri> {
        let uri: http::Uri = endpoint.parse()?;
        let host = uri.authority().map_or("", http::uri::Authority::as_str);
        Ok(Self {
            base: endpoint.trim_end_matches('/').to_owned(),
            origin: Origin::of_host(host),
            connector,
        })
    }

    fn request(&self, outgoing: Outgoing) -> Result<HttpRequest, ConnectorError> {
        let mut request = http::Request::new(SdkBody::from(outgoing.body));
        *request.method_mut() = outgoing.method;
        let uri = format!("{}{}", self.base, outgoing.path_and_query);
        *request.uri_mut() = uri
            .parse()
            .map_err(|error: http::uri::InvalidUri| ConnectorError::user(error.into()))?;
        *request.headers_mut() = outgoing.headers;
        for name in LEFT_BEHIND {
            request.headers_mut().remove(name);
        }
        HttpRequest::try_from(request).map_err(|error| ConnectorError::user(error.into()))
    }
}

impl Sender for Unsigned {
    fn origin<'a>(
        &'a self,
        region: Option<&'a str>,
    ) -> Sending<'a, Result<Origin, ConnectorError>> {
        let mut origin = self.origin.clone();
        origin.region = region.map(str::to_owned).or(origin.region);
        Box::pin(std::future::ready(Ok(origin)))
    }

    fn send(&self, outgoing: Outgoing) -> Sending<'_, Result<HttpResponse, ConnectorError>> {
        Box::pin(async move { self.connector.call(self.request(outgoing)?).await })
    }
}
