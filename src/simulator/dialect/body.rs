//! What the dialects share: looking into a body, and refusing it as Bedrock does.

use serde_json::Value;

use super::super::dice::Dice;
use super::super::prompt::{Prompt, Reply, Speaker, Turn};
use super::super::tokens;

/// Why a body is not accepted: the text of a `ValidationException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in crate::simulator) struct Refusal(pub String);

impl Refusal {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn missing(member: &str) -> Self {
        Self(format!(
            "Malformed input request: #: required key [{member}] not found, please reformat your input and try again."
        ))
    }
}

/// The string at a pointer; empty where there is none.
pub(super) fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The items at a pointer; none where there is no array.
pub(super) fn items<'a>(body: &'a Value, pointer: &str) -> &'a [Value] {
    body.pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The strings at a pointer.
pub(super) fn strings(body: &Value, pointer: &str) -> Vec<String> {
    items(body, pointer)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The limit of tokens at a pointer.
pub(super) fn limit(body: &Value, pointer: &str) -> Result<Option<usize>, Refusal> {
    let Some(value) = body.pointer(pointer) else {
        return Ok(None);
    };
    let limit = value.as_u64().and_then(|limit| usize::try_from(limit).ok());
    match limit {
        Some(limit) if limit > 0 => Ok(Some(limit)),
        _ => Err(Refusal::new(format!(
            "Malformed input request: #{pointer}: {value} is not greater or equal to 1, please reformat your input and try again."
        ))),
    }
}

/// The members that steer sampling, in one text.
pub(super) fn sampling(body: &Value, pointers: &[&str]) -> String {
    let values = pointers.iter().map(|pointer| {
        body.pointer(pointer)
            .map(Value::to_string)
            .unwrap_or_default()
    });
    values.collect::<Vec<_>>().join("/")
}

/// Who speaks.
pub(super) fn speaker(message: &Value) -> Result<Speaker, Refusal> {
    match text(message, "/role") {
        "user" => Ok(Speaker::User),
        "assistant" => Ok(Speaker::Assistant),
        other => Err(Refusal::new(format!(
            "1 validation error detected: Value '{other}' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]"
        ))),
    }
}

/// Checks that a conversation begins with its user.
pub(super) fn check_turns(turns: &[Turn]) -> Result<(), Refusal> {
    match turns.first().map(|turn| turn.speaker) {
        Some(Speaker::User) => Ok(()),
        _ => Err(Refusal::new(
            "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
        )),
    }
}

/// A prompt of one text, for dialects that know no roles.
pub(super) fn plain_prompt(member: &str, body: &Value) -> Result<Prompt, Refusal> {
    let asked = text(body, member);
    if asked.is_empty() {
        return Err(Refusal::missing(member.trim_start_matches('/')));
    }
    let mut prompt = Prompt::default();
    prompt.add_turn();
    prompt.add_text(asked);
    prompt.turns.push(Turn {
        text: asked.to_owned(),
        ..Turn::default()
    });
    Ok(prompt)
}

/// The text as a model streams it: one to four tokens at a time.
pub(super) fn deltas<'a>(text: &'a str, dice: &mut Dice) -> Vec<&'a str> {
    let mut rest = text;
    let mut deltas = Vec::new();
    while !rest.is_empty() {
        let delta = tokens::first(rest, 1 + dice.below(4));
        deltas.push(delta);
        rest = &rest[delta.len()..];
    }
    deltas
}

/// What Bedrock adds to the last chunk of an InvokeModel stream.
pub(super) fn metrics(reply: &Reply) -> Value {
    let usage = reply.usage;
    let mut metrics = serde_json::json!({
        "firstByteLatency": reply.first_byte_ms,
        "inputTokenCount": usage.input,
        "invocationLatency": reply.latency_ms,
        "outputTokenCount": usage.output,
    });
    if usage.cache_read + usage.cache_write > 0 {
        metrics["cacheReadInputTokenCount"] = usage.cache_read.into();
        metrics["cacheWriteInputTokenCount"] = usage.cache_write.into();
    }
    metrics
}

/// The member's name that carries [`metrics`].
pub(super) const METRICS: &str = "amazon-bedrock-invocationMetrics";
