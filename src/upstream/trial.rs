//! May this model be called? Asked with an empty body, which no model answers: whoever may call
//! it is told that the body is wrong, whoever may not is told that. Nothing is generated.

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Outgoing, Upstream};

/// What a model answers to an empty body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The HTTP status.
    pub status: u16,
    /// The error's type, without its namespace; empty where the answer names none.
    pub kind: String,
    /// The error's words.
    pub message: String,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default, alias = "Message")]
    message: String,
}

const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Upstream {
    /// Asks a model with an empty body.
    ///
    /// # Errors
    /// See [`Upstream::send`].
    pub async fn try_model(&self, model: &str) -> Result<Trial, ConnectorError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        let response = self
            .send(Outgoing {
                method: Method::POST,
                path_and_query: format!("/model/{}/invoke", utf8_percent_encode(model, IN_A_PATH)),
                headers,
                body: Bytes::from_static(b"{}"),
                region: None,
            })
            .await?;
        let kind = response.headers().get("x-amzn-errortype");
        let kind = kind.and_then(|kind| kind.split([':', '#']).next());
        let (status, kind) = (
            response.status().as_u16(),
            kind.unwrap_or_default().to_owned(),
        );
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| ConnectorError::io(error.into()))?;
        let refusal: Option<Refusal> = serde_json::from_slice(&body.into_bytes()).ok();
        Ok(Trial {
            status,
            kind,
            message: refusal.map(|refusal| refusal.message).unwrap_or_default(),
        })
    }
}
