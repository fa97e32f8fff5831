//! An answer: what was said, why it ends, what it cost.

use bedrock_replay::exchange::{EventStream, Response};
use serde_json::Value;

use super::part::{Part, cut, parts};
use super::stream::Assembly;
use super::tokens::Tokens;
use crate::cli::cassette::output::size;

/// What was answered.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// `assistant`, or `answer` where nobody speaks.
    pub speaker: &'static str,
    /// What it says.
    pub parts: Vec<Part>,
    /// Why it ends.
    pub stop_reason: Option<String>,
    /// What it cost.
    pub tokens: Option<Tokens>,
    /// How long the model took, by its own account.
    pub latency_ms: Option<u64>,
}

impl Answer {
    /// Reads a response.
    pub fn of(response: &Response) -> Self {
        let bytes = &response.body.bytes;
        let mut answer = match EventStream::read(bytes) {
            Ok(stream) if response.is_event_stream() => Self::of_stream(&stream),
            _ => match serde_json::from_slice(bytes) {
                Ok(body) => Self::of_json(&body),
                Err(_) => Self::of_bytes(bytes),
            },
        };
        let headers = &response.headers;
        answer.tokens = answer.tokens.or_else(|| Tokens::of_headers(headers));
        let latency = headers.get("x-amzn-bedrock-invocation-latency");
        let latency = latency.and_then(|latency| latency.parse().ok());
        answer.latency_ms = answer.latency_ms.or(latency);
        answer
    }

    fn of_stream(stream: &EventStream) -> Self {
        let mut assembly = Assembly::of(stream);
        Self {
            speaker: "assistant",
            parts: assembly.parts(),
            stop_reason: assembly.stop_reason,
            tokens: assembly.tokens,
            latency_ms: assembly.latency_ms,
        }
    }

    fn of_json(body: &Value) -> Self {
        let said = said(body);
        Self {
            speaker: if said.is_some() {
                "assistant"
            } else {
                "answer"
            },
            parts: said.unwrap_or_else(|| unspoken(body)),
            stop_reason: stop_reason(body),
            tokens: Tokens::of(&body["usage"]).or_else(|| Tokens::of(body)),
            latency_ms: body["metrics"]["latencyMs"].as_u64(),
        }
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).ok();
        let what = || Part::Other(size(bytes.len() as u64));
        Self {
            speaker: "answer",
            parts: vec![text.map_or_else(what, |text| Part::Text(text.to_owned()))],
            stop_reason: None,
            tokens: None,
            latency_ms: None,
        }
    }
}

/// What the model says, in the words of each family.
fn said(body: &Value) -> Option<Vec<Part>> {
    let places = [
        // Converse, Nova
        "/output/message/content",
        // Anthropic, now and before
        "/content",
        "/completion",
        // Chat completions
        "/choices/0/message/content",
        // Llama
        "/generation",
        // Titan
        "/results/0/outputText",
        // Mistral
        "/outputs/0/text",
        // Cohere
        "/generations/0/text",
        "/text",
    ];
    let found = places.iter().find_map(|place| body.pointer(place))?;
    Some(parts(found)).filter(|parts| !parts.is_empty())
}

/// An error's message, or the body itself.
fn unspoken(body: &Value) -> Vec<Part> {
    let message = [&body["message"], &body["Message"]];
    match message.into_iter().find_map(Value::as_str) {
        Some(message) => vec![Part::Text(message.to_owned())],
        None => vec![Part::Text(cut(body))],
    }
}

fn stop_reason(body: &Value) -> Option<String> {
    let places = [
        "/stopReason",
        "/stop_reason",
        "/choices/0/finish_reason",
        "/results/0/completionReason",
        "/outputs/0/stop_reason",
        "/finish_reason",
    ];
    let found = places
        .iter()
        .find_map(|place| body.pointer(place)?.as_str());
    found.map(str::to_owned)
}
