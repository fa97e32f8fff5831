//! What an account may ask of a model, and what a call takes of it.

/// Bytes of text that make a token, at the least: what is reserved for a prompt is rather too
/// much than too little, and is settled once the true number is known.
const BYTES_PER_TOKEN: usize = 3;
/// What a request costs beyond its text: roles, separators.
const OVERHEAD: u64 = 16;

/// An account's quota for a model in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests in a minute.
    pub requests_per_minute: u32,
    /// Input and output tokens in a minute.
    pub tokens_per_minute: u64,
}

/// What a call takes: Bedrock reserves the input and the whole `maxTokens` at its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Input tokens, as estimated.
    pub input: u64,
    /// The most output tokens.
    pub most_output: u64,
}

impl Size {
    /// The size of a call with so many bytes of prompt.
    #[must_use]
    pub fn estimate(prompt_bytes: usize, max_tokens: u64) -> Self {
        Self {
            input: prompt_bytes.div_ceil(BYTES_PER_TOKEN) as u64 + OVERHEAD,
            most_output: max_tokens,
        }
    }

    /// All tokens that are reserved.
    #[must_use]
    pub const fn tokens(self) -> u64 {
        self.input + self.most_output
    }
}
