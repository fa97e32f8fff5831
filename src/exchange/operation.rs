//! Which Bedrock Runtime operation a method and a path stand for: one table, read by every
//! door, so that a new operation is a new row.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// An operation of Bedrock Runtime that can be recorded and replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /model/{modelId}/converse`
    Converse,
    /// `POST /model/{modelId}/converse-stream`
    ConverseStream,
    /// `POST /model/{modelId}/invoke`
    InvokeModel,
    /// `POST /model/{modelId}/invoke-with-response-stream`
    InvokeModelWithResponseStream,
    /// `POST /model/{modelId}/count-tokens`
    CountTokens,
    /// `POST /guardrail/{guardrailIdentifier}/version/{guardrailVersion}/apply`
    ApplyGuardrail,
    /// `POST /guardrail-checks/invoke`
    InvokeGuardrailChecks,
    /// `POST /async-invoke`
    StartAsyncInvoke,
    /// `GET /async-invoke/{invocationArn}`
    GetAsyncInvoke,
    /// `GET /async-invoke`
    ListAsyncInvokes,
}

enum Support {
    Recorded(Operation),
    Refused {
        name: &'static str,
        why: &'static str,
    },
}

struct Route {
    method: &'static str,
    /// Segments; one in braces is a label.
    path: &'static [&'static str],
    support: Support,
}

const fn recorded(
    method: &'static str,
    path: &'static [&'static str],
    operation: Operation,
) -> Route {
    Route {
        method,
        path,
        support: Support::Recorded(operation),
    }
}

/// The HTTP bindings of the service model (restJson1).
const ROUTES: &[Route] = &[
    recorded(
        "POST",
        &["model", "{modelId}", "converse"],
        Operation::Converse,
    ),
    recorded(
        "POST",
        &["model", "{modelId}", "converse-stream"],
        Operation::ConverseStream,
    ),
    recorded(
        "POST",
        &["model", "{modelId}", "invoke"],
        Operation::InvokeModel,
    ),
    recorded(
        "POST",
        &["model", "{modelId}", "invoke-with-response-stream"],
        Operation::InvokeModelWithResponseStream,
    ),
    recorded(
        "POST",
        &["model", "{modelId}", "count-tokens"],
        Operation::CountTokens,
    ),
    recorded(
        "POST",
        &[
            "guardrail",
            "{guardrailIdentifier}",
            "version",
            "{guardrailVersion}",
            "apply",
        ],
        Operation::ApplyGuardrail,
    ),
    recorded(
        "POST",
        &["guardrail-checks", "invoke"],
        Operation::InvokeGuardrailChecks,
    ),
    recorded("POST", &["async-invoke"], Operation::StartAsyncInvoke),
    recorded("GET", &["async-invoke"], Operation::ListAsyncInvokes),
    recorded(
        "GET",
        &["async-invoke", "{invocationArn}"],
        Operation::GetAsyncInvoke,
    ),
    Route {
        method: "POST",
        path: &["model", "{modelId}", "invoke-with-bidirectional-stream"],
        support: Support::Refused {
            name: "InvokeModelWithBidirectionalStream",
            why: "a two-way HTTP/2 stream has no single request to key a recording by",
        },
    },
];

impl Operation {
    /// Every recordable operation.
    pub const ALL: [Self; 10] = [
        Self::Converse,
        Self::ConverseStream,
        Self::InvokeModel,
        Self::InvokeModelWithResponseStream,
        Self::CountTokens,
        Self::ApplyGuardrail,
        Self::InvokeGuardrailChecks,
        Self::StartAsyncInvoke,
        Self::GetAsyncInvoke,
        Self::ListAsyncInvokes,
    ];

    /// The name in the AWS service model, such as `ConverseStream`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
            Self::InvokeModel => "InvokeModel",
            Self::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Self::CountTokens => "CountTokens",
            Self::ApplyGuardrail => "ApplyGuardrail",
            Self::InvokeGuardrailChecks => "InvokeGuardrailChecks",
            Self::StartAsyncInvoke => "StartAsyncInvoke",
            Self::GetAsyncInvoke => "GetAsyncInvoke",
            Self::ListAsyncInvokes => "ListAsyncInvokes",
        }
    }

    /// The operation of that service-model name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.name() == name)
    }

    /// Whether a successful answer is an event stream.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(
            self,
            Self::ConverseStream | Self::InvokeModelWithResponseStream
        )
    }

    /// The operation that answers the same request in the other form: as an event stream, or
    /// at once.
    #[must_use]
    pub const fn counterpart(self) -> Option<Self> {
        match self {
            Self::Converse => Some(Self::ConverseStream),
            Self::ConverseStream => Some(Self::Converse),
            Self::InvokeModel => Some(Self::InvokeModelWithResponseStream),
            Self::InvokeModelWithResponseStream => Some(Self::InvokeModel),
            _ => None,
        }
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(self) -> &'static str {
        self.route().method
    }

    fn route(self) -> &'static Route {
        ROUTES
            .iter()
            .find(
                |route| matches!(route.support, Support::Recorded(operation) if operation == self),
            )
            .unwrap_or(&ROUTES[0])
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a call is addressed to: an operation and the decoded labels of its path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    operation: Operation,
    /// One value per label of the operation's path, in path order.
    labels: Vec<String>,
    /// Documented query members, sorted.
    query: Vec<(String, String)>,
}

/// Query members that belong to the API (`ListAsyncInvokes`). Any other, a presigned
/// signature above all, is neither keyed nor stored.
const QUERY_MEMBERS: [&str; 7] = [
    "maxResults",
    "nextToken",
    "sortBy",
    "sortOrder",
    "statusEquals",
    "submitTimeAfter",
    "submitTimeBefore",
];

/// What botocore leaves unescaped in a label.
const LABEL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Target {
    /// A call on a model.
    #[must_use]
    pub fn model_call(operation: Operation, model: &str) -> Self {
        Self {
            operation,
            labels: vec![model.to_owned()],
            query: Vec::new(),
        }
    }

    /// Reads a method and a path with its query, as sent (`/model/a%3A0/converse`).
    ///
    /// # Errors
    /// [`UnsupportedPath`], by name where the operation is known.
    pub fn parse(method: &str, path_and_query: &str) -> Result<Self, UnsupportedPath> {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let path_segments = path.trim_start_matches('/');
        for route in ROUTES {
            let Some(labels) = route.labels(method, path_segments) else {
                continue;
            };
            return match route.support {
                Support::Recorded(operation) => Ok(Self {
                    operation,
                    labels,
                    query: read_query(query),
                }),
                Support::Refused { name, why } => Err(UnsupportedPath::Refused { name, why }),
            };
        }
        Err(UnsupportedPath::Unknown {
            method: method.to_owned(),
            path: path.to_owned(),
        })
    }

    /// The operation.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// The decoded labels with their names, such as `("modelId", "…v2:0")`.
    pub fn labels(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.operation
            .route()
            .path
            .iter()
            .filter_map(|segment| label_name(segment))
            .zip(self.labels.iter().map(String::as_str))
    }

    /// The documented query members, sorted by name.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The model id or ARN, where the operation has one in its path.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.labels()
            .find(|(name, _)| *name == "modelId")
            .map(|(_, value)| value)
    }

    /// What a line about this call shows beside the operation: the model, or the first label.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.labels.first().map_or("", String::as_str)
    }

    /// The same target with every label rewritten.
    #[must_use]
    pub fn map_labels(&self, rewrite: impl FnMut(&str) -> String) -> Self {
        Self {
            operation: self.operation,
            labels: self
                .labels
                .iter()
                .map(String::as_str)
                .map(rewrite)
                .collect(),
            query: self.query.clone(),
        }
    }

    /// The same target with every query value rewritten.
    #[must_use]
    pub fn map_query(&self, mut rewrite: impl FnMut(&str) -> String) -> Self {
        let member = |(name, value): &(String, String)| (name.clone(), rewrite(value));
        Self {
            operation: self.operation,
            labels: self.labels.clone(),
            query: self.query.iter().map(member).collect(),
        }
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.operation.method()
    }

    /// The path and query in one normal form: labels percent-encoded as botocore does.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        let mut labels = self.labels.iter();
        let mut path = String::new();
        for segment in self.operation.route().path {
            path.push('/');
            match (label_name(segment), labels.as_slice().is_empty()) {
                (Some(_), false) => {
                    let label = labels.next().map_or("", String::as_str);
                    path.extend(utf8_percent_encode(label, LABEL));
                }
                _ => path.push_str(segment),
            }
        }
        for (index, (name, value)) in self.query.iter().enumerate() {
            path.push(if index == 0 { '?' } else { '&' });
            path.extend(utf8_percent_encode(name, LABEL));
            path.push('=');
            path.extend(utf8_percent_encode(value, LABEL));
        }
        path
    }
}

impl Route {
    fn labels(&self, method: &str, path: &str) -> Option<Vec<String>> {
        if self.method != method || !self.matches(path) {
            return None;
        }
        let segments = self.path.iter().zip(path.split('/'));
        segments
            .filter(|(expected, _)| label_name(expected).is_some())
            .map(|(_, found)| decode(found).filter(|label| !label.is_empty()))
            .collect()
    }

    fn matches(&self, path: &str) -> bool {
        let mut found = path.split('/');
        let alike = self.path.iter().all(|expected| {
            let found = found.next();
            found.is_some_and(|found| label_name(expected).is_some() || *expected == found)
        });
        alike && found.next().is_none()
    }
}

fn label_name(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn read_query(query: &str) -> Vec<(String, String)> {
    if query.is_empty() {
        return Vec::new();
    }
    let mut members: Vec<(String, String)> = query
        .split('&')
        .filter_map(|member| {
            let (name, value) = member.split_once('=').unwrap_or((member, ""));
            Some((decode(name)?, decode(value)?))
        })
        .filter(|(name, _)| QUERY_MEMBERS.contains(&name.as_str()))
        .collect();
    members.sort();
    members
}

/// A path that is refused, because handling it half would be worse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsupportedPath {
    /// A known operation that cannot be recorded.
    #[error("`{name}` cannot be recorded or replayed: {why} (use mode `passthrough` for it)")]
    Refused {
        /// The operation's name.
        name: &'static str,
        /// The reason.
        why: &'static str,
    },
    /// No operation of Bedrock Runtime has this path.
    #[error(
        "`{method} {path}` is no operation of Bedrock Runtime that this version knows (expected a path such as `POST /model/{{modelId}}/converse`; use mode `passthrough` for it)"
    )]
    Unknown {
        /// The HTTP method.
        method: String,
        /// The path as sent, without its query.
        path: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_id_is_the_same_whether_its_colon_is_escaped_or_bare() {
        let escaped = Target::parse("POST", "/model/amazon.nova-lite-v1%3A0/converse");
        let bare = Target::parse("POST", "/model/amazon.nova-lite-v1:0/converse");
        assert_eq!(escaped, bare);
        assert_eq!(
            bare.unwrap().path_and_query(),
            "/model/amazon.nova-lite-v1%3A0/converse"
        );
    }

    #[test]
    fn an_arn_travels_in_one_segment() {
        let target = Target::parse(
            "POST",
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.x/invoke",
        )
        .unwrap();
        assert_eq!(
            target.model(),
            Some("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x")
        );
    }

    #[test]
    fn every_operation_survives_its_own_path() {
        for operation in Operation::ALL {
            let labels = operation
                .route()
                .path
                .iter()
                .filter(|segment| label_name(segment).is_some())
                .map(|_| "a:b/c d".to_owned())
                .collect();
            let target = Target {
                operation,
                labels,
                query: Vec::new(),
            };
            assert_eq!(
                Target::parse(target.method(), &target.path_and_query()),
                Ok(target)
            );
        }
    }

    #[test]
    fn the_two_way_stream_is_refused_by_name() {
        let error = Target::parse("POST", "/model/x/invoke-with-bidirectional-stream").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("InvokeModelWithBidirectionalStream"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_path_is_refused_with_its_own_words() {
        let error = Target::parse("DELETE", "/model/x/converse").unwrap_err();
        assert!(
            error.to_string().contains("DELETE /model/x/converse"),
            "{error}"
        );
    }

    #[test]
    fn a_presigned_query_leaves_no_trace() {
        let target = Target::parse(
            "GET",
            "/async-invoke?X-Amz-Signature=abc&maxResults=5&X-Amz-Security-Token=t",
        )
        .unwrap();
        assert_eq!(target.path_and_query(), "/async-invoke?maxResults=5");
    }
}
