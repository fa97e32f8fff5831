//! `--redact`, `--filter`, `--redact-file`: what an endpoint replaces before anything is matched
//! or stored.

use std::path::PathBuf;

use bedrock_replay::identity::Volatile;
use bedrock_replay::redaction::{Redaction, Rule};
use bedrock_replay::settings::read_settings;
use clap::Args;
use serde::Deserialize;

use super::exit_code;
use super::failure::Failure;

const REPLACEMENT: &str = "<redacted>";
/// Between a pattern and what takes the place of its finds.
const BECOMES: &str = " => ";
const HINT: &str = "name a TOML file with [[rule]] tables by --redact-file";

/// The rules, in the order in which they apply: the file's, then these two.
#[derive(Debug, Clone, Default, Args)]
pub struct Redactions {
    /// Replace before anything is matched or stored: a kind of text, or what a JSON path finds; may be repeated
    #[arg(long, value_name = "KIND|PATH", value_parser = rule, help_heading = "Matching")]
    redact: Vec<Rule>,

    /// The same for what a regular expression finds in any text; may be repeated
    #[arg(long, value_name = "REGEX[ => TEXT]", value_parser = filter, help_heading = "Matching")]
    filter: Vec<Rule>,

    /// The same for the rules of a TOML file, which apply first
    #[arg(long, value_name = "FILE", help_heading = "Matching")]
    redact_file: Option<PathBuf>,
}

/// ```toml
/// [[rule]]
/// pattern = 'sk-[a-z]+'
/// replacement = "<key>"
/// side = "both"
/// ```
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rule: Redaction,
}

impl Redactions {
    /// Reads the file.
    pub fn load(&self) -> Result<Redaction, Failure> {
        let of_file = match &self.redact_file {
            None => Redaction::new(),
            Some(path) => {
                let rules: Rules = read_settings("redaction rules", HINT, path)
                    .map_err(|error| Failure::with_code(exit_code::USAGE, error))?;
                rules.rule
            }
        };
        let rules = [&self.redact, &self.filter].into_iter().flatten().cloned();
        Ok(rules.fold(of_file, Redaction::with))
    }
}

fn rule(text: &str) -> Result<Rule, String> {
    if let Some(kind) = Volatile::from_name(text) {
        return Ok(Rule::built_in(kind));
    }
    if text.starts_with(['$', '/']) {
        return Rule::json_path(text, REPLACEMENT).map_err(|error| error.to_string());
    }
    let kinds = Volatile::ALL.map(Volatile::name).join("`, `");
    Err(format!(
        "expected `{kinds}`, or a JSON path such as `$.system[*].text` (a regular expression is a --filter)"
    ))
}

fn filter(text: &str) -> Result<Rule, String> {
    let (pattern, replacement) = text.split_once(BECOMES).unwrap_or((text, REPLACEMENT));
    Rule::filter(pattern, replacement).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_rules_come_first_and_each_is_as_the_library_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.toml");
        let text = "[[rule]]\npath = \"$.a\"\nreplacement = 0\n\n[[rule]]\npattern = 'sk-\\w+'\nside = \"both\"\n";
        std::fs::write(&path, text).unwrap();
        let redactions = Redactions {
            redact: vec![rule("uuids").unwrap(), rule("$.id").unwrap()],
            filter: vec![
                filter(r"key=\d+ => key=<n>").unwrap(),
                filter("abc").unwrap(),
            ],
            redact_file: Some(path),
        };
        let shown: Vec<String> = redactions
            .load()
            .unwrap()
            .rules()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            shown,
            [
                r#"Rule::json_value("$.a", 0)?"#,
                r#"Rule::filter("sk-\\w+", "<redacted>")?.on(Side::Both)"#,
                "Rule::uuids()",
                r#"Rule::json_path("$.id", "<redacted>")?"#,
                r#"Rule::filter("key=\\d+", "key=<n>")?"#,
                r#"Rule::filter("abc", "<redacted>")?"#,
            ]
        );
    }

    #[test]
    fn a_rule_that_cannot_be_is_a_mistake_of_the_command_line() {
        assert!(filter("(").unwrap_err().contains("unclosed group"));
        assert!(rule("sk-.*").unwrap_err().contains("--filter"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.toml");
        std::fs::write(&path, "[[rule]]\npatern = 'a'\n").unwrap();
        let redactions = Redactions {
            redact_file: Some(path),
            ..Redactions::default()
        };
        assert!(redactions.load().is_err());
    }
}
