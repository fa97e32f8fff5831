//! Meta Llama's body: one prompt in, one generation out.

use serde_json::{Value, json};

use super::super::dice::Dice;
use super::super::prompt::{Prompt, Reply, Stop};
use super::body::{self, Refusal};

pub(super) fn read(body: &Value) -> Result<Prompt, Refusal> {
    Ok(Prompt {
        limit: body::limit(body, "/max_gen_len")?,
        sampling: body::sampling(body, &["/temperature", "/top_p"]),
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
        "generation": reply.text(),
        "generation_token_count": reply.usage.output,
        "prompt_token_count": reply.usage.input,
        "stop_reason": stop_reason(&reply.stop),
    })
}

/// The first chunk counts the prompt, each counts what was generated so far.
pub(super) fn chunks(reply: &Reply, dice: &mut Dice) -> Vec<Value> {
    let mut generated = 0;
    let mut chunks = Vec::new();
    for delta in body::deltas(reply.text(), dice) {
        generated += super::super::tokens::count(delta);
        chunks.push(json!({
            "generation": delta,
            "generation_token_count": generated,
            "prompt_token_count": chunks.is_empty().then_some(reply.usage.input),
            "stop_reason": null,
        }));
    }
    chunks.push(json!({
        "generation": "",
        "generation_token_count": reply.usage.output,
        "prompt_token_count": null,
        "stop_reason": stop_reason(&reply.stop),
        body::METRICS: body::metrics(reply),
    }));
    chunks
}
