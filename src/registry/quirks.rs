//! How a request to a model must look.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a model takes otherwise than most. The default is a model of which nothing is known:
/// everything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quirks {
    /// Where the system prompt goes.
    pub system: SystemPrompt,
    /// Whether `temperature` and `topP`, in Anthropic's body `top_p` and `top_k`, may be sent.
    pub sampling: Sampling,
    /// Converse's streaming form.
    pub streaming: Support,
    /// Tool use by Converse.
    pub tools: Support,
    /// Whether tokens can be counted before a call.
    pub count_tokens: Support,
    /// Prompt caching by `cachePoint` blocks; none where it is not known to work.
    pub prompt_cache: Option<PromptCache>,
    /// The body that InvokeModel takes.
    pub invoke: Option<Dialect>,
}

/// Where a system prompt goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SystemPrompt {
    /// Into the request's own member.
    #[default]
    Separate,
    /// Before the first user message: the model refuses the member.
    Inlined,
}

/// What becomes of what a model is told of how to sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// They are sent.
    #[default]
    Sent,
    /// They are left out: the model refuses them.
    Omitted,
}

/// Whether a model can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// Nobody has written it down.
    #[default]
    Unknown,
    /// It can.
    Supported,
    /// It cannot.
    Unsupported,
}

impl Support {
    /// Whether it is known to work.
    #[must_use]
    pub const fn is_known_to_work(self) -> bool {
        matches!(self, Self::Supported)
    }

    /// Whether it is worth a try: all but what is known not to work.
    #[must_use]
    pub const fn may_work(self) -> bool {
        !matches!(self, Self::Unsupported)
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unknown => "?",
            Self::Supported => "yes",
            Self::Unsupported => "no",
        })
    }
}

/// Prompt caching.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PromptCache {
    /// A shorter prefix is not cached.
    pub minimum_tokens: Option<u32>,
    /// How long a prefix may be kept.
    pub lifetimes: Vec<CacheLifetime>,
}

impl PromptCache {
    /// How long a prefix is kept that is wanted for so long: the longest lifetime within that,
    /// and five minutes, which every cache has, where none is.
    #[must_use]
    pub fn kept_for(&self, wanted: CacheLifetime) -> CacheLifetime {
        let within = self.lifetimes.iter().copied().filter(|own| *own <= wanted);
        within.max().unwrap_or(CacheLifetime::FiveMinutes)
    }
}

/// How long a cached prefix is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub enum CacheLifetime {
    /// Five minutes.
    #[serde(rename = "5m")]
    FiveMinutes,
    /// An hour.
    #[serde(rename = "1h")]
    OneHour,
}

impl CacheLifetime {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::FiveMinutes, Self::OneHour];

    /// As Bedrock writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FiveMinutes => "5m",
            Self::OneHour => "1h",
        }
    }
}

/// The body that InvokeModel takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Anthropic's messages.
    Anthropic,
    /// Meta's `prompt` and `max_gen_len`.
    Llama,
    /// Mistral's `prompt` or `messages`.
    Mistral,
    /// Amazon's `inputText` and `textGenerationConfig`.
    Titan,
    /// Amazon's `messages` and `inferenceConfig`.
    Nova,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Anthropic => "anthropic",
            Self::Llama => "llama",
            Self::Mistral => "mistral",
            Self::Titan => "titan",
            Self::Nova => "nova",
        })
    }
}
