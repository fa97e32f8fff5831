//! What a person should know of an id before it is asked.

use std::fmt;

use jiff::civil::Date;

use super::entry::{Entry, Stage};
use super::model_id::ModelId;
use super::shelf::{Recognised, Registry};

/// Something to know of a model id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// It is not in the registry.
    Unknown {
        /// The one that may have been meant.
        nearest: Option<String>,
    },
    /// It names no provider, as the id of every model does, and is no ARN.
    NoProvider {
        /// The one that may have been meant.
        nearest: Option<String>,
    },
    /// It is no id of Bedrock; another one is meant.
    Alias {
        /// The id that is meant, with the profile that was written.
        meant: String,
        /// What is wrong with it.
        note: String,
    },
    /// The model has no such inference profile.
    NoProfile {
        /// The prefix that was written.
        prefix: String,
        /// The ids that it can be asked by.
        has: Vec<String>,
    },
    /// The model does not answer any more.
    Ended {
        /// Since when.
        since: Date,
        /// Who says so.
        source: String,
    },
    /// The model still answers, but an end is announced.
    Legacy {
        /// From when on it does not, where that is known.
        until: Option<Date>,
    },
}

impl Remark {
    /// Whether a live call would fail.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Alias { .. } | Self::NoProfile { .. } | Self::Ended { .. }
        )
    }

    /// Whether it is the id that is wrong, as far as is known. One that is only not in the
    /// registry may be of a new model.
    #[must_use]
    pub const fn is_of_a_wrong_id(&self) -> bool {
        match self {
            Self::Alias { .. } | Self::NoProvider { .. } | Self::NoProfile { .. } => true,
            Self::Unknown { nearest } => nearest.is_some(),
            Self::Ended { .. } | Self::Legacy { .. } => false,
        }
    }

    /// Who says so, where somebody does.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Ended { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { nearest: Some(id) } => {
                write!(f, "not in the registry (did you mean `{id}`?)")
            }
            Self::Unknown { nearest: None } => {
                f.write_str("not in the registry, so its quota, quirks and end of life are not known (add it to models.toml)")
            }
            Self::NoProvider { nearest: Some(id) } => {
                write!(f, "no provider is in it, so it is hardly a model id (did you mean `{id}`?)")
            }
            Self::NoProvider { nearest: None } => f.write_str(
                "no provider is in it, so it is hardly a model id (expected one such as `meta.llama3-1-70b-instruct-v1:0`, or an ARN)",
            ),
            Self::Alias { meant, note } => write!(f, "{note} (did you mean `{meant}`?)"),
            Self::NoProfile { prefix, has } => write!(
                f,
                "the model has no inference profile `{prefix}.` (expected {})",
                has.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" or ")
            ),
            Self::Ended { since, .. } => write!(
                f,
                "left Bedrock on {since}: its calls fail, and its answers can only be replayed"
            ),
            Self::Legacy { until: Some(until) } => write!(f, "legacy, answers until {until}"),
            Self::Legacy { until: None } => f.write_str("legacy, an end will be announced"),
        }
    }
}

impl Registry {
    /// What to know of an id on a day.
    #[must_use]
    pub fn remarks(&self, id: &str, on: Date) -> Vec<Remark> {
        let id = ModelId::parse(id);
        let prefixed = |base: &str| match id.profile() {
            Some(profile) => format!("{profile}.{base}"),
            None => base.to_owned(),
        };
        let recognised = self.recognise(&id);
        let mut remarks = Vec::new();
        match recognised {
            Recognised::Known(_) => {}
            Recognised::Alias(entry, alias) => remarks.push(Remark::Alias {
                meant: prefixed(&entry.id),
                note: alias.note.clone(),
            }),
            Recognised::Unknown { nearest } => {
                let nearest = nearest.map(prefixed);
                remarks.push(if id.names_a_provider() {
                    Remark::Unknown { nearest }
                } else {
                    Remark::NoProvider { nearest }
                });
            }
        }
        remarks.extend(recognised.entry().and_then(|entry| no_profile(&id, entry)));
        let lifecycle = recognised.entry().map(|entry| &entry.lifecycle);
        remarks.extend(lifecycle.and_then(|lifecycle| {
            let end = lifecycle.end_of_life.as_ref();
            match lifecycle.stage(on) {
                Stage::Unknown | Stage::Active => None,
                Stage::Legacy => Some(Remark::Legacy {
                    until: end.map(|end| end.date),
                }),
                Stage::Ended(since) => Some(Remark::Ended {
                    since,
                    source: end.map_or_else(String::new, |end| end.source.clone()),
                }),
            }
        }));
        remarks
    }
}

/// Whether the profile that is written is none of the model's.
fn no_profile(id: &ModelId, entry: &Entry) -> Option<Remark> {
    let (prefix, all) = (id.profile()?, entry.profiles.as_ref()?);
    if all.iter().any(|own| own == prefix) {
        return None;
    }
    let mut has: Vec<String> = all
        .iter()
        .map(|own| format!("{own}.{}", entry.id))
        .collect();
    if has.is_empty() {
        has.push(entry.id.clone());
    }
    Some(Remark::NoProfile {
        prefix: prefix.to_owned(),
        has,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn told(id: &str, on: Date) -> Vec<String> {
        let registry = Registry::shipped().unwrap();
        let remarks = registry.remarks(id, on);
        remarks.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_seeds_wrong_id_is_answered_with_the_right_one() {
        let before = date(2025, 8, 1);
        let told = told("us.anthropic.claude-3-5-sonnet-20241022-v1:0", before);
        assert!(
            told[0].ends_with("(did you mean `us.anthropic.claude-3-5-sonnet-20241022-v2:0`?)"),
            "{told:?}"
        );
    }

    #[test]
    fn a_slip_is_answered_with_the_nearest_and_a_stranger_is_not() {
        let on = date(2025, 11, 1);
        assert_eq!(
            told("meta.llama3-1-70b-instruct-v2:0", on),
            ["not in the registry (did you mean `meta.llama3-1-70b-instruct-v1:0`?)"]
        );
        assert_eq!(
            told("cohere.command-r-plus-v1:0", on),
            [
                "not in the registry, so its quota, quirks and end of life are not known (add it to models.toml)"
            ]
        );
    }

    #[test]
    fn a_model_of_todays_is_no_slip_of_an_old_one() {
        let on = date(2025, 11, 1);
        for id in [
            "anthropic.claude-opus-4-5-20251101-v1:0",
            "anthropic.claude-3-5-sonnet-20240620-v1:0",
            "meta.llama3-3-70b-instruct-v1:0",
        ] {
            let told = told(id, on);
            assert!(told[0].starts_with("not in the registry, so"), "{told:?}");
        }
    }

    #[test]
    fn a_profile_that_the_model_has_not_is_answered_with_those_that_it_has() {
        let on = date(2025, 1, 1);
        assert_eq!(
            told("eu.meta.llama3-1-70b-instruct-v1:0", on),
            [
                "the model has no inference profile `eu.` (expected `us.meta.llama3-1-70b-instruct-v1:0`)"
            ]
        );
        assert_eq!(
            told("au.amazon.titan-text-premier-v1:0", on)[0],
            "the model has no inference profile `au.` (expected `amazon.titan-text-premier-v1:0`)"
        );
        assert!(told("us.meta.llama3-1-70b-instruct-v1:0", on).is_empty());
    }

    #[test]
    fn what_names_no_provider_is_hardly_an_id_and_a_name_leads_to_one() {
        let on = date(2025, 11, 1);
        for (id, meant) in [
            (
                "claude-3-5-haiku",
                Some("anthropic.claude-3-5-haiku-20241022-v1:0"),
            ),
            ("opuss", Some("anthropic.claude-3-opus-20240229-v1:0")),
            (
                "claude-3-5-haiku-20241022-v1:0",
                Some("anthropic.claude-3-5-haiku-20241022-v1:0"),
            ),
            ("llama-3-1-70", Some("meta.llama3-1-70b-instruct-v1:0")),
            // There are several of it.
            ("claude", None),
            ("haikku", None),
            ("foo", None),
        ] {
            let told = told(id, on);
            assert!(told[0].starts_with("no provider is in it"), "{told:?}");
            let expected = meant.map(|meant| format!("did you mean `{meant}`?"));
            let is_told = expected
                .as_ref()
                .is_some_and(|words| told[0].contains(words));
            assert_eq!(is_told, expected.is_some(), "{told:?}");
            assert_eq!(told[0].contains("did you mean"), is_told, "{told:?}");
        }
    }

    #[test]
    fn a_model_ends_on_its_day_and_is_legacy_before() {
        let haiku = "anthropic.claude-3-5-haiku-20241022-v1:0";
        assert_eq!(
            told(haiku, date(2026, 6, 18)),
            ["legacy, answers until 2026-06-19"]
        );
        assert!(told(haiku, date(2026, 6, 19))[0].starts_with("left Bedrock on 2026-06-19: "));
        assert!(told("meta.llama3-1-70b-instruct-v1:0", date(2026, 11, 22)).is_empty());
    }
}
