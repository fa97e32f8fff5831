//! A fault of the transport as the SDK's errors tell it, and told to the SDK again.

use std::error::Error;
use std::io::ErrorKind;

use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::exchange::{Fault, FaultKind};

/// A recorded fault, as the source of the SDK's error.
#[derive(Debug, Clone, thiserror::Error)]
#[error("recorded transport fault: {0}")]
pub struct ReplayedFault(pub Fault);

/// Reads what a connector failed with.
pub fn of_connector(error: &ConnectorError) -> Fault {
    let kind = match io_kind(error) {
        Some(ErrorKind::ConnectionRefused) => FaultKind::Refused,
        _ if error.is_timeout() => FaultKind::Timeout,
        Some(ErrorKind::TimedOut) => FaultKind::Timeout,
        _ if error.is_io() => FaultKind::Reset,
        _ => FaultKind::Other,
    };
    Fault {
        kind,
        message: chain(error),
    }
}

/// Reads what a body failed with while it arrived.
pub fn of_body(error: &(dyn Error + 'static)) -> Fault {
    let text = chain(error);
    let is_timeout = io_kind(error) == Some(ErrorKind::TimedOut) || text.contains("timed out");
    let kind = if is_timeout {
        FaultKind::Timeout
    } else {
        FaultKind::Reset
    };
    Fault {
        kind,
        message: text,
    }
}

/// The SDK's error for a fault before any response.
pub fn to_connector(fault: &Fault) -> ConnectorError {
    let source = Box::new(ReplayedFault(fault.clone()));
    match fault.kind {
        FaultKind::Timeout => ConnectorError::timeout(source),
        FaultKind::Refused => ConnectorError::io(source).never_connected(),
        FaultKind::Reset => ConnectorError::io(source),
        FaultKind::Other => ConnectorError::other(source, None),
    }
}

fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    sources(error).find_map(|error| {
        error
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind)
    })
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let words: Vec<String> = sources(error).map(ToString::to_string).collect();
    words.join(": ")
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
        for kind in FaultKind::ALL {
            if kind == FaultKind::Refused {
                continue;
            }
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
}
