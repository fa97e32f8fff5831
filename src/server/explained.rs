//! What a refusal of Bedrock means, in one line of the log.

use http::HeaderMap;
use serde::Deserialize;

use crate::explain::{Explanation, ServiceError};

#[derive(Deserialize)]
struct Told {
    #[serde(alias = "Message")]
    message: String,
}

/// Why, and what to do, where the service's words are known.
pub fn of_answer(headers: &HeaderMap, status: u16, body: &[u8]) -> Option<String> {
    let told: Told = serde_json::from_slice(body).ok()?;
    let kind = headers.get("x-amzn-errortype");
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let error = ServiceError {
        kind: kind.split([':', '#']).next().unwrap_or_default(),
        status,
        message: &told.message,
    };
    let known = Explanation::of(error, None, None)?;
    let Explanation {
        what, why, next, ..
    } = known;
    Some(format!("{what}: {why}; next: {next}"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_refusal_is_explained_and_what_is_not_known_is_left_alone() {
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("ThrottlingException:http://internal.amazon.com/");
        headers.insert("x-amzn-errortype", kind);
        let body = br#"{"message":"Too many requests, please wait before trying again."}"#;
        let told = of_answer(&headers, 429, body).unwrap();
        assert!(told.contains("; next: "), "{told}");
        assert_eq!(
            of_answer(&HeaderMap::new(), 418, br#"{"message":"no"}"#),
            None
        );
        assert_eq!(of_answer(&headers, 429, b"<html>"), None);
    }
}
