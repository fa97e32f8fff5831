//! One model of the registry.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::quirks::Quirks;
use crate::settings::{date, optional_date};

/// A model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id on Bedrock.
    pub id: String,
    /// A short name, for scopes, file names and tables.
    pub name: String,
    /// A name for people.
    pub label: String,
    /// Who made it.
    pub provider: String,
    /// What a benchmark uses it for.
    #[serde(default)]
    pub use_cases: Vec<UseCase>,
    /// A word on it.
    #[serde(default)]
    pub notes: String,
    /// Other ids that are written where this one is meant.
    #[serde(default)]
    pub aliases: Vec<Alias>,
    /// The prefixes of its inference profiles; none where nobody has written them down.
    pub profiles: Option<Vec<String>>,
    /// How a request to it must look.
    #[serde(default)]
    pub quirks: Quirks,
    /// How many requests there may be, where a source says so.
    pub quota: Option<Quota>,
    /// How long it answers.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// Where the quirks are from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a model is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UseCase {
    /// As a tutor.
    Dialogue,
    /// As a judge.
    Judge,
}

impl fmt::Display for UseCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dialogue => "dialogue",
            Self::Judge => "judge",
        })
    }
}

/// An id that is written where another one is meant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The id.
    pub id: String,
    /// Why it is written, and what is wrong with it.
    pub note: String,
}

/// Requests and tokens per minute and region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Requests per minute.
    pub requests_per_minute: u32,
    /// Tokens per minute, input and `maxTokens` reserved together.
    pub tokens_per_minute: u64,
    /// Who says so, and when.
    pub source: String,
}

/// The states of a model on Bedrock.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lifecycle {
    /// Since when it is on Bedrock.
    pub launched: Option<Sourced>,
    /// Since when it is a legacy model.
    pub legacy: Option<Sourced>,
    /// From this day on it does not answer.
    pub end_of_life: Option<Sourced>,
}

/// A date and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a date and who says so, such as { date = 2026-06-19, source = \"…\" }"
)]
pub struct Sourced {
    /// The day.
    #[serde(deserialize_with = "date")]
    pub date: Date,
    /// Who says so.
    pub source: String,
    /// When that was read.
    #[serde(default, deserialize_with = "optional_date")]
    pub read: Option<Date>,
}

/// Where in its life a model is on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// No date of it is known.
    Unknown,
    /// It is on Bedrock, and no end is known.
    Active,
    /// It still answers, and will not for long.
    Legacy,
    /// It answers no more.
    Ended(Date),
}

impl Lifecycle {
    /// The stage on a day, as far as it is known.
    #[must_use]
    pub fn stage(&self, on: Date) -> Stage {
        let since = |sourced: &Option<Sourced>| sourced.as_ref().map(|sourced| sourced.date);
        match (since(&self.end_of_life), since(&self.legacy)) {
            (Some(end), _) if on >= end => Stage::Ended(end),
            (_, Some(legacy)) if on >= legacy => Stage::Legacy,
            // An end that is announced makes a legacy model of it, whenever that began.
            (Some(_), None) => Stage::Legacy,
            (None, None) if self.launched.is_none() => Stage::Unknown,
            _ => Stage::Active,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.pad("not known"),
            Self::Active => f.pad("active"),
            Self::Legacy => f.pad("legacy"),
            Self::Ended(date) => f.pad(&format!("ended {date}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_model_without_a_date_no_stage_is_known() {
        let stage = |text: &str| {
            let lifecycle: Lifecycle = toml::from_str(text).unwrap();
            lifecycle.stage(jiff::civil::date(2026, 1, 1)).to_string()
        };
        assert_eq!(stage(""), "not known");
        let launched = "launched = { date = 2025-10-16, source = \"AWS\" }";
        assert_eq!(stage(launched), "active");
    }

    #[test]
    fn a_date_that_nobody_vouches_for_is_told_with_what_was_expected() {
        let error = toml::from_str::<Lifecycle>("end_of_life = \"soon\"").unwrap_err();
        assert_eq!(
            error.message(),
            "invalid type: string \"soon\", expected a date and who says so, such as { date = 2026-06-19, source = \"…\" }"
        );
    }
}
