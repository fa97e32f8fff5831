//! What a call read and wrote, as far as it is charged.

use std::ops::AddAssign;

use serde::Serialize;
use serde_json::Value;

use crate::exchange::{EventStream, Headers, Response};

/// Tokens of one call or of many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Read, cached ones left out.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from a prompt cache.
    pub cache_read: u64,
    /// Written to a prompt cache for five minutes.
    pub cache_write: u64,
    /// Written to a prompt cache for an hour.
    pub cache_write_1h: u64,
}

const INPUT: [&str; 6] = [
    "inputTokens",
    "input_tokens",
    "prompt_tokens",
    "inputTokenCount",
    "prompt_token_count",
    "inputTextTokenCount",
];
const OUTPUT: [&str; 5] = [
    "outputTokens",
    "output_tokens",
    "completion_tokens",
    "outputTokenCount",
    "generation_token_count",
];
const CACHE_READ: [&str; 3] = [
    "cacheReadInputTokens",
    "cache_read_input_tokens",
    "cacheReadInputTokenCount",
];
const CACHE_WRITE: [&str; 3] = [
    "cacheWriteInputTokens",
    "cache_creation_input_tokens",
    "cacheWriteInputTokenCount",
];
/// Where an answer may keep its usage.
const PLACES: [&str; 4] = [
    "/usage",
    "/amazon-bedrock-invocationMetrics",
    "/message/usage",
    "",
];

impl Usage {
    /// What a response says of its tokens: in its body, its last events or its headers.
    #[must_use]
    pub fn of(response: &Response) -> Option<Self> {
        if response.status != 200 {
            return None;
        }
        let bytes = &response.body.bytes;
        let told = if response.is_event_stream() {
            EventStream::read(bytes)
                .ok()
                .and_then(|stream| Self::of_stream(&stream))
        } else {
            serde_json::from_slice(bytes)
                .ok()
                .and_then(|body| Self::of_body(&body))
        };
        told.or_else(|| Self::of_headers(&response.headers))
    }

    /// The last word of a stream wins: earlier ones are partial.
    fn of_stream(stream: &EventStream) -> Option<Self> {
        let events = stream.frames.iter().rev();
        let mut bodies = events.filter_map(|frame| serde_json::from_slice(&frame.json()).ok());
        bodies.find_map(|body| Self::of_body(&body))
    }

    fn of_body(body: &Value) -> Option<Self> {
        let mut places = PLACES.iter().filter_map(|place| body.pointer(place));
        places.find_map(Self::of_object)
    }

    fn of_object(usage: &Value) -> Option<Self> {
        let first = |names: &[&str]| names.iter().find_map(|name| usage[*name].as_u64());
        let written = first(&CACHE_WRITE).unwrap_or_default();
        let hour = written_for_an_hour(usage).min(written);
        Some(Self {
            input: first(&INPUT)?,
            output: first(&OUTPUT).unwrap_or_default(),
            cache_read: first(&CACHE_READ).unwrap_or_default(),
            cache_write: written - hour,
            cache_write_1h: hour,
        })
    }

    fn of_headers(headers: &Headers) -> Option<Self> {
        let count = |name: &str| -> Option<u64> {
            let name = format!("x-amzn-bedrock-{name}-token-count");
            headers.get(&name)?.parse().ok()
        };
        Some(Self {
            input: count("input")?,
            output: count("output").unwrap_or_default(),
            cache_read: count("cache-read-input").unwrap_or_default(),
            cache_write: count("cache-write-input").unwrap_or_default(),
            cache_write_1h: 0,
        })
    }

    /// All that was read, cached or not.
    #[must_use]
    pub const fn read(&self) -> u64 {
        self.input + self.cache_read + self.cache_write + self.cache_write_1h
    }
}

/// Converse lists what it wrote by lifetime, Anthropic's body has a member for each.
fn written_for_an_hour(usage: &Value) -> u64 {
    let details = usage["cacheDetails"].as_array().into_iter().flatten();
    let hours = details.filter(|detail| detail["ttl"] == "1h");
    let listed: u64 = hours
        .filter_map(|detail| detail["inputTokens"].as_u64())
        .sum();
    let member = usage["cache_creation"]["ephemeral_1h_input_tokens"].as_u64();
    listed + member.unwrap_or_default()
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
        self.cache_write_1h += other.cache_write_1h;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_family_tells_its_tokens_in_its_own_words() {
        let plain = Usage {
            input: 12,
            output: 5,
            ..Usage::default()
        };
        for body in [
            json!({ "usage": { "inputTokens": 12, "outputTokens": 5, "totalTokens": 17 } }),
            json!({ "usage": { "input_tokens": 12, "output_tokens": 5 } }),
            json!({ "prompt_token_count": 12, "generation_token_count": 5 }),
            json!({ "amazon-bedrock-invocationMetrics": { "inputTokenCount": 12, "outputTokenCount": 5 } }),
        ] {
            assert_eq!(Usage::of_body(&body), Some(plain), "{body}");
        }
        assert_eq!(Usage::of_body(&json!({ "message": "throttled" })), None);
    }

    #[test]
    fn what_was_cached_for_an_hour_is_told_apart() {
        let converse = json!({ "usage": {
            "inputTokens": 1, "outputTokens": 2, "cacheReadInputTokens": 30, "cacheWriteInputTokens": 40,
            "cacheDetails": [{ "ttl": "1h", "inputTokens": 25 }, { "ttl": "5m", "inputTokens": 15 }],
        } });
        let anthropic = json!({ "usage": {
            "input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 30,
            "cache_creation_input_tokens": 40, "cache_creation": { "ephemeral_1h_input_tokens": 25 },
        } });
        for body in [converse, anthropic] {
            let usage = Usage::of_body(&body).unwrap();
            assert_eq!((usage.cache_write, usage.cache_write_1h), (15, 25));
            assert_eq!(usage.read(), 71);
        }
    }
}
