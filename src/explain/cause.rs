//! Why Bedrock refuses a call, read off its type and its words.

/// An error as the service tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceError<'a> {
    /// Its type, such as `ThrottlingException`; empty where the answer names none.
    pub kind: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// Its words.
    pub message: &'a str,
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The account may not use this model.
    NoModelAccess,
    /// The provider's form has not been sent.
    UseCaseForm,
    /// The model is sold on the marketplace, and the caller may not subscribe.
    Marketplace,
    /// An IAM policy does not allow the action.
    NotAllowed,
    /// An IAM policy, or the organisation, forbids the action.
    Forbidden,
    /// The session is over.
    Expired,
    /// The keys are not known, or do not go together.
    UnknownKeys,
    /// The clock is wrong.
    Clock,
    /// The signature is wrong: a wrong secret, or somebody changed the request on its way.
    Signature,
    /// No such model here.
    UnknownModel,
    /// The model is gone.
    EndOfLife,
    /// The model answers through an inference profile only.
    OnDemand,
    /// The model takes no system prompt.
    SystemPrompt,
    /// The model takes no temperature, or not with `top_p`.
    Temperature,
    /// The model does not stream.
    NoStreaming,
    /// The model does not speak this operation.
    WrongOperation,
    /// The body is not in the model's own form.
    WrongBody,
    /// The model does not take a part of the request.
    Unsupported,
    /// Too much text.
    TooLong,
    /// Too many tokens for today.
    DailyQuota,
    /// Too many requests or tokens.
    Throttled,
    /// Another quota of the account.
    Quota,
    /// The model is being loaded.
    NotReady,
    /// The model took too long.
    TooSlow,
    /// The model failed.
    ModelFailed,
    /// The service failed.
    ServiceFailed,
    /// The request breaks a rule that the message names.
    Invalid,
    /// Access is denied for a reason that the message names.
    Denied,
    /// Something that the message names was not found.
    NotFound,
    /// There are no credentials to sign with.
    NoCredentials,
    /// A source of credentials is configured and gives none.
    NotLoggedIn,
    /// The role cannot be taken on.
    NoRole,
    /// The endpoint's name has no address.
    UnknownHost,
    /// Nothing listens at the endpoint.
    NobodyListens,
    /// The endpoint is not trusted: TLS.
    Untrusted,
    /// The connection broke, or was not made.
    Unreachable,
    /// No answer came in time.
    TimedOut,
}

/// Words of a message, and what they mean; the first that fits counts.
const VALIDATION: &[(&str, Cause)] = &[
    ("on-demand throughput isn't supported", Cause::OnDemand),
    ("model identifier is invalid", Cause::UnknownModel),
    ("resolve the foundation model", Cause::UnknownModel),
    ("end of its life", Cause::EndOfLife),
    ("support system messages", Cause::SystemPrompt),
    ("support system prompts", Cause::SystemPrompt),
    ("system prompt", Cause::SystemPrompt),
    ("unsupported for streaming", Cause::NoStreaming),
    ("support streaming", Cause::NoStreaming),
    ("action doesn't support the model", Cause::WrongOperation),
    ("doesn't support counting tokens", Cause::WrongOperation),
    ("doesn't support the model", Cause::WrongOperation),
    ("use the messages api", Cause::WrongBody),
    ("temperature", Cause::Temperature),
    ("top_p", Cause::Temperature),
    ("topp", Cause::Temperature),
    ("input is too long", Cause::TooLong),
    ("prompt is too long", Cause::TooLong),
    ("input tokens exceeded", Cause::TooLong),
    ("too many total text bytes", Cause::TooLong),
    // In Converse the body is the service's own: what the model refuses is a part of it.
    (
        "following errors: malformed input request",
        Cause::Unsupported,
    ),
    ("malformed input request", Cause::WrongBody),
    ("invalid model input", Cause::WrongBody),
    ("this model doesn't support", Cause::Unsupported),
    ("doesn't support tool use", Cause::Unsupported),
];

const ACCESS: &[(&str, Cause)] = &[
    ("marketplace", Cause::Marketplace),
    ("use case", Cause::UseCaseForm),
    ("marked by provider as legacy", Cause::EndOfLife),
    ("access to the model", Cause::NoModelAccess),
    ("access to this model", Cause::NoModelAccess),
    ("model access is denied", Cause::NoModelAccess),
    ("with an explicit deny", Cause::Forbidden),
    ("service control policy", Cause::Forbidden),
    ("permissions boundary", Cause::Forbidden),
    ("token has expired", Cause::Expired),
    ("token included in the request is expired", Cause::Expired),
    ("not authorized", Cause::NotAllowed),
];

const NOT_FOUND: &[(&str, Cause)] = &[
    ("use case details", Cause::UseCaseForm),
    ("end of its life", Cause::EndOfLife),
    ("legacy", Cause::EndOfLife),
    ("could not find model", Cause::UnknownModel),
    ("resolve the foundation model", Cause::UnknownModel),
    ("model not found", Cause::UnknownModel),
];

/// What an SDK, this program and the operating system say where no answer came at all.
const SILENCE: &[(&str, Cause)] = &[
    ("no aws credentials were found", Cause::NoCredentials),
    ("aws credentials could not be had", Cause::NotLoggedIn),
    ("could not be assumed", Cause::NoRole),
    ("dns error", Cause::UnknownHost),
    ("failed to lookup address", Cause::UnknownHost),
    ("connection refused", Cause::NobodyListens),
    ("certificate", Cause::Untrusted),
    ("tls handshake", Cause::Untrusted),
    ("timed out", Cause::TimedOut),
    ("timeout", Cause::TimedOut),
    ("client error (connect)", Cause::Unreachable),
    ("connection reset", Cause::Unreachable),
    ("connection closed", Cause::Unreachable),
    ("network unreachable", Cause::Unreachable),
    ("network is unreachable", Cause::Unreachable),
    ("no route to host", Cause::Unreachable),
    ("io error", Cause::Unreachable),
];

impl Cause {
    /// Recognises why no answer came at all, by the words of whoever sent the request.
    #[must_use]
    pub fn of_silence(words: &str) -> Option<Self> {
        said(&words.to_lowercase(), SILENCE)
    }

    /// Whether nothing could be signed, for want of credentials.
    #[must_use]
    pub const fn is_of_credentials(self) -> bool {
        matches!(self, Self::NoCredentials | Self::NotLoggedIn | Self::NoRole)
    }

    /// Whether every other call that has to be sent would end alike, unless the one that failed
    /// may go better the next time.
    #[must_use]
    pub const fn is_of_every_call(self) -> bool {
        self.is_of_credentials() || matches!(self, Self::Untrusted)
    }

    /// Whether there is nobody to send to: no try of another call would find somebody.
    #[must_use]
    pub const fn is_of_the_endpoint(self) -> bool {
        matches!(self, Self::NobodyListens | Self::UnknownHost)
    }

    /// Recognises an error; `None` where neither its type nor its status says anything.
    #[must_use]
    pub fn of(error: ServiceError<'_>) -> Option<Self> {
        // Bedrock writes the apostrophe both ways, once in one sentence.
        let message = error.message.to_lowercase().replace('\u{2019}', "'");
        let kind = error.kind.split([':', '#']).next().unwrap_or_default();
        let says = |table| said(&message, table);
        Some(match (kind, error.status) {
            ("ValidationException", _) => says(VALIDATION).unwrap_or(Self::Invalid),
            ("AccessDeniedException", _) => says(ACCESS).unwrap_or(Self::Denied),
            ("ResourceNotFoundException", _) => says(NOT_FOUND).unwrap_or(Self::NotFound),
            ("ExpiredTokenException" | "ExpiredToken", _) => Self::Expired,
            (
                "UnrecognizedClientException"
                | "InvalidClientTokenId"
                | "MissingAuthenticationToken"
                | "MissingAuthenticationTokenException"
                | "IncompleteSignatureException",
                _,
            ) => Self::UnknownKeys,
            ("RequestExpired" | "RequestTimeTooSkewed", _) => Self::Clock,
            ("InvalidSignatureException" | "SignatureDoesNotMatch", _) => signature(&message),
            ("ModelNotReadyException", _) => Self::NotReady,
            ("ServiceQuotaExceededException", _) => Self::Quota,
            ("ModelTimeoutException", _) | (_, 408) => Self::TooSlow,
            ("ModelErrorException" | "ModelStreamErrorException", _) | (_, 424) => {
                Self::ModelFailed
            }
            ("ThrottlingException", _) | (_, 429) => throttled(&message),
            ("ServiceUnavailableException", _) if message.contains("throttled") => Self::Throttled,
            ("ServiceUnavailableException" | "InternalServerException", _) | (_, 500..) => {
                Self::ServiceFailed
            }
            // Some publishers of recordings, and some gateways, leave the type out.
            (_, 400) => says(VALIDATION).unwrap_or(Self::Invalid),
            (_, 403) => says(ACCESS).unwrap_or(Self::Denied),
            (_, 404) => says(NOT_FOUND).unwrap_or(Self::NotFound),
            _ => return None,
        })
    }
}

fn said(message: &str, table: &[(&str, Cause)]) -> Option<Cause> {
    let found = table.iter().find(|(words, _)| message.contains(words));
    found.map(|(_, cause)| *cause)
}

fn signature(message: &str) -> Cause {
    let is_late = message.contains("signature expired") || message.contains("not yet current");
    if is_late {
        Cause::Clock
    } else {
        Cause::Signature
    }
}

fn throttled(message: &str) -> Cause {
    if message.contains("per day") {
        Cause::DailyQuota
    } else {
        Cause::Throttled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(kind: &str, status: u16, message: &str) -> Option<Cause> {
        Cause::of(ServiceError {
            kind,
            status,
            message,
        })
    }

    /// Texts of real answers.
    const SEEN: &[(&str, u16, &str, Cause)] = &[
        (
            "ValidationException",
            400,
            "The model returned the following errors: Malformed input request: #/messages/2/content/0: extraneous key [toolResult] is not permitted, please reformat your input and try again.",
            Cause::Unsupported,
        ),
        (
            "ValidationException",
            400,
            "Invocation of model ID deepseek.r1-v1:0 with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
            Cause::OnDemand,
        ),
        (
            "ValidationException",
            400,
            "The provided model identifier is invalid.",
            Cause::UnknownModel,
        ),
        (
            "ValidationException",
            400,
            "Malformed input request: #/messages/0/content/0: required key [toolUse] not found, please reformat your input and try again.",
            Cause::WrongBody,
        ),
        (
            "ValidationException",
            400,
            "This model doesn't support system messages. Try again without a system message or use a model that supports system messages.",
            Cause::SystemPrompt,
        ),
        (
            "ValidationException",
            400,
            "The model returned the following errors: `temperature` is deprecated for this model.",
            Cause::Temperature,
        ),
        (
            "ValidationException",
            400,
            "Input is too long for requested model.",
            Cause::TooLong,
        ),
        (
            "ValidationException",
            400,
            "too many total text bytes: 10000002 > 9000000",
            Cause::TooLong,
        ),
        (
            "ValidationException",
            400,
            "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
            Cause::TooLong,
        ),
        (
            "",
            400,
            "This model doesn't support the video content block that you provided. Update the content block and try again.",
            Cause::Unsupported,
        ),
        (
            "",
            400,
            "The provided model doesn't support counting tokens.",
            Cause::WrongOperation,
        ),
        (
            "AccessDeniedException",
            403,
            "You don't have access to the model with the specified model ID.",
            Cause::NoModelAccess,
        ),
        (
            "AccessDeniedException",
            403,
            "User: arn:aws:iam::123456789012:user/me is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/x because no identity-based policy allows the bedrock:InvokeModel action",
            Cause::NotAllowed,
        ),
        (
            "AccessDeniedException",
            403,
            "User: u is not authorized to perform: bedrock:InvokeModel on resource: r with an explicit deny in a service control policy",
            Cause::Forbidden,
        ),
        (
            "ResourceNotFoundException",
            404,
            "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
            Cause::EndOfLife,
        ),
        (
            "ResourceNotFoundException",
            404,
            "Could not find model",
            Cause::UnknownModel,
        ),
        (
            "ResourceNotFoundException",
            404,
            "Model use case details have not been submitted for this account.",
            Cause::UseCaseForm,
        ),
        (
            "ExpiredTokenException",
            403,
            "The security token included in the request is expired",
            Cause::Expired,
        ),
        (
            "UnrecognizedClientException",
            403,
            "The security token included in the request is invalid.",
            Cause::UnknownKeys,
        ),
        (
            "InvalidSignatureException",
            403,
            "Signature expired: 20251117T063822Z is now earlier than 20251117T063849Z (20251117T064349Z - 5 min.)",
            Cause::Clock,
        ),
        (
            "ServiceUnavailableException",
            503,
            "Model is getting throttled. Try your request again.",
            Cause::Throttled,
        ),
        (
            "ThrottlingException",
            429,
            "Rate exceeded",
            Cause::Throttled,
        ),
        (
            "ThrottlingException",
            429,
            "Too many tokens per day, please wait before trying again.",
            Cause::DailyQuota,
        ),
    ];

    #[test]
    fn bedrocks_own_words_are_recognised() {
        for (kind, status, message, expected) in SEEN {
            assert_eq!(cause(kind, *status, message), Some(*expected), "{message}");
        }
    }

    #[test]
    fn it_is_known_why_no_answer_came() {
        for (words, expected) in [
            (
                "no AWS credentials were found in the environment, the default profile, web identity",
                Cause::NoCredentials,
            ),
            (
                "AWS credentials could not be had: ProfileFile provider could not be built (log in again)",
                Cause::NotLoggedIn,
            ),
            (
                "dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111)",
                Cause::NobodyListens,
            ),
            (
                "dispatch failure: io error: client error (Connect): dns error: failed to lookup address information: Name or service not known",
                Cause::UnknownHost,
            ),
            (
                "io error: client error (Connect): invalid peer certificate: UnknownIssuer",
                Cause::Untrusted,
            ),
            ("request has timed out", Cause::TimedOut),
        ] {
            assert_eq!(Cause::of_silence(words), Some(expected), "{words}");
        }
        assert_eq!(Cause::of_silence("this request cannot be signed"), None);
    }

    #[test]
    fn a_type_may_carry_its_namespace() {
        let kind = "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/";
        assert_eq!(cause(kind, 429, ""), Some(Cause::Throttled));
    }

    #[test]
    fn what_is_no_refusal_has_no_cause() {
        assert_eq!(cause("", 200, ""), None);
        assert_eq!(cause("", 413, "too large"), None);
    }
}
