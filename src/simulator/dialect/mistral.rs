//! Mistral's body: one prompt in, one output out.

use serde_json::{Value, json};

use super::super::dice::Dice;
use super::super::prompt::{Prompt, Reply, Stop};
use super::body::{self, Refusal};

pub(super) fn read(body: &Value) -> Result<Prompt, Refusal> {
    Ok(Prompt {
        limit: body::limit(body, "/max_tokens")?,
        stops: body::strings(body, "/stop"),
        sampling: body::sampling(body, &["/temperature", "/top_p", "/top_k"]),
        ..body::plain_prompt("/prompt", body)?
    })
}

const fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::MaxTokens => "length",
        Stop::EndTurn | Stop::Sequence(_) | Stop::ToolUse => "stop",
    }
}

pub(super) fn whole(reply: &Reply) -> Value {
    json!({
        "outputs": [{ "stop_reason": stop_reason(&reply.stop), "text": reply.text() }],
    })
}

pub(super) fn chunks(reply: &Reply, dice: &mut Dice) -> Vec<Value> {
    let chunk = |text: &str, stop: Option<&str>| json!({ "outputs": [{ "stop_reason": stop, "text": text }] });
    let deltas = body::deltas(reply.text(), dice);
    let mut chunks: Vec<Value> = deltas.into_iter().map(|text| chunk(text, None)).collect();
    let mut last = chunk("", Some(stop_reason(&reply.stop)));
    last[body::METRICS] = body::metrics(reply);
    chunks.push(last);
    chunks
}
