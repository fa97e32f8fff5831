//! The tokens of an answer, read from where Bedrock tells them: its headers, or the end of its
//! body. A summary wants no more, and a replay has no time to read a whole body for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiter::Jiter;
use memchr::memmem;

/// Bytes at the end of a body that are looked through.
pub const END: usize = 4 * 1024;

const INPUT: [&str; 3] = ["inputTokens", "input_tokens", "inputTokenCount"];
const OUTPUT: [&str; 3] = ["outputTokens", "output_tokens", "outputTokenCount"];

/// What an answer read and wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
}

impl Tokens {
    /// Reads an answer; nothing is told of an error.
    pub fn of(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        Self::of_headers(headers).or_else(|| Self::of_end(body))
    }

    fn of_headers(headers: &HeaderMap) -> Option<Self> {
        let count = |name: &str| headers.get(name)?.to_str().ok()?.parse().ok();
        Some(Self {
            input: count("x-amzn-bedrock-input-token-count")?,
            output: count("x-amzn-bedrock-output-token-count").unwrap_or_default(),
        })
    }

    /// Within a string the quotes of such a name are escaped: what is found is a member.
    fn of_end(body: &[u8]) -> Option<Self> {
        let end = &body[body.len().saturating_sub(END)..];
        Self::of_member(end, br#""usage":"#).or_else(|| Self::of_last_chunk(end))
    }

    /// `InvokeModel` streams its bodies in base64.
    fn of_last_chunk(end: &[u8]) -> Option<Self> {
        let name = br#""bytes":""#;
        let chunk = &end[memmem::rfind(end, name)? + name.len()..];
        let chunk = &chunk[..memchr::memchr(b'"', chunk)?];
        let body = STANDARD.decode(chunk).ok()?;
        Self::of_member(&body, br#""amazon-bedrock-invocationMetrics":"#)
    }

    fn of_member(text: &[u8], name: &[u8]) -> Option<Self> {
        let value = &text[memmem::rfind(text, name)? + name.len()..];
        let mut tokens = Jiter::new(value);
        let mut input = None;
        let mut output = None;
        let mut next = tokens.next_object().ok()?.map(str::to_owned);
        while let Some(name) = next {
            if INPUT.contains(&&*name) {
                input = number(&mut tokens);
            } else if OUTPUT.contains(&&*name) {
                output = number(&mut tokens);
            } else {
                tokens.next_skip().ok()?;
            }
            next = tokens.next_key().ok()?.map(str::to_owned);
        }
        Some(Self {
            input: input?,
            output: output.unwrap_or_default(),
        })
    }
}

fn number(tokens: &mut Jiter<'_>) -> Option<u64> {
    let digits = tokens.next_number_bytes().ok()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_body(body: &str) -> Option<(u64, u64)> {
        let tokens = Tokens::of(&HeaderMap::new(), body.as_bytes());
        tokens.map(|tokens| (tokens.input, tokens.output))
    }

    #[test]
    fn tokens_are_found_where_each_operation_tells_them() {
        let converse = r#"{"output":{"text":"\"usage\":{\"inputTokens\":9}"},"usage":{"cacheDetails":[{"ttl":"5m"}],"inputTokens":5,"outputTokens":37,"totalTokens":42}}"#;
        assert_eq!(of_body(converse), Some((5, 37)));
        let invoke = r#"{"usage":{"input_tokens":3,"output_tokens":4}}"#;
        assert_eq!(of_body(invoke), Some((3, 4)));
        let metrics =
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":8}}"#;
        let chunk = format!(r#"…{{"bytes":"{}","p":"abc"}}…"#, STANDARD.encode(metrics));
        assert_eq!(of_body(&chunk), Some((7, 8)));
        assert_eq!(of_body(r#"{"message":"no"}"#), None);
    }
}
