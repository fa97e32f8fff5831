//! A canonical request as a text: written to be hashed, and read back.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::canonical::{
    CanonicalBody, CanonicalRequest, Named, headers, joined, labels, origin, pairs,
};
use super::one_pass::write_body;
use super::pieces::rough_length;
use super::{MatchOn, RequestKey};
use crate::exchange::{Json, Operation, Request, write_json_string};

/// The version of the normal form. It is hashed in: keys of two versions never meet.
pub const CANONICAL_VERSION: u32 = 1;

/// Bytes that the text has about, beside its body.
const HEAD: usize = 256;
/// What stands before a JSON body.
const BODY: &[u8] = b",\"body\":";

/// A text that is no canonical request of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a canonical request of version {CANONICAL_VERSION}, found {0}")]
pub struct CanonicalError(String);

impl RequestKey {
    /// The key of a request under the given rules.
    #[must_use]
    pub fn of(request: &Request, match_on: &MatchOn) -> Self {
        match written_at_once(request, match_on) {
            Some(text) => Self::of_text(&text),
            None => CanonicalRequest::of(request, match_on).key(),
        }
    }
}

impl CanonicalRequest {
    /// The request key: the SHA-256 of the text.
    #[must_use]
    pub fn key(&self) -> RequestKey {
        RequestKey::of_text(&self.to_bytes())
    }

    /// The text, as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD + self.body.length());
        write_operation(self.operation, &mut out);
        write_named("labels", self.labels(), &mut out);
        write_named("query", self.query(), &mut out);
        write_named("origin", self.origin(), &mut out);
        write_named("headers", self.headers(), &mut out);
        self.body.write(&mut out);
        out.push(b'}');
        out
    }

    /// Reads the text back.
    ///
    /// # Errors
    /// [`CanonicalError`] where it is another version's or no canonical request.
    pub fn read(text: &[u8]) -> Result<Self, CanonicalError> {
        // The body stands one level below the text.
        let json = Json::read_inside(text, 1).map_err(|error| CanonicalError(error.to_string()))?;
        let Json::Object(mut members) = json else {
            return Err(CanonicalError(format!("`{json}`")));
        };
        let version = members.remove("version").map(|version| version.to_string());
        if version.as_deref() != Some(CANONICAL_VERSION.to_string().as_str()) {
            let found = version.unwrap_or_else(|| "none".to_owned());
            return Err(CanonicalError(format!("version {found}")));
        }
        let operation = take_operation(&mut members)?;
        let mut named = |name| take_named(&mut members, name);
        let read = Self {
            operation,
            labels: named("labels")?,
            query: named("query")?,
            origin: named("origin")?,
            headers: named("headers")?,
            body: CanonicalBody::take(&mut members)?,
        };
        match members.keys().next() {
            Some(name) => Err(CanonicalError(format!("a member `{name}`"))),
            None => Ok(read),
        }
    }
}

/// The text, where neither a path takes anything out of the body nor the body has to be read
/// as a tree.
fn written_at_once(request: &Request, match_on: &MatchOn) -> Option<Vec<u8>> {
    if match_on.ignored_body().next().is_some() {
        return None;
    }
    let operation = request.target.operation();
    let query = joined(request.target.query().iter().cloned());
    let origin = origin(request, match_on);
    let headers = headers(request, match_on);
    let mut out = Vec::with_capacity(HEAD + request.body.len());
    write_operation(operation, &mut out);
    write_named("labels", labels(request, match_on), &mut out);
    write_named("query", pairs(&query), &mut out);
    write_named("origin", pairs(&origin), &mut out);
    write_named("headers", pairs(&headers), &mut out);
    if !request.body.is_empty() {
        out.extend_from_slice(BODY);
        write_body(operation, &request.body, match_on, &mut out).ok()?;
    }
    out.push(b'}');
    Some(out)
}

impl CanonicalBody {
    /// About how long the text gets.
    fn length(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Json(json) => rough_length(json),
            Self::Raw(bytes) => bytes.len() + bytes.len() / 2,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Empty => {}
            Self::Json(json) => {
                out.extend_from_slice(BODY);
                json.write(out);
            }
            Self::Raw(bytes) => {
                let (name, text) = match std::str::from_utf8(bytes) {
                    Ok(text) => ("text", text.to_owned()),
                    Err(_) => ("base64", BASE64.encode(bytes)),
                };
                out.push(b',');
                write_json_string(name, out);
                out.push(b':');
                write_json_string(&text, out);
            }
        }
    }

    fn take(members: &mut BTreeMap<String, Json>) -> Result<Self, CanonicalError> {
        if let Some(json) = members.remove("body") {
            return Ok(Self::Json(json));
        }
        if let Some(text) = members.remove("text") {
            return Ok(Self::Raw(into_string("text", text)?.into()));
        }
        let Some(encoded) = members.remove("base64") else {
            return Ok(Self::Empty);
        };
        BASE64
            .decode(into_string("base64", encoded)?)
            .map(|bytes| Self::Raw(bytes.into()))
            .map_err(|error| CanonicalError(format!("`base64` that is none: {error}")))
    }
}

fn write_operation(operation: Operation, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"version\":");
    out.extend_from_slice(CANONICAL_VERSION.to_string().as_bytes());
    out.extend_from_slice(b",\"operation\":\"");
    out.extend_from_slice(operation.name().as_bytes());
    out.push(b'"');
}

fn write_named<'a>(name: &str, named: impl Iterator<Item = (&'a str, &'a str)>, out: &mut Vec<u8>) {
    let before = out.len();
    out.push(b',');
    write_json_string(name, out);
    out.extend_from_slice(b":{");
    let open = out.len();
    for (name, value) in named {
        if out.len() > open {
            out.push(b',');
        }
        write_json_string(name, out);
        out.push(b':');
        write_json_string(value, out);
    }
    match out.len() {
        // What has no member does not stand there.
        length if length == open => out.truncate(before),
        _ => out.push(b'}'),
    }
}

fn take_operation(members: &mut BTreeMap<String, Json>) -> Result<Operation, CanonicalError> {
    let name = members.remove("operation");
    name.as_ref()
        .and_then(Json::as_str)
        .and_then(Operation::from_name)
        .ok_or_else(|| {
            let found = name.map_or_else(|| "none".to_owned(), |name| name.to_string());
            CanonicalError(format!("operation {found}"))
        })
}

fn take_named(
    members: &mut BTreeMap<String, Json>,
    name: &'static str,
) -> Result<Named, CanonicalError> {
    match members.remove(name) {
        None => Ok(Named::new()),
        Some(Json::Object(found)) => found
            .into_iter()
            .map(|(member, value)| Ok((member, into_string(name, value)?)))
            .collect(),
        Some(other) => Err(CanonicalError(format!("`{name}` as `{other}`"))),
    }
}

fn into_string(name: &'static str, json: Json) -> Result<String, CanonicalError> {
    match json {
        Json::String(text) => Ok(text),
        other => Err(CanonicalError(format!("`{other}` in `{name}`"))),
    }
}

impl fmt::Display for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

impl FromStr for CanonicalRequest {
    type Err = CanonicalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use bytes::Bytes;

    use super::super::Part;
    use super::*;
    use crate::exchange::RequestParts;

    fn request(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
        Request::read(RequestParts {
            method: if body.is_empty() { "GET" } else { "POST" },
            path_and_query: path,
            host: "bedrock-runtime.eu-west-1.amazonaws.com",
            headers: headers.to_vec(),
            body: Bytes::copy_from_slice(body),
        })
        .unwrap()
    }

    fn text(path: &str, headers: &[(&str, &str)], body: &str, match_on: &MatchOn) -> String {
        CanonicalRequest::of(&request(path, headers, body.as_bytes()), match_on).to_string()
    }

    #[test]
    fn the_text_shows_what_counts_and_nothing_else() {
        let seen = text(
            "/model/a.b-v1%3A0/converse",
            &[
                ("Authorization", "Bearer secret"),
                ("Content-Type", "application/json"),
                ("X-Amzn-Bedrock-Trace", "ENABLED"),
            ],
            r#"{"messages": [], "inferenceConfig": {"topP": 0.8999999761581421, "maxTokens": 1e2},
                "requestMetadata": {"run": "7"}}"#,
            &MatchOn::new(),
        );
        assert_eq!(
            seen,
            r#"{"version":1,"operation":"Converse","labels":{"modelId":"a.b-v1:0"},"headers":{"x-amzn-bedrock-trace":"ENABLED"},"body":{"inferenceConfig":{"maxTokens":100,"topP":0.9},"messages":[]}}"#
        );
    }

    #[test]
    fn the_key_is_the_sha256_of_the_text() {
        let canonical = CanonicalRequest::of(&request("/async-invoke", &[], b""), &MatchOn::new());
        assert_eq!(
            canonical.to_string(),
            r#"{"version":1,"operation":"ListAsyncInvokes"}"#
        );
        assert_eq!(
            canonical.key().to_string(),
            "43aade06a310119075c7fe813e813eb53097d8112a3660651e9a7e4611402bfc"
        );
    }

    #[test]
    fn only_documented_query_members_count() {
        let seen = text(
            "/async-invoke?sortOrder=Ascending&X-Amz-Signature=s&maxResults=5",
            &[],
            "",
            &MatchOn::new(),
        );
        assert!(
            seen.contains(r#""query":{"maxResults":"5","sortOrder":"Ascending"}}"#),
            "{seen}"
        );
    }

    #[test]
    fn a_body_that_is_no_json_counts_by_its_bytes() {
        let of = |body: &[u8]| {
            let request = request("/model/m/invoke", &[], body);
            CanonicalRequest::of(&request, &MatchOn::new())
        };
        assert!(of(b"{\"a\":").to_string().ends_with(r#""text":"{\"a\":"}"#));
        assert!(of(b"\xff\xd8").to_string().ends_with(r#""base64":"/9g="}"#));
        assert_ne!(of(b"{\"a\":").key(), of(b"{\"a\": ").key());
    }

    #[test]
    fn the_idempotency_token_of_an_async_call_is_out_by_default() {
        let body = r#"{"clientRequestToken":"9d6f","modelId":"m","modelInput":{}}"#;
        let seen = text("/async-invoke", &[], body, &MatchOn::new());
        assert!(
            seen.ends_with(r#""body":{"modelId":"m","modelInput":{}}}"#),
            "{seen}"
        );
        let kept = MatchOn::new().with(Part::ClientRequestToken).ignore_model();
        let seen = text("/async-invoke", &[], body, &kept);
        assert!(
            seen.ends_with(r#""body":{"clientRequestToken":"9d6f","modelInput":{}}}"#),
            "{seen}"
        );
    }

    #[test]
    fn each_rule_takes_out_or_puts_in_its_part() {
        let of = |match_on: &MatchOn| {
            text(
                "/model/m/invoke",
                &[
                    ("accept", "a/b"),
                    ("x-amzn-bedrock-requestmetadata", r#"{"b":"2", "a":"1"}"#),
                    ("x-amzn-bedrock-trace", "ENABLED"),
                ],
                r#"{"salt":"x","seed":1}"#,
                match_on,
            )
        };
        let rules = MatchOn::new()
            .ignore_model()
            .ignore_body("$.salt")
            .unwrap()
            .ignore_header("x-amzn-bedrock-trace")
            .unwrap();
        assert_eq!(
            of(&rules),
            r#"{"version":1,"operation":"InvokeModel","body":{"seed":1}}"#
        );
        let rules = rules
            .ignore_body("$")
            .unwrap()
            .with_region()
            .with_host()
            .with_request_metadata()
            .with_header("Accept")
            .unwrap();
        assert_eq!(
            of(&rules),
            r#"{"version":1,"operation":"InvokeModel","origin":{"host":"bedrock-runtime.eu-west-1.amazonaws.com","region":"eu-west-1"},"headers":{"accept":"a/b","x-amzn-bedrock-requestmetadata":"{\"a\":\"1\",\"b\":\"2\"}"}}"#
        );
    }

    #[test]
    fn a_body_as_deep_as_any_is_read_back() {
        let body = ["[".repeat(257), "]".repeat(257)].concat();
        let canonical = CanonicalRequest::of(
            &request("/model/m/invoke", &[], body.as_bytes()),
            &MatchOn::new(),
        );
        assert!(matches!(canonical.body(), CanonicalBody::Json(_)));
        assert_eq!(canonical.to_string().parse(), Ok(canonical));
    }

    #[test]
    fn another_version_or_another_text_is_refused() {
        let refused = |text: &str| text.parse::<CanonicalRequest>().unwrap_err().to_string();
        assert!(refused(r#"{"version":2,"operation":"Converse"}"#).contains("version 2"));
        assert!(refused(r#"{"version":1,"operation":"Talk"}"#).contains(r#""Talk""#));
        assert!(refused(r#"{"version":1,"operation":"Converse","more":1}"#).contains("`more`"));
        assert!(refused("[]").contains("`[]`"));
        assert!(refused("{").contains("JSON"));
    }

    proptest! {
        #[test]
        fn a_canonical_request_survives_its_text(
            model in "\\PC{1,20}",
            trace in proptest::option::of("[a-zA-Z ,]{0,9}"),
            body in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut request = request("/model/m/invoke", &[], b"{}");
            request.target = request.target.map_labels(|_| model.clone());
            request.body = body.into();
            if let Some(trace) = &trace {
                request.headers = crate::exchange::Headers::of_request(
                    [("x-amzn-bedrock-trace", trace.as_str())],
                );
            }
            let canonical = CanonicalRequest::of(&request, &MatchOn::new().with_host());
            let read = CanonicalRequest::read(&canonical.to_bytes()).unwrap();
            prop_assert_eq!(&read, &canonical);
            prop_assert_eq!(read.key(), canonical.key());
        }
    }
}
