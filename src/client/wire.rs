//! Between the SDK's HTTP types and the values of `exchange`.

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;

use crate::exchange::{Headers, Request, RequestParts, Target};

/// Reads a request; its body is put back where it had to be collected.
///
/// # Errors
/// A path that is refused, before its body is touched: a two-way stream's never ends. Or a
/// body that fails while it is read.
pub async fn read_request(http: &mut HttpRequest) -> Result<Request, ConnectorError> {
    let uri: http::Uri = http.uri().parse().map_err(user::<http::uri::InvalidUri>)?;
    let path_and_query = uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    if http.body().bytes().is_none() {
        Target::parse(http.method(), path_and_query).map_err(user)?;
    }
    let body = read_body(http).await?;
    let request = Request::read(RequestParts {
        method: http.method(),
        path_and_query,
        host: uri.authority().map_or("", http::uri::Authority::as_str),
        headers: http.headers().iter().collect(),
        body,
    });
    request.map_err(user)
}

/// The host that a request goes to; empty where it has none.
pub fn host(http: &HttpRequest) -> String {
    let uri = http.uri().parse::<http::Uri>().ok();
    let authority = uri.as_ref().and_then(http::Uri::authority);
    authority.map_or_else(String::new, ToString::to_string)
}

/// The SDK neither retries nor hides an error of this kind.
fn user<E: std::error::Error + Send + Sync + 'static>(error: E) -> ConnectorError {
    ConnectorError::user(error.into())
}

async fn read_body(http: &mut HttpRequest) -> Result<Bytes, ConnectorError> {
    if let Some(bytes) = http.body().bytes() {
        return Ok(Bytes::copy_from_slice(bytes));
    }
    let collected = ByteStream::new(http.take_body()).collect().await;
    let bytes = collected
        .map_err(|error| ConnectorError::io(error.into()))?
        .into_bytes();
    *http.body_mut() = SdkBody::from(bytes.clone());
    Ok(bytes)
}

/// Builds a response for the SDK.
///
/// # Errors
/// A status or header that HTTP does not know: the recording is damaged.
pub fn response(
    status: u16,
    headers: Headers,
    body: SdkBody,
) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, body);
    for (name, value) in headers {
        response
            .headers_mut()
            .try_append(name, value)
            .map_err(|error| ConnectorError::other(error.into(), None))?;
    }
    Ok(response)
}
