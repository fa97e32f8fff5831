//! What an import does not take, and why.

use std::fmt;

/// A row that became no price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The row's key.
    pub key: String,
    /// Why.
    pub why: Why,
}

/// Why a row became no price.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its provider is not Bedrock.
    OtherProvider,
    /// Its provider is another service beside Bedrock's own runtime.
    OtherService,
    /// Its key names neither a model nor a model in a region.
    OtherKey,
    /// A commitment, priced by time.
    Commitment,
    /// It has prices, but not one for a token read and one for a token written.
    OtherUnit,
    /// It has no price at all.
    NoPrice,
    /// Another key of the table names the same model in the same place.
    Again,
    /// It cannot be read.
    Malformed(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherProvider => "not on Bedrock",
            Self::OtherService => "of another service than Bedrock's runtime",
            Self::OtherKey => "under a key that names no model and no region",
            Self::Commitment => "a commitment, priced by time",
            Self::OtherUnit => "not priced per token read and written (images, video, queries)",
            Self::NoPrice => "without a price",
            Self::Again => "the same model and place as another key",
            Self::Malformed(problem) => return write!(f, "malformed: {problem}"),
        })
    }
}

/// Prices of a row that was taken, which have no place in a price table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Untaken {
    /// For prompts above a length.
    LongPrompts,
    /// For calls with another priority: flex, priority, ultrafast.
    OtherPriority,
    /// For cached tokens in batches.
    CacheInBatches,
    /// For images, sound and video.
    Media,
    /// For searches and other units.
    OtherUnits,
}

impl Untaken {
    /// What litellm's key is, if it is a price.
    pub(super) fn of(key: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().any(|word| key.contains(word));
        Some(match key {
            _ if !key.contains("cost") => return None,
            _ if has(&["_flex", "_priority", "_ultrafast"]) => Self::OtherPriority,
            _ if has(&["k_tokens"]) => Self::LongPrompts,
            _ if has(&["_batches"]) => Self::CacheInBatches,
            _ if has(&["image", "audio", "video"]) => Self::Media,
            _ => Self::OtherUnits,
        })
    }
}

impl fmt::Display for Untaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LongPrompts => "for long prompts",
            Self::OtherPriority => "for flex, priority and faster calls",
            Self::CacheInBatches => "for cached tokens in batches",
            Self::Media => "for images, sound and video",
            Self::OtherUnits => "for searches and other units",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_without_a_place_is_told_by_what_it_is_for() {
        for (key, expected) in [
            (
                "input_cost_per_token_above_200k_tokens",
                Some(Untaken::LongPrompts),
            ),
            (
                "input_cost_per_token_above_272k_tokens_flex",
                Some(Untaken::OtherPriority),
            ),
            (
                "cache_read_input_token_cost_batches",
                Some(Untaken::CacheInBatches),
            ),
            ("input_cost_per_video_per_second", Some(Untaken::Media)),
            ("search_context_cost_per_query", Some(Untaken::OtherUnits)),
            ("max_tokens", None),
        ] {
            assert_eq!(Untaken::of(key), expected, "{key}");
        }
    }
}
