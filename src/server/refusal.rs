//! What is refused, in the form of an AWS error: typed in every SDK, and not retried unless
//! another try may go better.

use std::fmt;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use super::body::AnswerBody;

/// Says on every answer where it came from.
pub const SOURCE_HEADER: &str = "x-bedrock-replay";

/// An error for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    error_type: &'static str,
    message: String,
    source: &'static str,
    connection: Connection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connection {
    Kept,
    Closed,
}

/// What a client is told.
pub struct Message(String);

impl<T: fmt::Display> From<T> for Message {
    fn from(text: T) -> Self {
        Self(text.to_string())
    }
}

impl Refusal {
    /// The request itself is at fault: no SDK sends it again.
    pub fn invalid(message: impl Into<Message>) -> Self {
        Self::of(
            StatusCode::BAD_REQUEST,
            "ValidationException",
            message.into().0,
        )
    }

    /// No exchange is recorded for it.
    pub fn miss(message: impl Into<Message>) -> Self {
        Self {
            source: "miss",
            ..Self::invalid(message)
        }
    }

    /// Who asks may not.
    pub fn forbidden(message: impl Into<Message>) -> Self {
        Self::of(
            StatusCode::FORBIDDEN,
            "AccessDeniedException",
            message.into().0,
        )
    }

    /// No such operation.
    pub fn unknown(message: impl Into<Message>) -> Self {
        Self::of(
            StatusCode::NOT_FOUND,
            "UnknownOperationException",
            message.into().0,
        )
    }

    /// The body is over the limit.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the request body is over the limit of {limit} bytes");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Self::of(status, "RequestEntityTooLargeException", message).closing()
    }

    /// The body did not arrive in time.
    pub fn too_slow() -> Self {
        let message = "the request body did not arrive in time".to_owned();
        Self::of(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeoutException",
            message,
        )
        .closing()
    }

    /// The upstream failed; another try may go better.
    pub fn unavailable(message: impl Into<Message>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::of(status, "ServiceUnavailableException", message.into().0)
    }

    fn of(status: StatusCode, error_type: &'static str, message: String) -> Self {
        Self {
            status,
            error_type,
            message,
            source: "refused",
            connection: Connection::Kept,
        }
    }

    /// The same, and nothing more is taken from this connection.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.connection = Connection::Closed;
        self
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether nothing more is taken from the connection.
    pub fn is_closing(&self) -> bool {
        self.connection == Connection::Closed
    }

    /// What the client is told.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The error as AWS writes it.
    pub fn response(&self) -> Response<AnswerBody> {
        let body = serde_json::json!({ "message": self.message }).to_string();
        let mut response = Response::new(AnswerBody::whole(Bytes::from(body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            "x-amzn-errortype",
            HeaderValue::from_static(self.error_type),
        );
        headers.insert(SOURCE_HEADER, HeaderValue::from_static(self.source));
        if self.connection == Connection::Closed {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// JSON that is no answer of Bedrock's.
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<AnswerBody> {
    let body = body.into();
    let length = body.len();
    let mut response = Response::new(AnswerBody::whole(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}
