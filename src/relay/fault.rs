//! A fault of the transport as the SDK's errors tell it, and told to the SDK again.

use std::error::Error;
use std::io::ErrorKind;

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::retry::ErrorKind as RetryKind;

use crate::exchange::{Fault, FaultKind};

/// A recorded fault, as the source of the SDK's error.
#[derive(Debug, Clone, thiserror::Error)]
#[error("recorded transport fault: {0}")]
pub struct ReplayedFault(pub Fault);

/// A caller that went away before an answer came.
pub fn given_up() -> Fault {
    Fault {
        kind: FaultKind::GivenUp,
        message: "the caller stopped waiting".to_owned(),
    }
}

/// Reads what a connector failed with.
#[must_use]
pub fn of_connector(error: &ConnectorError) -> Fault {
    let kind = match io_kind(error) {
        Some(ErrorKind::ConnectionRefused) => FaultKind::Refused,
        _ if error.is_user() => FaultKind::Unsent,
        _ if error.is_timeout() => FaultKind::Timeout,
        Some(ErrorKind::TimedOut) => FaultKind::Timeout,
        _ if error.is_io() && says(error, NO_CONNECTION) => FaultKind::Refused,
        _ if error.is_io() => FaultKind::Reset,
        _ if error.as_other().is_some() => FaultKind::Closed,
        _ => FaultKind::Other,
    };
    Fault {
        kind,
        message: message(error),
    }
}

/// Reads what a body failed with while it arrived.
#[must_use]
pub fn of_body(error: &(dyn Error + 'static)) -> Fault {
    let kind = match io_kind(error) {
        Some(ErrorKind::TimedOut) => FaultKind::Timeout,
        _ if says(error, "timed out") => FaultKind::Timeout,
        Some(ErrorKind::UnexpectedEof) => FaultKind::Closed,
        _ => FaultKind::Reset,
    };
    Fault {
        kind,
        message: message(error),
    }
}

/// The SDK's error for a fault before any response.
#[must_use]
pub fn to_connector(fault: &Fault) -> ConnectorError {
    let source = Box::new(ReplayedFault(fault.clone()));
    match fault.kind {
        FaultKind::Timeout | FaultKind::GivenUp => ConnectorError::timeout(source),
        FaultKind::Refused => ConnectorError::io(source).never_connected(),
        FaultKind::Reset => ConnectorError::io(source),
        FaultKind::Closed => ConnectorError::other(source, Some(RetryKind::TransientError)),
        FaultKind::Unsent => ConnectorError::user(source),
        FaultKind::Other => ConnectorError::other(source, None),
    }
}

/// What hyper's client says of every failure to connect.
const NO_CONNECTION: &str = "client error (Connect)";

/// Texts of the transports below that are kept of an error. All others are left out: a text
/// may hold an address, and an address a token.
const KNOWN_TEXTS: [&str; 9] = [
    NO_CONNECTION,
    "HTTP connect timeout",
    "HTTP read timeout",
    "connection closed before message completed",
    "dns error",
    "error reading a body from connection",
    "invalid peer certificate",
    "operation was canceled",
    "tls handshake",
];

/// What may be kept of an error: known texts, and the kind of an I/O error in words of its own.
fn message(error: &(dyn Error + 'static)) -> String {
    let texts = KNOWN_TEXTS.into_iter().filter(|text| says(error, text));
    let mut words: Vec<String> = texts.map(str::to_owned).collect();
    words.extend(io_kind(error).map(|kind| kind.to_string()));
    if words.is_empty() {
        return "no more is known of it".to_owned();
    }
    words.join(": ")
}

fn says(error: &(dyn Error + 'static), text: &str) -> bool {
    sources(error).any(|error| error.to_string().contains(text))
}

fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    sources(error).find_map(|error| {
        error
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind)
    })
}

fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_survives_the_sdks_error() {
        for kind in [
            FaultKind::Timeout,
            FaultKind::Reset,
            FaultKind::Closed,
            FaultKind::Unsent,
            FaultKind::Other,
        ] {
            let fault = Fault {
                kind,
                message: "why".into(),
            };
            assert_eq!(of_connector(&to_connector(&fault)).kind, kind);
        }
    }

    #[test]
    fn a_refused_connection_is_told_from_a_reset_one() {
        let refused = std::io::Error::from(ErrorKind::ConnectionRefused);
        let error = ConnectorError::io(Box::new(refused));
        assert_eq!(of_connector(&error).kind, FaultKind::Refused);
    }

    #[test]
    fn a_body_that_ends_early_is_told_from_one_that_is_reset() {
        let of = |kind: ErrorKind| of_body(&std::io::Error::from(kind)).kind;
        assert_eq!(of(ErrorKind::UnexpectedEof), FaultKind::Closed);
        assert_eq!(of(ErrorKind::ConnectionReset), FaultKind::Reset);
        assert_eq!(of(ErrorKind::TimedOut), FaultKind::Timeout);
    }

    #[test]
    fn the_text_of_an_error_is_kept_only_where_it_is_known() {
        let text = "https://me:hunter2@proxy/?token=t: connection closed before message completed";
        let reset = std::io::Error::new(ErrorKind::ConnectionReset, text);
        let fault = of_connector(&ConnectorError::io(Box::new(reset)));
        assert_eq!(
            fault.to_string(),
            "reset: connection closed before message completed: connection reset"
        );
        let other = of_connector(&ConnectorError::other("token=t".into(), None));
        assert_eq!(other.to_string(), "other: no more is known of it");
    }
}
