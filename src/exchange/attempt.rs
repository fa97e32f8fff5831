//! One transmission of a call and how it ended.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::{EventStream, Headers, Provenance, Request};

/// One logical call: its request, its attempts in order, and who answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The request, redacted.
    pub request: Request,
    /// At least one; the last is the call's outcome.
    pub attempts: Vec<Attempt>,
    /// Who answered.
    pub provenance: Provenance,
}

/// One HTTP transmission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How it ended.
    pub outcome: Outcome,
    /// From the request's first byte to the response's headers, or to the fault.
    pub first_byte: Duration,
    /// From the request's first byte to the end.
    pub total: Duration,
}

/// What a transmission came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Headers arrived.
    Response(Response),
    /// Nothing arrived.
    Fault(Fault),
}

/// A response, whole or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Allow-listed headers.
    pub headers: Headers,
    /// What arrived of the body.
    pub body: Body,
    /// Why the body ends where it does.
    pub ending: Ending,
}

/// A body as it arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// All bytes, in order.
    pub bytes: Bytes,
    /// How they were cut into chunks; empty for a body that arrived at once.
    pub chunks: Vec<Chunk>,
}

/// A part of a body that arrived at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Length in bytes.
    pub length: usize,
    /// When it arrived, counted from the request's first byte.
    pub at: Duration,
}

/// Why a body ends where it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It is whole.
    Complete,
    /// The server ended it before its format says that it is whole.
    Truncated,
    /// The caller dropped it while it was being recorded.
    Abandoned,
    /// The transport failed.
    Broken(Fault),
}

/// A failure of the transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its kind, as the SDK sees it.
    pub kind: FaultKind,
    /// What else is known of it, in words that hold no address and no secret.
    pub message: String,
}

/// The kinds of transport failure that the SDKs tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// No connection: refused, or the name did not resolve.
    Refused,
    /// Too slow: the transport's own time-out.
    Timeout,
    /// The caller stopped waiting, for instance at one of the SDK's operation time-outs.
    GivenUp,
    /// The connection was reset.
    Reset,
    /// The connection was closed in good order, but before a whole answer; the SDK retries it.
    Closed,
    /// The client itself refused to send the request.
    Unsent,
    /// Anything else; the SDK does not retry it.
    Other,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Refused,
        Self::Timeout,
        Self::GivenUp,
        Self::Reset,
        Self::Closed,
        Self::Unsent,
        Self::Other,
    ];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::GivenUp => "given-up",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Unsent => "unsent",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// `200`, `429 ThrottlingException`, `200 truncated`, `timeout`: the status, the error's name, and
/// why it is not whole.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let response = match self {
            Self::Fault(fault) => return f.write_str(fault.kind.name()),
            Self::Response(response) => response,
        };
        write!(f, "{}", response.status)?;
        if let Some(name) = response.error_name() {
            write!(f, " {name}")?;
        }
        match response.ending.word() {
            Some(word) => write!(f, " {word}"),
            None => Ok(()),
        }
    }
}

impl Ending {
    /// In a word, where it is not whole.
    const fn word(&self) -> Option<&'static str> {
        match self {
            Self::Complete => None,
            Self::Truncated => Some("truncated"),
            Self::Abandoned => Some("abandoned"),
            Self::Broken(fault) => Some(fault.kind.name()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl Body {
    /// A body that arrived at once.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            chunks: Vec::new(),
        }
    }
}

/// Errors that a later try may not meet, as an event stream spells them; a header begins
/// them with a capital.
const TRANSIENT_EXCEPTIONS: [&str; 5] = [
    "throttlingException",
    "internalServerException",
    "serviceUnavailableException",
    "modelTimeoutException",
    "modelNotReadyException",
];

fn is_transient_error(name: &str) -> bool {
    is_one_of(&TRANSIENT_EXCEPTIONS, name)
}

/// Errors that say who asked, not what was asked: with other credentials, or once the account has
/// the access, the model or the quota, the same request gets its answer.
const CALLERS_ERRORS: [&str; 12] = [
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

impl Attempt {
    /// The response, where one arrived.
    #[must_use]
    pub const fn response(&self) -> Option<&Response> {
        match &self.outcome {
            Outcome::Response(response) => Some(response),
            Outcome::Fault(_) => None,
        }
    }

    /// Whether a later try may go better: 408, 429, 5xx, a transport fault, or such an error by
    /// its name, in a header or inside a stream. Such an outcome is kept but is never *the*
    /// answer.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let Outcome::Response(response) = &self.outcome else {
            return true;
        };
        match response.status {
            408 | 429 | 500..=599 => true,
            _ if matches!(response.ending, Ending::Broken(_)) => true,
            400.. => response.error_type().is_some_and(is_transient_error),
            _ => response
                .exception()
                .is_some_and(|exception| is_transient_error(&exception.error_type)),
        }
    }

    /// Whether this is an answer that may be served as *the* answer while recording: not
    /// transient, whole, and no refusal of whoever asked.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        !self.is_transient()
            && self.response().is_some_and(|response| {
                response.ending == Ending::Complete && !response.refuses_caller()
            })
    }
}

impl Response {
    /// Whether the body is an event stream: its first frame's prelude is sound. The
    /// content type is no proof, since publishers of recordings redact it.
    #[must_use]
    pub fn is_event_stream(&self) -> bool {
        EventStream::begins(&self.body.bytes)
    }

    /// The error's name in `x-amzn-errortype`, without what AWS writes behind it
    /// (`ValidationException:http://internal.amazon.com/…`).
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        self.headers
            .get("x-amzn-errortype")?
            .split([':', '#'])
            .next()
    }

    /// The error's name, wherever it stands: in the header, or in a frame of the stream.
    fn error_name(&self) -> Option<Cow<'_, str>> {
        match self.exception() {
            Some(exception) => Some(Cow::Owned(exception.error_type)),
            None => self.error_type().map(Cow::Borrowed),
        }
    }

    /// Whether the caller was refused, not the request: by credentials that do not hold, or for
    /// what the account does not have.
    #[must_use]
    pub fn refuses_caller(&self) -> bool {
        (400..500).contains(&self.status)
            && self
                .error_type()
                .is_some_and(|name| is_one_of(&CALLERS_ERRORS, name))
    }

    /// The exception that ends the stream, where there is one.
    #[must_use]
    pub fn exception(&self) -> Option<super::StreamException> {
        if !self.is_event_stream() {
            return None;
        }
        EventStream::read(&self.body.bytes).ok()?.exception()
    }
}
