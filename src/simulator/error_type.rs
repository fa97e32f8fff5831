//! The errors of Bedrock Runtime by name, as they travel: status, header, body, and the name
//! that they have inside a stream.

use serde_json::{Value, json};

/// An error that Bedrock Runtime answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorType {
    name: &'static str,
    status: u16,
    namespace: &'static str,
    message: &'static str,
}

const BEDROCK: &str = "com.amazon.bedrock";
/// Errors that arise in front of the service: signatures and paths.
const FRONT: &str = "com.amazon.coral.service";

const fn error(name: &'static str, status: u16, message: &'static str) -> ErrorType {
    ErrorType {
        name,
        status,
        namespace: BEDROCK,
        message,
    }
}

const fn in_front(name: &'static str, status: u16, message: &'static str) -> ErrorType {
    ErrorType {
        name,
        status,
        namespace: FRONT,
        message,
    }
}

/// Every error that can be asked for.
const ERRORS: &[ErrorType] = &[
    ErrorType::VALIDATION,
    error(
        "AccessDeniedException",
        403,
        "You don't have access to the model with the specified model ID.",
    ),
    error(
        "ResourceNotFoundException",
        404,
        "The model that this request names could not be found.",
    ),
    ErrorType::THROTTLING,
    error(
        "ModelNotReadyException",
        429,
        "The model is not ready for inference requests. Try again later.",
    ),
    error(
        "ModelTimeoutException",
        408,
        "The model took too long to answer.",
    ),
    error(
        "ModelErrorException",
        424,
        "The model met an error while it processed the request.",
    ),
    ErrorType::MODEL_STREAM,
    error(
        "ServiceQuotaExceededException",
        400,
        "This request would exceed a quota of the account.",
    ),
    error(
        "ConflictException",
        400,
        "The request conflicts with the state of the resource.",
    ),
    error(
        "InternalServerException",
        500,
        "The system met an unexpected error. Try your request again.",
    ),
    error(
        "ServiceUnavailableException",
        503,
        "The service is not available at the moment. Try your request again.",
    ),
    in_front(
        "ExpiredTokenException",
        403,
        "The security token included in the request is expired",
    ),
    in_front(
        "InvalidSignatureException",
        403,
        "The request signature does not match the signature that was calculated.",
    ),
    in_front(
        "UnrecognizedClientException",
        403,
        "The security token included in the request is invalid.",
    ),
    ErrorType::UNKNOWN_OPERATION,
    ErrorType::TOO_LARGE,
];

impl ErrorType {
    /// A request that the operation does not accept.
    pub(super) const VALIDATION: Self = error(
        "ValidationException",
        400,
        "The request does not meet the operation's constraints.",
    );
    /// Too many requests.
    pub(super) const THROTTLING: Self = error(
        "ThrottlingException",
        429,
        "Too many requests, please wait before trying again.",
    );
    /// A model that fails while it streams.
    pub(super) const MODEL_STREAM: Self = error(
        "ModelStreamErrorException",
        424,
        "The model met an error while it streamed its answer.",
    );
    /// A path that stands for no operation.
    pub(super) const UNKNOWN_OPERATION: Self = in_front(
        "UnknownOperationException",
        404,
        "The requested operation is not recognized by the service.",
    );
    /// A body over the limit.
    pub(super) const TOO_LARGE: Self = in_front(
        "RequestEntityTooLargeException",
        413,
        "The request body is over the limit of 25 MB.",
    );

    /// The error of that name; the ending `Exception` may be left out.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let stem = |name: &str| {
            name.strip_suffix("Exception")
                .unwrap_or(name)
                .to_lowercase()
        };
        ERRORS
            .iter()
            .copied()
            .find(|error| stem(error.name) == stem(name))
    }

    /// Every name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ERRORS.iter().map(|error| error.name)
    }

    /// Such as `ThrottlingException`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.status
    }

    /// What the error says where nothing more exact is known.
    pub(super) const fn message(self) -> &'static str {
        self.message
    }

    /// The name inside a stream, such as `throttlingException`.
    pub(super) fn stream_name(self) -> String {
        let mut letters = self.name.chars();
        letters
            .next()
            .map(|first| first.to_ascii_lowercase())
            .into_iter()
            .chain(letters)
            .collect()
    }

    /// The value of `x-amzn-errortype`.
    pub(super) fn header(self) -> String {
        format!(
            "{}:http://internal.amazon.com/coral/{}/",
            self.name, self.namespace
        )
    }

    /// The body: a message, and what the model-side errors add to it.
    pub(super) fn body(self, message: &str, model: Option<&str>) -> Value {
        match self.name {
            "ModelErrorException" => json!({
                "message": message,
                "originalStatusCode": 500,
                "resourceName": model.unwrap_or_default(),
            }),
            "ModelStreamErrorException" => json!({
                "message": message,
                "originalMessage": message,
                "originalStatusCode": 500,
            }),
            _ => json!({ "message": message }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_found_by_its_name_with_or_without_its_ending() {
        for name in ErrorType::names() {
            let short = name.strip_suffix("Exception").unwrap();
            assert_eq!(ErrorType::from_name(short), ErrorType::from_name(name));
            assert_eq!(ErrorType::from_name(name).unwrap().name(), name);
        }
        assert_eq!(ErrorType::from_name("Exception"), None);
    }

    #[test]
    fn inside_a_stream_the_name_begins_small() {
        assert_eq!(ErrorType::THROTTLING.stream_name(), "throttlingException");
    }
}
