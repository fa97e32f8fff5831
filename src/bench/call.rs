//! A call that gave no answer, told apart by who refused it.

use std::error::Error;
use std::fmt;

use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::retry::ErrorKind;
use serde::{Serialize, Serializer};

use super::stop::Stopped;
use crate::cassette::{CassetteError, Problem};
use crate::explain::{Cause, Explanation, ServiceError};
use crate::playback::ReplayMiss;
use crate::retry::{Again, RetryAfter};

/// A replay miss as a value: equal and written by its words.
#[derive(Debug, Clone)]
pub struct Missed(pub Box<ReplayMiss>);

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for Missed {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Missed {}

impl Serialize for Missed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a failure says of other calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Nothing.
    #[default]
    OneCall,
    /// Every other call that has to be sent would end alike.
    EveryCall,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CallFailure {
    /// In replay mode there is no recorded exchange for it.
    #[error("{miss}")]
    Missed {
        /// The cassette's explanation.
        miss: Missed,
    },
    /// The cassette cannot be read or written.
    #[error("{message}")]
    Cassette {
        /// What is wrong with it.
        message: String,
        /// What else ends alike.
        #[serde(skip)]
        reach: Reach,
    },
    /// The service answered with an error.
    #[error("{error} (HTTP {status}): {message}")]
    Refused {
        /// The error's type, such as `ThrottlingException`.
        error: String,
        /// The HTTP status.
        status: u16,
        /// The service's words.
        message: String,
    },
    /// No answer came.
    #[error("{problem}: {message}")]
    Unanswered {
        /// What happened, in two words.
        problem: String,
        /// The whole story.
        message: String,
        /// What else ends alike.
        #[serde(skip)]
        reach: Reach,
    },
    /// An answer came that is not one of this operation.
    #[error("unreadable answer: {message}")]
    Unreadable {
        /// Where it differs.
        message: String,
    },
    /// The run was stopped before it was asked.
    #[error("not asked: the run was stopped")]
    Stopped,
    /// The request could not be written.
    #[error("not sent: {message}")]
    NotSent {
        /// Why.
        message: String,
    },
}

impl CallFailure {
    /// A short name to count by.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Missed { .. } => "replay miss",
            Self::Cassette { .. } => "cassette error",
            Self::Refused { error, .. } => error,
            Self::Unanswered { problem, .. } => problem,
            Self::Unreadable { .. } => "unreadable answer",
            Self::Stopped => "stopped",
            Self::NotSent { .. } => "request not written",
        }
    }

    /// Whether nothing was ever asked: not now, and not when the cassette was recorded.
    pub(crate) const fn is_of_no_call(&self) -> bool {
        matches!(
            self,
            Self::Missed { .. } | Self::Cassette { .. } | Self::Stopped | Self::NotSent { .. }
        )
    }

    /// Reads what the SDK says about a failed call.
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        if let Some(miss) = ReplayMiss::find(error) {
            let miss = Missed(Box::new(miss.clone()));
            return Self::Missed { miss };
        }
        if find::<Stopped>(error).is_some() {
            return Self::Stopped;
        }
        if let Some(error) = find::<CassetteError>(error) {
            return Self::unkept(error);
        }
        match error {
            SdkError::ServiceError(refused) => {
                let status = refused.raw().status().as_u16();
                let code = refused.err().code();
                Self::Refused {
                    error: code.map_or_else(|| format!("HTTP {status}"), str::to_owned),
                    status,
                    message: refused.err().message().unwrap_or("no message").to_owned(),
                }
            }
            SdkError::ResponseError(_) => Self::Unreadable {
                message: chain(error),
            },
            SdkError::ConstructionFailure(_) => Self::NotSent {
                message: chain(error),
            },
            SdkError::TimeoutError(_) => Self::unanswered("timeout", error),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(connector) => Self::undelivered(connector),
                None => Self::unanswered("no answer", error),
            },
            _ => Self::unanswered("no answer", error),
        }
    }

    /// A damaged part is of one exchange; anything else is of the whole file: it is full, may
    /// not be written, or is gone.
    fn unkept(error: &CassetteError) -> Self {
        Self::Cassette {
            message: error.to_string(),
            reach: match error.problem {
                Problem::Damaged { .. } => Reach::OneCall,
                _ => Reach::EveryCall,
            },
        }
    }

    /// In the words of who sent it: an SDK's names for it say nothing more.
    fn undelivered(error: &ConnectorError) -> Self {
        let message = match error.source() {
            Some(cause) => chain(cause),
            None => chain(error),
        };
        // Only what would be the same another time is of the user's making.
        let lasting = Cause::of_silence(&message).filter(|_| error.is_user());
        let problem = match lasting {
            Some(cause) if cause.is_of_credentials() => "no credentials",
            _ => problem(error),
        };
        let reach = match lasting {
            Some(cause) if cause.is_of_every_call() => Reach::EveryCall,
            _ => Reach::OneCall,
        };
        Self::Unanswered {
            problem: problem.to_owned(),
            message,
            reach,
        }
    }

    /// Whether every other call that has to be sent would end alike.
    #[must_use]
    pub fn is_of_every_call(&self) -> bool {
        match self {
            Self::Unanswered { reach, .. } | Self::Cassette { reach, .. } => {
                *reach == Reach::EveryCall
            }
            _ => false,
        }
    }

    /// Why no answer came, where nobody could be asked.
    fn silence(&self) -> Option<Cause> {
        match self {
            Self::Unanswered {
                problem, message, ..
            } => Cause::of_silence(&format!("{problem}: {message}")),
            _ => None,
        }
    }

    /// Whether there was nobody to send to.
    fn is_of_the_endpoint(&self) -> bool {
        self.silence().is_some_and(Cause::is_of_the_endpoint)
    }

    /// Whether nothing listens where the call was sent.
    pub(crate) fn is_of_nobody(&self) -> bool {
        self.silence() == Some(Cause::NobodyListens)
    }

    /// What happened, why, and what to do next, where it is known.
    #[must_use]
    pub fn explanation(&self, region: Option<&str>) -> Option<Explanation> {
        match self {
            Self::Refused {
                error,
                status,
                message,
            } => {
                let refused = ServiceError {
                    kind: error,
                    status: *status,
                    message,
                };
                Explanation::of(refused, None, region)
            }
            Self::Unanswered {
                problem, message, ..
            } => Explanation::of_silence(&format!("{problem}: {message}"), region),
            _ => None,
        }
    }

    fn unanswered(problem: &str, error: &(dyn Error + 'static)) -> Self {
        Self::Unanswered {
            problem: problem.to_owned(),
            message: chain(error),
            reach: Reach::OneCall,
        }
    }
}

impl From<Stopped> for CallFailure {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// What a failure in one of several regions leaves to hope for; the most hopeful one is what
/// a try comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hope {
    /// Nobody was there to refuse it.
    NotReached,
    /// The service refused it, and will again.
    Refused,
    /// It may be answered another time.
    Later,
}

/// A failed transmission, and whether another may go better.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) failure: CallFailure,
    pub(crate) again: Again,
    /// When the service wants to be asked again.
    pub(crate) retry_after: Option<RetryAfter>,
}

impl Failed {
    /// A failure that would be the same another time.
    pub(crate) const fn for_good(failure: CallFailure) -> Self {
        Self {
            failure,
            again: Again::Never,
            retry_after: None,
        }
    }

    /// An error that the service put into the middle of a stream.
    pub(crate) fn in_stream(name: &str, error: &impl ProvideErrorMetadata) -> Self {
        Self {
            failure: CallFailure::Refused {
                error: name.to_owned(),
                status: 200,
                message: error.message().unwrap_or("no message").to_owned(),
            },
            again: Again::of_error(Some(name), 200),
            retry_after: None,
        }
    }

    /// A stream that ended before its answer did: an error, never an answer.
    pub(crate) fn cut(error: &(impl Error + 'static)) -> Self {
        if let Some(error) = find::<CassetteError>(error) {
            return Self::for_good(CallFailure::unkept(error));
        }
        Self {
            failure: CallFailure::unanswered("stream cut", error),
            again: Again::Later,
            retry_after: None,
        }
    }

    /// The same of a transmission that was sent just now, and not replayed: where there is
    /// nobody to send to, the other calls of the run find nobody either.
    pub(crate) fn of_sent(mut self) -> Self {
        let is_of_the_endpoint = self.failure.is_of_the_endpoint();
        if let CallFailure::Unanswered { reach, .. } = &mut self.failure
            && is_of_the_endpoint
        {
            *reach = Reach::EveryCall;
        }
        self
    }

    /// What this failure in one region leaves to hope for.
    pub(crate) fn hope(&self) -> Hope {
        match self.again {
            // It says nothing of the calls of another region.
            _ if self.failure.is_of_the_endpoint() => Hope::NotReached,
            again if again.is_transient() => Hope::Later,
            _ => Hope::Refused,
        }
    }

    /// Reads what the SDK says about a failed transmission.
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let failure = CallFailure::of(error);
        let again = match (&failure, error) {
            (CallFailure::Refused { status, .. }, SdkError::ServiceError(refused)) => {
                Again::of_error(refused.err().code(), *status)
            }
            (CallFailure::Unanswered { .. }, SdkError::DispatchFailure(failure)) => failure
                .as_connector_error()
                .map_or(Again::Never, again_after),
            (CallFailure::Unanswered { .. }, SdkError::TimeoutError(_)) => Again::Later,
            // A body that could not be read to its end; one that could has another form.
            (CallFailure::Unreadable { .. }, SdkError::ResponseError(response)) => {
                match response.raw().body().bytes() {
                    Some(_) => Again::Never,
                    None => Again::Later,
                }
            }
            _ => Again::Never,
        };
        let header = error
            .raw_response()
            .and_then(|raw| raw.headers().get(RETRY_AFTER));
        Self {
            failure,
            again,
            retry_after: header.and_then(RetryAfter::read),
        }
    }
}

impl From<Stopped> for Failed {
    fn from(stopped: Stopped) -> Self {
        Self::for_good(stopped.into())
    }
}

const RETRY_AFTER: &str = "retry-after";

/// What became of the connection may not become of the next one.
fn again_after(error: &ConnectorError) -> Again {
    let is_transient = error.as_other() == Some(ErrorKind::TransientError);
    if error.is_timeout() || error.is_io() || is_transient {
        return Again::Later;
    }
    Again::Never
}

fn problem(error: &ConnectorError) -> &'static str {
    match error {
        error if error.is_timeout() => "timeout",
        error if error.is_io() => "connection failed",
        _ => "no answer",
    }
}

/// An error of this type among an error and its causes.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        // Errors that quote their cause need not say it twice.
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
        cause = next.source();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 4] = [
        "no AWS credentials were found in the environment",
        "AWS credentials could not be had: exited with 3",
        "the role `r` could not be assumed: AccessDenied: no",
        "`host` is not trusted: invalid peer certificate: UnknownIssuer",
    ];

    #[test]
    fn nobody_to_send_to_is_of_every_call_that_is_sent_and_of_none_that_is_replayed() {
        for (words, expected) in [
            ("tcp connect error: Connection refused (os error 111)", true),
            ("dns error: failed to lookup address information", true),
            ("connection reset by peer", false),
            ("HTTP read timeout occurred after 1s", false),
        ] {
            let failure = CallFailure::undelivered(&ConnectorError::io(words.into()));
            assert!(!failure.is_of_every_call(), "{words}");
            let sent = Failed::for_good(failure).of_sent();
            assert_eq!(sent.failure.is_of_every_call(), expected, "{words}");
        }
    }

    #[test]
    fn a_cassette_that_cannot_be_written_is_of_every_call_and_a_damaged_exchange_of_one() {
        let failure = |problem: Problem| CallFailure::unkept(&problem.of("a.sqlite".as_ref()));
        assert!(failure(Problem::Full).is_of_every_call());
        assert!(failure(Problem::PermissionDenied).is_of_every_call());
        let what = "a body".to_owned();
        assert!(!failure(Problem::Damaged { what }).is_of_every_call());
    }

    #[test]
    fn only_what_lasts_is_of_every_call() {
        for words in WORDS {
            let lasting = CallFailure::undelivered(&ConnectorError::user(words.into()));
            assert!(lasting.is_of_every_call(), "{words}");
            let passing = ConnectorError::io(words.into());
            assert_eq!(again_after(&passing), Again::Later, "{words}");
            let passing = CallFailure::undelivered(&passing);
            assert!(!passing.is_of_every_call(), "{words}");
            assert_eq!(passing.label(), "connection failed");
        }
    }
}
