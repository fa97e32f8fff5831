//! Rules as a configuration file holds them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rule::{Action, REDACTED, Rule, RuleError, Side};
use crate::exchange::Json;
use crate::identity::Volatile;

/// One of `path`, `pattern` and `suggested`, and what belongs to it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<Value>,
    #[serde(default)]
    side: Side,
}

impl TryFrom<Written> for Rule {
    type Error = RuleError;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let rule = match (&written.path, &written.pattern, &written.suggested) {
            (Some(path), None, None) => Self::json_value(path, written.value())?,
            (None, Some(pattern), None) => Self::filter(pattern, written.text()?)?,
            (None, None, Some(name)) => Self::built_in(written.kind(name)?),
            _ => return contradiction("expected one of `path`, `pattern` and `suggested`"),
        };
        Ok(rule.on(written.side))
    }
}

fn contradiction<T>(why: impl Into<String>) -> Result<T, RuleError> {
    Err(RuleError::Contradiction(why.into()))
}

impl Written {
    fn value(&self) -> Json {
        self.replacement
            .as_ref()
            .and_then(|value| Json::read(value.to_string().as_bytes()).ok())
            .unwrap_or_else(|| Json::String(REDACTED.to_owned()))
    }

    fn text(&self) -> Result<String, RuleError> {
        match &self.replacement {
            None => Ok(REDACTED.to_owned()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => contradiction(format!(
                "expected a text as the replacement of a `pattern`, found `{other}`"
            )),
        }
    }

    fn kind(&self, name: &str) -> Result<Volatile, RuleError> {
        if self.replacement.is_some() {
            return contradiction(format!(
                "expected no `replacement` beside `suggested = \"{name}\"`, which brings its own (write a `pattern` for another)"
            ));
        }
        match Volatile::from_name(name) {
            Some(kind) => Ok(kind),
            None => contradiction(format!(
                "expected one of `{}` as `suggested`, found `{name}`",
                Volatile::ALL.map(Volatile::name).join("`, `")
            )),
        }
    }
}

impl From<Rule> for Written {
    fn from(rule: Rule) -> Self {
        let written = Self {
            side: rule.side,
            ..Self::default()
        };
        match rule.action {
            Action::Replace { path, replacement } => Self {
                path: Some(path.to_string()),
                replacement: serde_json::from_str(&replacement.to_string()).ok(),
                ..written
            },
            Action::Filter {
                pattern,
                replacement,
            } => Self {
                pattern: Some(pattern.to_string()),
                replacement: Some(replacement.into()),
                ..written
            },
            Action::Suggested(kind) => Self {
                suggested: Some(kind.name().to_owned()),
                ..written
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Redaction;
    use super::*;

    fn read(text: &str) -> Result<Redaction, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn rules_survive_their_text() {
        let text = r#"[{"path":"$.a","replacement":0,"side":"response"},{"pattern":"b+","replacement":"c","side":"request"},{"suggested":"uuids","side":"both"}]"#;
        let redaction = read(text).unwrap();
        assert_eq!(serde_json::to_string(&redaction).unwrap(), text);
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let redaction = read(r#"[{"path":"$.a"},{"pattern":"b+"}]"#).unwrap();
        assert_eq!(
            redaction.rules(),
            [
                Rule::json_path("$.a", "<redacted>").unwrap(),
                Rule::filter("b+", "<redacted>").unwrap(),
            ]
        );
    }

    #[test]
    fn a_wrong_rule_is_refused_with_its_reason() {
        for (text, reason) in [
            ("[{}]", "expected one of `path`"),
            (
                r#"[{"path":"$.a","pattern":"b"}]"#,
                "expected one of `path`",
            ),
            (r#"[{"path":"$.["}]"#, "found `$.[`"),
            (r#"[{"pattern":"("}]"#, "unclosed group"),
            (r#"[{"pattern":"a","replacement":1}]"#, "found `1`"),
            (r#"[{"suggested":"uids"}]"#, "found `uids`"),
            (
                r#"[{"suggested":"uuids","replacement":"x"}]"#,
                "brings its own",
            ),
            (r#"[{"suggested":"uuids","side":"left"}]"#, "left"),
            (r#"[{"patern":"a"}]"#, "patern"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
