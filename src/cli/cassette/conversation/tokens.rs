//! What an answer cost, in the words of every model family.

use std::fmt;

use bedrock_replay::exchange::Headers;
use bedrock_replay::words::counted;
use serde_json::Value;

/// Tokens of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Read, cached ones left out.
    pub input: u64,
    /// Written.
    pub output: Option<u64>,
    /// Read from the cache.
    pub cache_read: Option<u64>,
    /// Written to the cache.
    pub cache_write: Option<u64>,
}

impl Tokens {
    /// Reads a usage object, whatever its members are called.
    pub fn of(usage: &Value) -> Option<Self> {
        let first = |names: &[&str]| names.iter().find_map(|name| usage[*name].as_u64());
        Some(Self {
            input: first(&[
                "inputTokens",
                "input_tokens",
                "prompt_tokens",
                "inputTokenCount",
                "prompt_token_count",
                "inputTextTokenCount",
            ])?,
            output: first(&[
                "outputTokens",
                "output_tokens",
                "completion_tokens",
                "outputTokenCount",
                "generation_token_count",
            ]),
            cache_read: first(&[
                "cacheReadInputTokens",
                "cache_read_input_tokens",
                "cacheReadInputTokenCount",
            ]),
            cache_write: first(&[
                "cacheWriteInputTokens",
                "cache_creation_input_tokens",
                "cacheWriteInputTokenCount",
            ]),
        })
    }

    /// Reads the headers that `InvokeModel` answers with.
    pub fn of_headers(headers: &Headers) -> Option<Self> {
        let count = |name: &str| {
            let name = format!("x-amzn-bedrock-{name}-token-count");
            headers.get(&name)?.parse().ok()
        };
        Some(Self {
            input: count("input")?,
            output: count("output"),
            cache_read: count("cache-read-input"),
            cache_write: count("cache-write-input"),
        })
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in", counted(self.input, "token"))?;
        if let Some(output) = self.output {
            write!(f, ", {output} out")?;
        }
        let caches = [
            ("read from", self.cache_read),
            ("written to", self.cache_write),
        ];
        for (what, number) in caches {
            if let Some(number) = number.filter(|number| *number > 0) {
                write!(f, ", {number} {what} the cache")?;
            }
        }
        Ok(())
    }
}
