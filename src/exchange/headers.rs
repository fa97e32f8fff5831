//! Header lists and the allow-lists that guard them: what is not named here never reaches a
//! cassette, whatever a client, a proxy or a future SDK puts into its headers.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Request headers that may be kept. Those that change the answer are part of the request
/// key by default (`identity::MatchOn`); the others only describe the body or the run.
const REQUEST: [&str; 9] = [
    "accept",
    "content-type",
    "x-amzn-bedrock-accept",
    "x-amzn-bedrock-guardrailidentifier",
    "x-amzn-bedrock-guardrailversion",
    "x-amzn-bedrock-performanceconfig-latency",
    "x-amzn-bedrock-requestmetadata",
    "x-amzn-bedrock-service-tier",
    "x-amzn-bedrock-trace",
];

/// Response headers that may be kept.
const RESPONSE: [&str; 18] = [
    "connection",
    "content-length",
    "content-type",
    "date",
    "retry-after",
    "server-timing",
    "transfer-encoding",
    "via",
    "x-amzn-bedrock-cache-read-input-token-count",
    "x-amzn-bedrock-cache-write-input-token-count",
    "x-amzn-bedrock-content-type",
    "x-amzn-bedrock-input-token-count",
    "x-amzn-bedrock-invocation-latency",
    "x-amzn-bedrock-output-token-count",
    "x-amzn-bedrock-performanceconfig-latency",
    "x-amzn-bedrock-service-tier",
    "x-amzn-errortype",
    "x-amzn-requestid",
];

/// Header lines: names in lower case, sorted by name; equal names keep their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Headers(Vec<(Name, String)>);

/// Borrowed where a list names it.
type Name = Cow<'static, str>;

impl IntoIterator for Headers {
    type Item = (Name, String);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Headers {
    /// Keeps what a request's allow-list names.
    pub fn of_request<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::allowed(&REQUEST, lines)
    }

    /// Keeps what a response's allow-list names.
    pub fn of_response<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::allowed(&RESPONSE, lines)
    }

    fn allowed<'a>(
        names: &'static [&'static str],
        lines: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let listed = |name: &str| {
            let mut names = names.iter().copied();
            names.find(|known| known.eq_ignore_ascii_case(name))
        };
        let mut kept: Vec<(Name, String)> = lines
            .into_iter()
            .filter_map(|(name, value)| Some((listed(name)?.into(), value.trim().to_owned())))
            .collect();
        kept.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(kept)
    }

    /// Lines as a cassette keeps them, which were allowed when they were written.
    pub(crate) const fn stored(lines: Vec<(Cow<'static, str>, String)>) -> Self {
        Self(lines)
    }

    /// The first value of a header, by its lower-case name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }

    /// All lines in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str()))
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same lines with every value rewritten.
    #[must_use]
    pub fn map_values(&self, mut rewrite: impl FnMut(&str, &str) -> String) -> Self {
        Self(
            self.0
                .iter()
                .map(|(name, value)| (name.clone(), rewrite(name, value)))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_no_list_names_is_dropped() {
        let lines = [
            ("Authorization", "AWS4-HMAC-SHA256 …"),
            ("X-Amzn-Bedrock-Trace", " ENABLED "),
            ("Cookie", "a=b"),
        ];
        let kept = Headers::of_request(lines);
        assert_eq!(
            kept.iter().collect::<Vec<_>>(),
            [("x-amzn-bedrock-trace", "ENABLED")]
        );
    }
}
