//! The body of a judge's InvokeModel call, in Anthropic's form, and what comes back.

use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::prompt::JudgePrompt;

/// What a call read and wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// Input tokens that no cache held.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Input tokens read from a prompt cache.
    pub cache_read: u64,
    /// Input tokens written to a prompt cache for five minutes.
    pub cache_write: u64,
    /// Input tokens written to a prompt cache for an hour.
    pub cache_write_1h: u64,
}

impl Tokens {
    /// All that were read, those from and for a prompt cache included.
    #[must_use]
    pub const fn all_input(self) -> u64 {
        self.input + self.cache_read + self.cache_write + self.cache_write_1h
    }

    /// The same with so many written to a prompt cache, some of them for an hour.
    #[must_use]
    pub(crate) fn written(self, all: u64, for_an_hour: u64) -> Self {
        let hour = for_an_hour.min(all);
        Self {
            cache_write: all - hour,
            cache_write_1h: hour,
            ..self
        }
    }

    /// All of them.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.all_input() + self.output
    }
}

impl std::ops::AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
        self.cache_write_1h += other.cache_write_1h;
    }
}

/// A judge's answer before it is read as a judgment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Why the judge stopped.
    pub stop_reason: String,
    /// Tokens, where they were told.
    pub tokens: Option<Tokens>,
}

/// A response body of another form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an Anthropic message, found another body ({problem})")]
pub struct NotAMessage {
    problem: String,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    parameters: &'a Parameters,
    system: &'a str,
    messages: [Message<'a>; 1],
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    content: Vec<Block>,
    stop_reason: Option<String>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(rename = "input_tokens")]
    input: u64,
    #[serde(rename = "output_tokens")]
    output: u64,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_write: Option<u64>,
    #[serde(rename = "cache_creation")]
    by_lifetime: Option<ByLifetime>,
}

#[derive(Deserialize)]
struct ByLifetime {
    #[serde(rename = "ephemeral_1h_input_tokens")]
    hour: Option<u64>,
}

/// The request body.
///
/// # Errors
/// A parameter that JSON cannot write.
pub(crate) fn body(
    parameters: &Parameters,
    prompt: &JudgePrompt,
) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Body {
        parameters,
        system: &prompt.system,
        messages: [Message {
            role: "user",
            content: &prompt.user,
        }],
    })
}

impl Reply {
    /// Reads a response body.
    ///
    /// # Errors
    /// [`NotAMessage`] where it has not Anthropic's form.
    pub fn read(body: &[u8]) -> Result<Self, NotAMessage> {
        let answer: Answer = serde_json::from_slice(body).map_err(|error| NotAMessage {
            problem: error.to_string(),
        })?;
        let texts = answer.content.into_iter();
        Ok(Self {
            text: texts
                .filter(|block| block.kind == "text")
                .map(|block| block.text)
                .collect(),
            stop_reason: answer.stop_reason.unwrap_or_default(),
            tokens: answer.usage.map(Tokens::from),
        })
    }
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        let hour = usage.by_lifetime.and_then(|told| told.hour);
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read.unwrap_or(0),
            ..Self::default()
        }
        .written(usage.cache_write.unwrap_or(0), hour.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_joined_and_thoughts_left_out() {
        let reply = Reply::read(
            br#"{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"a"},{"type":"text","text":"b"}],
                "stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":2,"service_tier":"standard"}}"#,
        )
        .unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.stop_reason.as_str()),
            ("ab", "end_turn")
        );
        assert_eq!(reply.tokens.unwrap().input, 7);
    }

    #[test]
    fn what_was_cached_for_an_hour_is_told_apart() {
        let reply = Reply::read(
            br#"{"content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2,
                "cache_creation_input_tokens":40,"cache_creation":{"ephemeral_5m_input_tokens":15,"ephemeral_1h_input_tokens":25}}}"#,
        );
        let tokens = reply.unwrap().tokens.unwrap();
        assert_eq!((tokens.cache_write, tokens.cache_write_1h), (15, 25));
        assert_eq!(tokens.all_input(), 41);
    }

    #[test]
    fn another_form_is_no_answer() {
        for body in [
            "",
            "{}",
            "[ERROR: throttled]",
            r#"{"outputs":[{"text":"7"}]}"#,
        ] {
            assert!(Reply::read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
