//! Which parts of a request count towards its key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BodyPath, BodyPathError};
use crate::exchange::Headers;

/// Headers that change the answer.
const DEFAULT_HEADERS: [&str; 5] = [
    "x-amzn-bedrock-guardrailidentifier",
    "x-amzn-bedrock-guardrailversion",
    "x-amzn-bedrock-performanceconfig-latency",
    "x-amzn-bedrock-service-tier",
    "x-amzn-bedrock-trace",
];

/// The header that carries `InvokeModel`'s `requestMetadata`.
pub(super) const METADATA_HEADER: &str = "x-amzn-bedrock-requestmetadata";

/// A part of a request that can be ignored or added.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Part {
    /// `model`: which model is asked.
    Model,
    /// `request-metadata`: the `requestMetadata` of a call, often a run's id.
    RequestMetadata,
    /// `client-request-token`: `StartAsyncInvoke`'s idempotency token, which SDKs make up anew
    /// for each call.
    ClientRequestToken,
    /// `region`: the region that the request was signed for.
    Region,
    /// `host`: the endpoint's host.
    Host,
    /// `header:NAME`: a header that may be kept.
    Header(String),
    /// `$.path` or `/pointer`: places in a JSON body.
    Body(BodyPath),
}

/// A text that names no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// A body path that does not parse.
    #[error(transparent)]
    Body(#[from] BodyPathError),
    /// A header that never reaches a cassette.
    #[error(
        "header `{0}` is never kept, so nothing can match on it (expected one of the `x-amzn-bedrock-…` request headers, `accept` or `content-type`)"
    )]
    Header(String),
    /// Anything else.
    #[error(
        "expected `model`, `request-metadata`, `client-request-token`, `region`, `host`, `header:NAME`, a JSON path or a JSON pointer, found `{0}`"
    )]
    Unknown(String),
}

impl Part {
    fn header(name: &str) -> Result<Self, PartError> {
        let name = name.trim().to_ascii_lowercase();
        if name == METADATA_HEADER {
            return Ok(Self::RequestMetadata);
        }
        if Headers::of_request([(name.as_str(), "")]).is_empty() {
            return Err(PartError::Header(name));
        }
        Ok(Self::Header(name))
    }

    /// Whether the part counts unless it is ignored.
    fn counts_by_default(&self) -> bool {
        match self {
            Self::Model | Self::Body(_) => true,
            Self::Header(name) => DEFAULT_HEADERS.contains(&name.as_str()),
            Self::RequestMetadata | Self::ClientRequestToken | Self::Region | Self::Host => false,
        }
    }
}

impl FromStr for Part {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "model" => Ok(Self::Model),
            "request-metadata" => Ok(Self::RequestMetadata),
            "client-request-token" => Ok(Self::ClientRequestToken),
            "region" => Ok(Self::Region),
            "host" => Ok(Self::Host),
            _ if text.starts_with(['$', '/']) => Ok(Self::Body(text.parse()?)),
            _ => match text.strip_prefix("header:") {
                Some(name) => Self::header(name),
                None => Err(PartError::Unknown(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model => f.write_str("model"),
            Self::RequestMetadata => f.write_str("request-metadata"),
            Self::ClientRequestToken => f.write_str("client-request-token"),
            Self::Region => f.write_str("region"),
            Self::Host => f.write_str("host"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Body(path) => path.fmt(f),
        }
    }
}

impl From<Part> for String {
    fn from(part: Part) -> Self {
        part.to_string()
    }
}

impl TryFrom<String> for Part {
    type Error = PartError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Which parts count: the default ones, less those ignored, and those added.
///
/// By default these count: operation, path labels, documented query members, the headers that
/// change an answer (guardrail, trace, latency, service tier), and the whole body but for
/// `requestMetadata` and `StartAsyncInvoke`'s `clientRequestToken`.
///
/// ```
/// use bedrock_replay::identity::MatchOn;
///
/// let match_on = MatchOn::new()
///     .ignore_body("$.messages[*].content[*].text")?
///     .ignore_model()
///     .with_request_metadata();
/// assert_eq!(
///     match_on.to_string(),
///     r#"{"ignore":["model","$.messages[*].content[*].text"],"add":["request-metadata"]}"#
/// );
/// assert_eq!(match_on.to_string().parse(), Ok(match_on));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct MatchOn {
    /// Only parts that count by default; sorted, each once.
    ignored: Vec<Part>,
    /// Only parts that do not; sorted, each once.
    added: Vec<Part>,
}

/// The form in which rules are written, in any order and with repetitions.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ignore: Vec<Part>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    add: Vec<Part>,
}

impl From<Written> for MatchOn {
    fn from(written: Written) -> Self {
        let added = written.add.into_iter().fold(Self::new(), Self::with);
        written.ignore.into_iter().fold(added, Self::without)
    }
}

impl From<MatchOn> for Written {
    fn from(rules: MatchOn) -> Self {
        Self {
            ignore: rules.ignored,
            add: rules.added,
        }
    }
}

/// A text that holds no match-on rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected match-on rules such as `{{\"ignore\":[\"model\"],\"add\":[\"region\"]}}`, found `{text}`: {why}"
)]
pub struct MatchOnError {
    text: String,
    why: String,
}

impl MatchOn {
    /// The default rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a part.
    #[must_use]
    pub fn with(mut self, part: Part) -> Self {
        self.ignored.retain(|other| *other != part);
        if !part.counts_by_default() {
            insert(&mut self.added, part);
        }
        self
    }

    /// Ignores a part.
    #[must_use]
    pub fn without(mut self, part: Part) -> Self {
        self.added.retain(|other| *other != part);
        if part.counts_by_default() {
            insert(&mut self.ignored, part);
        }
        self
    }

    /// Ignores the places in a JSON body that a JSON path or pointer finds; `$` ignores the body.
    ///
    /// # Errors
    /// [`PartError`] where the path does not parse.
    pub fn ignore_body(self, path: &str) -> Result<Self, PartError> {
        Ok(self.without(Part::Body(path.parse()?)))
    }

    /// Ignores a header.
    ///
    /// # Errors
    /// [`PartError`] for a header that is never kept.
    pub fn ignore_header(self, name: &str) -> Result<Self, PartError> {
        Ok(self.without(Part::header(name)?))
    }

    /// Counts a header.
    ///
    /// # Errors
    /// [`PartError`] for a header that is never kept.
    pub fn with_header(self, name: &str) -> Result<Self, PartError> {
        Ok(self.with(Part::header(name)?))
    }

    /// Ignores which model is asked.
    #[must_use]
    pub fn ignore_model(self) -> Self {
        self.without(Part::Model)
    }

    /// Counts `requestMetadata`.
    #[must_use]
    pub fn with_request_metadata(self) -> Self {
        self.with(Part::RequestMetadata)
    }

    /// Counts the region that the request was signed for.
    #[must_use]
    pub fn with_region(self) -> Self {
        self.with(Part::Region)
    }

    /// Counts the endpoint's host.
    #[must_use]
    pub fn with_host(self) -> Self {
        self.with(Part::Host)
    }

    /// Whether these are the default rules.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.ignored.is_empty() && self.added.is_empty()
    }

    /// Whether a part counts.
    #[must_use]
    pub fn counts(&self, part: &Part) -> bool {
        if part.counts_by_default() {
            !self.ignored.contains(part)
        } else {
            self.added.contains(part)
        }
    }

    /// Whether a header counts, by its lower-case name.
    pub(super) fn counts_header(&self, name: &str) -> bool {
        if name == METADATA_HEADER {
            return self.counts(&Part::RequestMetadata);
        }
        if self.is_default() {
            return DEFAULT_HEADERS.contains(&name);
        }
        self.counts(&Part::Header(name.to_owned()))
    }

    /// The places in a body that do not count.
    pub(super) fn ignored_body(&self) -> impl Iterator<Item = &BodyPath> {
        self.ignored.iter().filter_map(|part| match part {
            Part::Body(path) => Some(path),
            _ => None,
        })
    }
}

fn insert(parts: &mut Vec<Part>, part: Part) {
    if let Err(place) = parts.binary_search(&part) {
        parts.insert(place, part);
    }
}

impl fmt::Display for MatchOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for MatchOn {
    type Err = MatchOnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text).map_err(|error| MatchOnError {
            text: text.to_owned(),
            why: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rules_have_one_text_however_they_were_built() {
        let one = MatchOn::new()
            .ignore_model()
            .with_region()
            .with_header("X-Amzn-Bedrock-Trace")
            .unwrap();
        let other = MatchOn::new().with_region().ignore_model().ignore_model();
        assert_eq!(one.to_string(), other.to_string());
        assert_eq!(one.to_string(), r#"{"ignore":["model"],"add":["region"]}"#);
    }

    #[test]
    fn the_default_rules_are_an_empty_object() {
        assert_eq!(MatchOn::new().to_string(), "{}");
        assert_eq!("{}".parse(), Ok(MatchOn::new()));
        let undone = MatchOn::new().ignore_model().with(Part::Model);
        assert!(undone.is_default());
    }

    #[test]
    fn a_header_that_is_never_kept_is_refused() {
        let error = MatchOn::new().with_header("Authorization").unwrap_err();
        assert!(error.to_string().contains("`authorization`"), "{error}");
    }

    #[test]
    fn rules_read_from_text_say_what_is_wrong_with_it() {
        let error = r#"{"ignore":["$.["]}"#.parse::<MatchOn>().unwrap_err();
        assert!(error.to_string().contains("found `$.[`"), "{error}");
        let error = r#"{"drop":["model"]}"#.parse::<MatchOn>().unwrap_err();
        assert!(error.to_string().contains("drop"), "{error}");
        let error = r#"{"ignore":["modle"]}"#.parse::<MatchOn>().unwrap_err();
        assert!(error.to_string().contains("found `modle`"), "{error}");
    }
}
