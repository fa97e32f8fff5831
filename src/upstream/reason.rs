//! What a source of credentials says, in one line that shows none, and whether it may say
//! otherwise soon.

use std::error::Error;
use std::sync::LazyLock;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::ErrorMetadata;
use regex::Regex;

use super::Outlook;

/// The longest that is told: a process may have printed a page.
const LONGEST: usize = 600;

/// What looks like a key or a token: long, of one piece, letters mixed with digits.
#[expect(clippy::unwrap_used, reason = "a constant; a test compiles it")]
static SECRETS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|[A-Za-z0-9+/=_-]{40,}").unwrap());

/// Codes by which a service says that it may answer later.
const PASSING: [&str; 10] = [
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "RequestTimeout",
    "InternalFailure",
    "InternalError",
    "InternalServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

/// HTTP statuses by which a service, or a proxy before it, says the same without a code.
const PASSING_STATUS: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// Whether a source that gave no credentials may give some soon.
pub fn outlook(error: &CredentialsError) -> Outlook {
    if sources(error).any(is_passing) {
        Outlook::Passing
    } else {
        Outlook::Lasting
    }
}

fn is_passing(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<ConnectorError>() {
        return error.is_timeout() || error.is_io();
    }
    if status(error).is_some_and(|status| PASSING_STATUS.contains(&status)) {
        return true;
    }
    if let Some(said) = error.downcast_ref::<ErrorMetadata>() {
        return said.code().is_some_and(|code| PASSING.contains(&code));
    }
    // The SDK's own types for it are not public.
    let text = error.to_string();
    text.contains("timed out") || text.contains("timeout")
}

/// The HTTP status of an answer of STS.
fn status(error: &(dyn Error + 'static)) -> Option<u16> {
    fn of<E: 'static>(error: &(dyn Error + 'static)) -> Option<u16>
    where
        SdkError<E, HttpResponse>: Error,
    {
        let answered = error.downcast_ref::<SdkError<E, HttpResponse>>()?;
        Some(answered.raw_response()?.status().as_u16())
    }
    of::<AssumeRoleError>(error).or_else(|| of::<AssumeRoleWithWebIdentityError>(error))
}

/// The service's own words where there are some, else its status, or an error's and its causes'
/// words.
pub fn reason(error: &(dyn Error + 'static)) -> String {
    let metadata = sources(error).find_map(|error| error.downcast_ref::<ErrorMetadata>());
    let said = metadata.and_then(|said| said.code().zip(said.message()));
    veiled(&match said {
        Some((code, message)) => format!("{code}: {message}"),
        None => match sources(error).find_map(status) {
            Some(status) => format!("STS answered with HTTP {status} and no error code"),
            None => chain(error),
        },
    })
}

/// An error's causes, or itself where it has none.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for text in sources(error).skip(1).map(ToString::to_string) {
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
    }
    if words.is_empty() {
        return error.to_string();
    }
    words.join(": ")
}

fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn veiled(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = SECRETS.replace_all(&line, "…");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_left_out_and_the_rest_is_told() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let text = format!("exited with 3:\n {secret} ASIAIOSFODNN7EXAMPLE is over");
        assert_eq!(veiled(&text), "exited with 3: … … is over");
        let arn = "arn:aws:iam::123456789012:role/BedrockInvokeRole is not allowed";
        assert_eq!(veiled(arn), arn);
    }

    #[test]
    fn what_may_be_over_soon_is_told_from_what_lasts() {
        let said = |code: &str| {
            let said = ErrorMetadata::builder().code(code).message("no").build();
            CredentialsError::provider_error(said)
        };
        let unreachable = ConnectorError::io("connection reset".into());
        for error in [
            CredentialsError::provider_timed_out(std::time::Duration::from_mins(2)),
            CredentialsError::provider_error("HTTP read timeout occurred after 1s"),
            CredentialsError::unhandled(unreachable),
            said("Throttling"),
            said("ServiceUnavailable"),
        ] {
            assert_eq!(outlook(&error), Outlook::Passing, "{error:?}");
        }
        for error in [
            CredentialsError::not_loaded_no_source(),
            CredentialsError::invalid_configuration("no such profile"),
            said("AccessDenied"),
            said("ExpiredToken"),
        ] {
            assert_eq!(outlook(&error), Outlook::Lasting, "{error:?}");
        }
    }

    #[test]
    fn a_page_is_cut() {
        assert_eq!(veiled(&"é ".repeat(1_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_services_own_words_come_first() {
        let said = ErrorMetadata::builder()
            .code("AccessDenied")
            .message("no")
            .build();
        assert_eq!(reason(&said), "AccessDenied: no");
    }
}
