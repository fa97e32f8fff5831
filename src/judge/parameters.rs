//! What a judge is called with: part of its identity.

use serde::{Deserialize, Serialize};

/// What a judge is called with, as sent.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The version of Anthropic's body on Bedrock.
    pub anthropic_version: String,
    /// The most tokens that the judge may write.
    pub max_tokens: u32,
    /// 0 is as steady as a model gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<serde_json::Number>,
    /// Nucleus sampling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<serde_json::Number>,
    /// The most likely tokens to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
}

impl Parameters {
    /// What is left of them for a model that refuses to be told how to sample.
    #[must_use]
    pub fn without_sampling(&self) -> Self {
        Self {
            anthropic_version: self.anthropic_version.clone(),
            max_tokens: self.max_tokens,
            temperature: None,
            top_p: None,
            top_k: None,
        }
    }
}
