//! Places in a JSON body, named by a JSON path or a JSON pointer.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use serde_json_path::{JsonPath, PathElement};

use crate::exchange::Json;

/// A JSON path (RFC 9535, `$.messages[*].content[*].text`) or a JSON pointer (RFC 6901,
/// `/inferenceConfig/maxTokens`).
#[derive(Debug, Clone)]
pub struct BodyPath {
    text: String,
    query: Query,
}

#[derive(Debug, Clone)]
enum Query {
    Path(Box<JsonPath>),
    Pointer(Vec<String>),
}

/// A text that is neither JSON path nor JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a JSON path such as `$.messages[*].content[*].text` or a JSON pointer such as `/system/0/text`, found `{text}`{why}"
)]
pub struct BodyPathError {
    text: String,
    why: String,
}

/// One place in a body: the steps from its root. Shown as a JSON pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Index(usize),
    Name(String),
}

impl BodyPath {
    /// The text that it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it names the whole body.
    #[must_use]
    pub fn is_root(&self) -> bool {
        matches!(self.text.trim(), "$" | "")
    }

    /// The places that the path finds.
    fn locate(&self, json: &Json) -> Vec<Location> {
        match &self.query {
            Query::Pointer(steps) => Location::resolve(steps, json).into_iter().collect(),
            Query::Path(path) => path
                .query_located(&rounded(json))
                .locations()
                .map(|found| Location(found.iter().map(Step::of).collect()))
                .collect(),
        }
    }

    /// Removes what the path finds, as though it had never been written.
    pub(crate) fn remove_from(&self, json: &mut Json) {
        let mut found = self.locate(json);
        // Last places first: an index stays true while only later items have gone.
        found.sort_unstable_by(|a, b| b.cmp(a));
        for location in found {
            location.remove_from(json);
        }
    }

    /// Puts a value wherever the path finds one; says whether that changed anything.
    pub(crate) fn replace_in(&self, json: &mut Json, replacement: &Json) -> bool {
        let mut changed = false;
        for location in self.locate(json) {
            // A place inside one that is already replaced is gone.
            if let Some(found) = location.at_mut(json)
                && found != replacement
            {
                found.clone_from(replacement);
                changed = true;
            }
        }
        changed
    }
}

impl Location {
    /// Whether it is the whole body.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The JSON path of this place in every item of every array on the way to it, such as
    /// `$.messages[*].content[*].text`.
    #[must_use]
    pub fn pattern(&self) -> String {
        let mut path = String::from("$");
        for step in &self.0 {
            match step {
                Step::Index(_) => path.push_str("[*]"),
                Step::Name(name) if is_plain(name) => path.extend([".", name]),
                Step::Name(name) => {
                    let quoted = Json::String(name.clone()).to_string();
                    path.extend(["[", &quoted, "]"]);
                }
            }
        }
        path
    }

    /// Whether the member that holds it is named as ids, salts and times are.
    pub(super) fn names_an_id(&self) -> bool {
        let name = self.0.iter().rev().find_map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Index(_) => None,
        });
        name.is_some_and(|name| {
            let name = name.replace(['_', '-'], "").to_ascii_lowercase();
            name == "id" || ID_NAMES.iter().any(|known| name.ends_with(known))
        })
    }

    pub(super) fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    /// The place that the steps of a pointer name, where there is one.
    fn resolve(steps: &[String], json: &Json) -> Option<Self> {
        let mut value = json;
        let mut resolved = Vec::with_capacity(steps.len());
        for step in steps {
            value = match value {
                Json::Object(members) => {
                    resolved.push(Step::Name(step.clone()));
                    members.get(step)?
                }
                Json::Array(items) => {
                    let index = step.parse().ok()?;
                    resolved.push(Step::Index(index));
                    items.get(index)?
                }
                _ => return None,
            };
        }
        Some(Self(resolved))
    }

    fn at_mut<'a>(&self, json: &'a mut Json) -> Option<&'a mut Json> {
        self.0
            .iter()
            .try_fold(json, |value, step| step.of_mut(value))
    }

    fn remove_from(&self, json: &mut Json) {
        let Some((last, parents)) = self.0.split_last() else {
            return;
        };
        let parent = parents
            .iter()
            .try_fold(json, |value, step| step.of_mut(value));
        match (parent, last) {
            (Some(Json::Object(members)), Step::Name(name)) => {
                members.remove(name);
            }
            (Some(Json::Array(items)), Step::Index(index)) if *index < items.len() => {
                items.remove(*index);
            }
            _ => {}
        }
    }
}

impl Step {
    fn of(element: &PathElement<'_>) -> Self {
        match element {
            PathElement::Name(name) => Self::Name((*name).to_owned()),
            PathElement::Index(index) => Self::Index(*index),
        }
    }

    fn of_mut<'a>(&self, value: &'a mut Json) -> Option<&'a mut Json> {
        match (self, value) {
            (Self::Name(name), Json::Object(members)) => members.get_mut(name),
            (Self::Index(index), Json::Array(items)) => items.get_mut(*index),
            _ => None,
        }
    }
}

/// How names of members end that hold what is made up anew for each call. A `modelId` or a
/// `voiceId` is none of them.
const ID_NAMES: [&str; 20] = [
    "uuid",
    "nonce",
    "salt",
    "timestamp",
    "requesttoken",
    "callid",
    "conversationid",
    "correlationid",
    "eventid",
    "invocationid",
    "jobid",
    "messageid",
    "requestid",
    "runid",
    "sessionid",
    "spanid",
    "taskid",
    "threadid",
    "tooluseid",
    "traceid",
];

/// Whether a JSON path takes the name without quotes.
fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                Step::Index(index) => write!(f, "/{index}")?,
                Step::Name(name) => {
                    write!(f, "/{}", name.replace('~', "~0").replace('/', "~1"))?;
                }
            }
        }
        Ok(())
    }
}

/// The value as `serde_json` holds it: good for finding places, not for comparing numbers.
fn rounded(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => serde_json::from_str(number.as_str()).unwrap_or(Value::Null),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => items.iter().map(rounded).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), rounded(value)))
            .collect(),
    }
}

impl FromStr for BodyPath {
    type Err = BodyPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |why: String| BodyPathError {
            text: text.to_owned(),
            why,
        };
        let query = match text.as_bytes().first() {
            Some(b'$') => JsonPath::parse(text)
                .map(|path| Query::Path(Box::new(path)))
                .map_err(|error| refuse(format!(": {error}")))?,
            Some(b'/') => Query::Pointer(pointer_steps(text)),
            _ => return Err(refuse(String::new())),
        };
        Ok(Self {
            text: text.to_owned(),
            query,
        })
    }
}

fn pointer_steps(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

impl fmt::Display for BodyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for BodyPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for BodyPath {}

impl PartialOrd for BodyPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BodyPath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(path: &str, json: &str) -> String {
        let mut json = Json::read(json.as_bytes()).unwrap();
        path.parse::<BodyPath>().unwrap().remove_from(&mut json);
        json.to_string()
    }

    #[test]
    fn what_is_found_is_removed_wherever_it_stands() {
        assert_eq!(
            without("$.m[*].text", r#"{"m":[{"text":1,"r":2},{"text":3},5]}"#),
            r#"{"m":[{"r":2},{},5]}"#
        );
        assert_eq!(without("$.m[1:]", r#"{"m":[0,1,2,3]}"#), r#"{"m":[0]}"#);
        assert_eq!(
            without("$..a", r#"{"a":{"a":1},"b":[{"a":2}]}"#),
            r#"{"b":[{}]}"#
        );
        assert_eq!(without("/m/1", r#"{"m":[0,1,2]}"#), r#"{"m":[0,2]}"#);
    }

    #[test]
    fn more_than_ten_items_keep_their_order_while_some_go() {
        let items: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        let json = format!("[{}]", items.join(","));
        assert_eq!(without("$[?@ > 1]", &json), "[0,1]");
    }

    #[test]
    fn a_path_that_finds_nothing_changes_nothing() {
        assert_eq!(without("$.x[3].y", r#"{"x":[]}"#), r#"{"x":[]}"#);
        assert_eq!(without("/x/3", r#"{"x":[]}"#), r#"{"x":[]}"#);
    }

    #[test]
    fn a_bad_path_is_refused_with_its_text() {
        for text in ["", "messages", "$.[", "$.a["] {
            let error = text.parse::<BodyPath>().unwrap_err().to_string();
            assert!(error.contains(&format!("found `{text}`")), "{error}");
        }
    }

    #[test]
    fn a_replacement_stands_wherever_the_path_finds_a_value() {
        let mut json = Json::read(br#"{"m":[{"t":"x"},{"t":"y"}]}"#).unwrap();
        let path: BodyPath = "$.m[*].t".parse().unwrap();
        assert!(path.replace_in(&mut json, &Json::String("z".into())));
        assert_eq!(json.to_string(), r#"{"m":[{"t":"z"},{"t":"z"}]}"#);
        assert!(!path.replace_in(&mut json, &Json::String("z".into())));
    }

    #[test]
    fn the_pattern_of_a_place_finds_that_place() {
        let mut json = Json::read(br#"{"a b":[0,{"c/d":"\u00e9\"","id":7}]}"#).unwrap();
        let steps = ["a b", "1", "c/d"].map(str::to_owned);
        let place = Location::resolve(&steps, &json).unwrap();
        assert_eq!(place.to_string(), "/a b/1/c~1d");
        assert_eq!(place.pattern(), r#"$["a b"][*]["c/d"]"#);
        for path in [place.to_string(), place.pattern()] {
            let mut other = json.clone();
            path.parse::<BodyPath>().unwrap().remove_from(&mut other);
            assert_eq!(other.to_string(), r#"{"a b":[0,{"id":7}]}"#);
        }
        assert!(place.at_mut(&mut json).is_some());
    }

    #[test]
    fn ids_are_known_by_their_names() {
        let named = |name: &str| Location(vec![Step::Name(name.into())]).names_an_id();
        for name in [
            "id",
            "sessionId",
            "run_id",
            "requestID",
            "cacheSalt",
            "nonce",
        ] {
            assert!(named(name), "{name}");
        }
        for name in ["text", "grid", "valid", "maxTokens", "modelId", "voice_id"] {
            assert!(!named(name), "{name}");
        }
    }
}
