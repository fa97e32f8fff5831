//! Texts that were stored in place of an answer.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Texts that stand for none.
const NOTHING: [&str; 4] = ["none", "null", "nan", "undefined"];
/// Members of a body that tells an error.
const ERROR_MEMBERS: [&str; 5] = ["error", "Error", "errorMessage", "errorType", "__type"];
/// Kinds of errors by what their texts hold, in small letters; the first that fits holds.
const KINDS: [(&str, &[&str]); 7] = [
    (
        "throttled",
        &[
            "throttl",
            "rate exceeded",
            "rate limit",
            "too many requests",
            "too many tokens",
        ],
    ),
    ("timeout", &["timeout", "timed out", "deadline exceeded"]),
    (
        "credentials",
        &[
            "expiredtoken",
            "security token",
            "credentials",
            "unrecognizedclient",
        ],
    ),
    (
        "access denied",
        &[
            "accessdenied",
            "access denied",
            "not authorized",
            "unauthorized",
            "forbidden",
        ],
    ),
    (
        "model not found",
        &[
            "resourcenotfound",
            "not found",
            "model identifier is invalid",
        ],
    ),
    (
        "invalid request",
        &["validation", "invalid request", "badrequest"],
    ),
    (
        "service down",
        &[
            "unavailable",
            "internalserver",
            "internal server",
            "not ready",
            "modelnotready",
        ],
    ),
];

/// What no tutor begins with.
#[expect(clippy::unwrap_used, reason = "a constant; a test compiles it")]
static ERROR_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:\[error\b|traceback \(most recent|error calling )").unwrap()
});

#[expect(clippy::unwrap_used, reason = "a constant; a test compiles it")]
static IN_BOTOCORES_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"An error occurred \(\w+\)[^:]{0,80} when calling the \w+ operation").unwrap()
});

/// `ThrottlingException: …`, `botocore.errorfactory.ValidationException: …`, and the errors of
/// botocore that no lesson on programming has.
#[expect(clippy::unwrap_used, reason = "a constant; a test compiles it")]
static NAMED_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:botocore\.[\w.]*Error|(?:\w+\.)*(?:\w*[A-Za-z]Exception|ClientError|BotoCoreError|EndpointConnectionError|ConnectionClosedError|ConnectTimeoutError|ReadTimeoutError|HTTPClientError|ProxyConnectionError|ResponseStreamingError|NoCredentialsError|PartialCredentialsError|CredentialRetrievalError|TokenRetrievalError|UnauthorizedSSOTokenError|SSOTokenLoadError|NoRegionError|ParamValidationError|ProfileNotFoundError|EventStreamError))\b\s*[:(]",
    )
    .unwrap()
});

/// What a text is that is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mistaken {
    /// No text, or a word for none.
    Nothing,
    /// An error's text, of this kind; with the exception that it names.
    Error {
        /// The kind, in words.
        kind: String,
        /// Such as `ThrottlingException`.
        name: Option<String>,
    },
}

impl Mistaken {
    /// Recognises what is no answer of a model; of anything else nothing is assumed.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let small = text.to_lowercase();
        if text.is_empty() || NOTHING.contains(&&*small) {
            return Some(Self::Nothing);
        }
        let is_told = ERROR_FIRST.is_match(text)
            || IN_BOTOCORES_WORDS.is_match(text)
            || NAMED_FIRST.is_match(text)
            || is_error_line(text, &small)
            || is_error_body(text);
        is_told.then(|| Self::Error {
            kind: kind(&small).map_or_else(
                || exception(text).unwrap_or_else(|| "stored error".to_owned()),
                str::to_owned,
            ),
            name: exception(text),
        })
    }
}

/// `ERROR: …` in capitals, or otherwise written before an error's words. A program does not ask;
/// a tutor does.
fn is_error_line(text: &str, small: &str) -> bool {
    text.starts_with("ERROR:")
        || (small.starts_with("error:") && kind(small).is_some() && !text.contains('?'))
}

/// `{"error": …}`, and a body of Bedrock, which has nothing but a message.
pub(super) fn is_error_body(text: &str) -> bool {
    let Ok(Value::Object(body)) = serde_json::from_str(text) else {
        return false;
    };
    let is_told = |name: &&str| body.get(*name).is_some_and(|value| !value.is_null());
    let is_message =
        body.len() == 1 && (body.contains_key("message") || body.contains_key("Message"));
    is_message || ERROR_MEMBERS.iter().any(is_told)
}

fn kind(small: &str) -> Option<&'static str> {
    let fits = |words: &&[&str]| words.iter().any(|word| small.contains(word));
    KINDS
        .iter()
        .find(|(_, words)| fits(words))
        .map(|(kind, _)| *kind)
}

/// The exception that a text names, such as `ThrottlingException`.
fn exception(text: &str) -> Option<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_name = |word: &&str| {
        ["Exception", "Error"]
            .iter()
            .any(|ending| word.len() > ending.len() && word.ends_with(ending))
    };
    words.into_iter().find(is_name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(text: &str) -> Option<String> {
        match Mistaken::of(text)? {
            Mistaken::Nothing => Some("nothing".to_owned()),
            Mistaken::Error { kind, .. } => Some(kind),
        }
    }

    #[test]
    fn errors_are_told_by_their_kind() {
        for (text, kind) in [
            ("[ERROR: ThrottlingException]", "throttled"),
            ("ERROR: rate exceeded", "throttled"),
            ("[Error] timeout", "timeout"),
            (
                "An error occurred (ThrottlingException) when calling the Converse operation (reached max retries: 4): Too many requests",
                "throttled",
            ),
            (
                "An error occurred (AccessDeniedException) when calling the InvokeModel operation: You don't have access to the model",
                "access denied",
            ),
            (
                "botocore.errorfactory.ValidationException: The provided model identifier is invalid.",
                "model not found",
            ),
            (
                "botocore.exceptions.ReadTimeoutError: Read timeout on endpoint URL",
                "timeout",
            ),
            (
                "EndpointConnectionError: Could not connect to the endpoint URL",
                "EndpointConnectionError",
            ),
            ("Error: the model was not found", "model not found"),
            ("ExpiredTokenException: the token is over", "credentials"),
            ("Error: Read timed out.", "timeout"),
            (r#"{"error": "model not ready"}"#, "service down"),
            (r#"{"error": {"code": 17}}"#, "stored error"),
            (
                r#"{"message": "Too many tokens, please wait before trying again."}"#,
                "throttled",
            ),
            (
                "[ERROR: EndpointConnectionError]",
                "EndpointConnectionError",
            ),
            ("[ERROR]", "stored error"),
            ("None", "nothing"),
            (" null ", "nothing"),
            ("", "nothing"),
        ] {
            assert_eq!(kind_of(text).as_deref(), Some(kind), "{text}");
        }
    }

    #[test]
    fn a_tutor_may_speak_of_errors() {
        for text in [
            "Error is a part of learning. What would you change?",
            "Error: what do you mean by that word?",
            "TypeError: what does that name tell you?",
            "ValueError (a name of Python): why `value`?",
            "Error: is that forbidden, or was it only not found?",
            "Error: validation comes later. What comes first?",
            "Is a timeout an error, or a decision?",
            "None of these? Which one comes nearest?",
            "An error occurred to you, you say. Which one?",
            r#"{"question": "What is justice?"}"#,
            "[Errors happen] is a strong word. Why that one?",
            "429 people agree with you. Does that make it true?",
        ] {
            assert_eq!(Mistaken::of(text), None, "{text}");
        }
    }

    #[test]
    fn the_exception_is_kept() {
        let found = Mistaken::of("[ERROR: An error occurred (ThrottlingException) …]");
        let expected = Mistaken::Error {
            kind: "throttled".to_owned(),
            name: Some("ThrottlingException".to_owned()),
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn the_page_tells_every_kind() {
        let page = include_str!("../../../docs/stored-runs.md");
        for (kind, _) in KINDS {
            assert!(page.contains(&format!("\n| {kind} | `")), "{kind}");
        }
        for word in NOTHING {
            assert!(page.contains(&format!("`{word}`")), "{word}");
        }
    }
}
