//! One rule: what is replaced by what, on which side.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::exchange::Json;
use crate::identity::{BodyPath, BodyPathError, Suggestion, Volatile};

/// The replacement where none is given.
pub(super) const REDACTED: &str = "<redacted>";

/// One rule of a redaction.
///
/// ```
/// use bedrock_replay::redaction::{Redaction, Rule, Side};
///
/// let redaction = Redaction::new()
///     .with(Rule::json_path("$.messages[*].content[*].text", "<text>")?)
///     .with(Rule::filter(r"(?i)bearer\s+\S+", "Bearer <token>")?.on(Side::Both))
///     .with(Rule::uuids());
/// assert_eq!(redaction.rules().len(), 3);
/// # Ok::<(), bedrock_replay::redaction::RuleError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub(super) action: Action,
    pub(super) side: Side,
}

/// What a rule does.
#[derive(Debug, Clone)]
pub(super) enum Action {
    Replace { path: BodyPath, replacement: Json },
    Filter { pattern: Regex, replacement: String },
    Suggested(Volatile),
}

/// The side of an exchange that a rule applies to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Requests only.
    #[default]
    Request,
    /// Responses only; such a response no longer replays byte for byte.
    Response,
    /// Both.
    Both,
}

/// A rule that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A path that does not parse.
    #[error(transparent)]
    Path(#[from] BodyPathError),
    /// A pattern that does not parse.
    #[error("expected a regular expression, found `{pattern}`: {why}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// A pattern that finds nothing, everywhere.
    #[error(
        "pattern `{0}` matches the empty text, so its replacement would stand between every two characters (use `+` for `*`)"
    )]
    MatchesNothing(String),
    /// A replacement that names a group that the pattern has not.
    #[error(
        "replacement `{replacement}` names group `{group}`, which pattern `{pattern}` has not (write `${{1}}x` where a letter follows, `$$` for a dollar sign)"
    )]
    Group {
        /// The pattern.
        pattern: String,
        /// The replacement.
        replacement: String,
        /// The group.
        group: String,
    },
    /// A rule whose members contradict each other.
    #[error("{0}")]
    Contradiction(String),
}

impl Rule {
    /// Puts a text wherever a JSON path (or pointer) finds a value in a JSON body.
    ///
    /// # Errors
    /// [`RuleError::Path`] where the path does not parse.
    pub fn json_path(path: &str, replacement: impl Into<String>) -> Result<Self, RuleError> {
        Self::json_value(path, Json::String(replacement.into()))
    }

    /// Puts a value wherever a JSON path (or pointer) finds one in a JSON body: typed clients
    /// refuse a text where they expect a number.
    ///
    /// # Errors
    /// [`RuleError::Path`] where the path does not parse.
    pub fn json_value(path: &str, replacement: Json) -> Result<Self, RuleError> {
        let path = path.parse()?;
        Ok(Self::new(Action::Replace { path, replacement }))
    }

    /// Replaces what a regular expression matches in the strings of JSON bodies (member names
    /// stay), in other bodies, in path labels, query values and header values. `$1` or `${name}` in the
    /// replacement stands for a group.
    ///
    /// # Errors
    /// [`RuleError`] for a pattern that does not parse or that matches the empty text, and for
    /// a replacement that names an unknown group.
    pub fn filter(pattern: &str, replacement: impl Into<String>) -> Result<Self, RuleError> {
        let replacement = replacement.into();
        let compiled = Regex::new(pattern).map_err(|error| RuleError::Pattern {
            pattern: pattern.to_owned(),
            why: last_line(&error.to_string()),
        })?;
        if compiled.is_match("") {
            return Err(RuleError::MatchesNothing(pattern.to_owned()));
        }
        if let Some(group) = unknown_group(&compiled, &replacement) {
            let pattern = pattern.to_owned();
            return Err(RuleError::Group {
                pattern,
                replacement,
                group,
            });
        }
        Ok(Self::new(Action::Filter {
            pattern: compiled,
            replacement,
        }))
    }

    /// UUIDs become `<uuid>`.
    #[must_use]
    pub const fn uuids() -> Self {
        Self::built_in(Volatile::Uuids)
    }

    /// ISO 8601 dates and times become `<date>`.
    #[must_use]
    pub const fn iso_dates() -> Self {
        Self::built_in(Volatile::IsoDates)
    }

    /// Written English dates (`November 22, 2026`) become `<date>`.
    #[must_use]
    pub const fn written_dates() -> Self {
        Self::built_in(Volatile::WrittenDates)
    }

    /// Seconds and milliseconds since 1970 become `<timestamp>`.
    #[must_use]
    pub const fn timestamps() -> Self {
        Self::built_in(Volatile::Timestamps)
    }

    /// Tool-use ids become `<tool-use-id>`.
    #[must_use]
    pub const fn tool_use_ids() -> Self {
        Self::built_in(Volatile::ToolUseIds)
    }

    /// Run ids, session ids, hex digests and the like become `<id>`.
    #[must_use]
    pub const fn opaque_ids() -> Self {
        Self::built_in(Volatile::OpaqueIds)
    }

    /// Account numbers in ARNs become `000000000000`.
    #[must_use]
    pub const fn account_ids() -> Self {
        Self::built_in(Volatile::AccountIds)
    }

    /// What signs a presigned URL becomes `<presigned>`: credentials, and other ones in each run.
    #[must_use]
    pub const fn presigned_urls() -> Self {
        Self::built_in(Volatile::PresignedUrls)
    }

    /// The built-in rule for a kind of volatile text.
    #[must_use]
    pub const fn built_in(kind: Volatile) -> Self {
        Self::new(Action::Suggested(kind))
    }

    /// The rule that a difference suggests.
    ///
    /// # Errors
    /// [`RuleError::Path`] where the suggested path does not parse.
    pub fn suggested(suggestion: &Suggestion) -> Result<Self, RuleError> {
        match suggestion {
            Suggestion::Redact(kind) => Ok(Self::built_in(*kind)),
            Suggestion::Replace(path) => Self::json_path(path, REDACTED),
        }
    }

    const fn new(action: Action) -> Self {
        Self {
            action,
            side: Side::Request,
        }
    }

    /// The same rule for another side.
    #[must_use]
    pub const fn on(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// The side that it applies to.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Rewrites a text; borrowed where nothing is found.
    pub(super) fn rewrite<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.action {
            Action::Replace { .. } => Cow::Borrowed(text),
            Action::Filter {
                pattern,
                replacement,
            } => pattern.replace_all(text, replacement),
            Action::Suggested(kind) => kind.strip(text),
        }
    }

    /// Rewrites a label of a path, by which models are told apart: dates and numbers in a
    /// model's name are no run's dates.
    pub(super) fn rewrite_label<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.action {
            Action::Suggested(kind) if !kind.occurs_in_labels() => Cow::Borrowed(text),
            _ => self.rewrite(text),
        }
    }

    /// Rewrites a JSON value in place; says whether that changed anything.
    pub(super) fn rewrite_json(&self, json: &mut Json) -> bool {
        match &self.action {
            Action::Replace { path, replacement } => path.replace_in(json, replacement),
            _ => self.rewrite_strings(json),
        }
    }

    fn rewrite_strings(&self, json: &mut Json) -> bool {
        match json {
            Json::String(text) => match self.rewrite(text) {
                Cow::Owned(new) if new != *text => {
                    *text = new;
                    true
                }
                _ => false,
            },
            Json::Array(items) => self.rewrite_each(items.iter_mut()),
            Json::Object(members) => self.rewrite_each(members.values_mut()),
            Json::Null | Json::Bool(_) | Json::Number(_) => false,
        }
    }

    fn rewrite_each<'j>(&self, values: impl Iterator<Item = &'j mut Json>) -> bool {
        let mut changed = false;
        for value in values {
            changed |= self.rewrite_strings(value);
        }
        changed
    }
}

impl Side {
    /// Whether a rule of this side applies to requests.
    #[must_use]
    pub const fn is_request(self) -> bool {
        matches!(self, Self::Request | Self::Both)
    }

    /// Whether a rule of this side applies to responses.
    #[must_use]
    pub const fn is_response(self) -> bool {
        matches!(self, Self::Response | Self::Both)
    }
}

/// What the regex crate says at the end of its drawing of the pattern.
fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or(error);
    line.trim_start_matches("error: ").to_owned()
}

/// References to groups, as the regex crate reads them; `$$` is none.
static REFERENCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$\$|\$\{([^}]*)\}|\$([0-9A-Za-z_]+)").ok());

fn unknown_group(pattern: &Regex, replacement: &str) -> Option<String> {
    let is_known = |group: &str| {
        let by_number = group
            .parse()
            .is_ok_and(|n: usize| n < pattern.captures_len());
        by_number || pattern.capture_names().flatten().any(|name| name == group)
    };
    REFERENCE
        .as_ref()?
        .captures_iter(replacement)
        .filter_map(|reference| reference.get(1).or_else(|| reference.get(2)))
        .map(|group| group.as_str().to_owned())
        .find(|group| !is_known(group))
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Replace { path, replacement },
                Self::Replace {
                    path: other_path,
                    replacement: other_replacement,
                },
            ) => path == other_path && replacement == other_replacement,
            (
                Self::Filter {
                    pattern,
                    replacement,
                },
                Self::Filter {
                    pattern: other_pattern,
                    replacement: other_replacement,
                },
            ) => pattern.as_str() == other_pattern.as_str() && replacement == other_replacement,
            (Self::Suggested(kind), Self::Suggested(other)) => kind == other,
            _ => false,
        }
    }
}

/// As one would write it in Rust, such as `Rule::uuids()`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Replace { path, replacement } => match replacement.as_str() {
                Some(text) => write!(f, "Rule::json_path({:?}, {text:?})?", path.as_str())?,
                None => write!(f, "Rule::json_value({:?}, {replacement})?", path.as_str())?,
            },
            Action::Filter {
                pattern,
                replacement,
            } => write!(f, "Rule::filter({:?}, {replacement:?})?", pattern.as_str())?,
            Action::Suggested(kind) => {
                write!(f, "Rule::{}()", kind.name().replace('-', "_"))?;
            }
        }
        match self.side {
            Side::Request => Ok(()),
            Side::Response => f.write_str(".on(Side::Response)"),
            Side::Both => f.write_str(".on(Side::Both)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_cannot_be_says_why() {
        let refused = |pattern: &str, replacement: &str| {
            Rule::filter(pattern, replacement).unwrap_err().to_string()
        };
        assert_eq!(
            refused("(", ""),
            "expected a regular expression, found `(`: unclosed group"
        );
        assert!(refused("a*", "").contains("matches the empty text"));
        assert!(refused("(a)", "$1x").contains("names group `1x`"));
        assert!(refused("(?<key>a)", "${kye}").contains("names group `kye`"));
        assert!(Rule::filter("(?<key>a)(b)", "${key}$2$$x").is_ok());
        let error = Rule::json_path("messages", "").unwrap_err().to_string();
        assert!(error.contains("found `messages`"), "{error}");
    }

    #[test]
    fn a_rule_is_shown_as_one_writes_it() {
        assert_eq!(Rule::tool_use_ids().to_string(), "Rule::tool_use_ids()");
        assert_eq!(
            Rule::filter(r"sk-\w+", "<key>")
                .unwrap()
                .on(Side::Both)
                .to_string(),
            r#"Rule::filter("sk-\\w+", "<key>")?.on(Side::Both)"#
        );
        let suggested = Rule::suggested(&Suggestion::Replace("$.at".into())).unwrap();
        assert_eq!(
            suggested.to_string(),
            r#"Rule::json_path("$.at", "<redacted>")?"#
        );
    }
}
