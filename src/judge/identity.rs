//! What makes a judge this judge: a fingerprint over everything that its scores depend on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::folder::Judge;
use super::schema::OutputSchema;

/// A part of a judge's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// How it is asked, where that is not by a rubric.
    Kind,
    /// Both prompt templates, to the byte.
    Prompt,
    /// Dimensions, scale, thresholds and their words; not how the file is laid out.
    Rubric,
    /// What a pairwise judge looks at, in words.
    Criteria,
    /// The model's id, as sent.
    Model,
    /// Its parameters, as sent.
    Parameters,
    /// The version of the body's form.
    AnthropicVersion,
    /// How the answer is read.
    Parser,
    /// What form the answer has.
    OutputSchema,
}

impl Part {
    /// Those of a rubric's judge, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Prompt,
        Self::Rubric,
        Self::Model,
        Self::Parameters,
        Self::AnthropicVersion,
        Self::Parser,
        Self::OutputSchema,
    ];

    /// Those of a pairwise judge, in the order in which they are shown.
    pub const PAIRWISE: [Self; 7] = [
        Self::Kind,
        Self::Prompt,
        Self::Criteria,
        Self::Model,
        Self::Parameters,
        Self::AnthropicVersion,
        Self::Parser,
    ];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Kind => "kind",
            Self::Prompt => "prompt",
            Self::Rubric => "rubric",
            Self::Criteria => "criteria",
            Self::Model => "model",
            Self::Parameters => "parameters",
            Self::AnthropicVersion => "anthropic_version",
            Self::Parser => "parser",
            Self::OutputSchema => "output schema",
        })
    }
}

/// SHA-256 over every part of a judge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a fingerprint of 64 hexadecimal digits, found `{0}`")]
pub struct NotAFingerprint(String);

/// Digits of a fingerprint that people are shown.
const SHORT: usize = 8;

impl Fingerprint {
    /// Its first digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(SHORT).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(_) => Err(NotAFingerprint(text.to_owned())),
        }
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who a judge is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Its name; not part of the fingerprint.
    pub name: String,
    /// Over every part.
    pub fingerprint: Fingerprint,
    /// The model that is asked.
    pub model: String,
    /// The rubric's id, or that of a pairwise judge's criteria.
    pub rubric: String,
    /// A digest of each part, in the order in which they are shown.
    #[serde(skip)]
    parts: Vec<(Part, [u8; 32])>,
}

impl Identity {
    /// A judge of these parts, each with the texts that it consists of.
    pub(super) fn of(name: &str, model: &str, rubric: &str, texts: &[(Part, Vec<String>)]) -> Self {
        let digests = texts.iter().map(|(part, texts)| (*part, digest(texts)));
        let parts: Vec<(Part, [u8; 32])> = digests.collect();
        let mut hash = Sha256::new();
        for (part, digest) in &parts {
            hash.update(part.to_string());
            hash.update([0]);
            hash.update(digest);
        }
        Self {
            name: name.to_owned(),
            fingerprint: Fingerprint(hash.finalize().into()),
            model: model.to_owned(),
            rubric: rubric.to_owned(),
            parts,
        }
    }

    /// The parts that another judge has otherwise.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Part> {
        let both = self.parts.iter().zip(&other.parts);
        both.filter(|(own, others)| own != others)
            .map(|(own, _)| own.0)
            .collect()
    }
}

impl fmt::Display for Identity {
    /// `socratic@3f9c0d1e`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}@{}", self.name, self.fingerprint.short()))
    }
}

impl Judge {
    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::of(
            &self.name,
            &self.model,
            &self.rubric.id,
            &Part::ALL.map(|part| (part, self.texts_of(part))),
        )
    }

    /// What a part consists of.
    fn texts_of(&self, part: Part) -> Vec<String> {
        match part {
            Part::Prompt => vec![
                self.system.source().to_owned(),
                self.user.source().to_owned(),
            ],
            // A rubric's judge has neither a kind of its own nor criteria.
            Part::Kind | Part::Criteria | Part::Rubric => vec![written(&self.rubric)],
            Part::Model => vec![self.model.clone()],
            Part::Parameters => vec![written(&self.parameters)],
            Part::AnthropicVersion => vec![self.parameters.anthropic_version.clone()],
            Part::Parser => vec![written(&self.parser)],
            Part::OutputSchema => vec![written(&OutputSchema::of(&self.rubric))],
        }
    }
}

/// A value as JSON; the order of members is that of the type.
pub(super) fn written(value: &impl Serialize) -> String {
    // What cannot be written cannot be sent either, and is told there.
    serde_json::to_string(value).unwrap_or_default()
}

/// Each text with its length, so that no two lists of texts are one.
fn digest(texts: &[String]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}
