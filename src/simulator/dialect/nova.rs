//! Amazon Nova's own body: Converse's, a little earlier.

use serde_json::{Value, json};

use super::super::dice::Dice;
use super::super::prompt::{Prompt, Reply};
use super::body::{self, Refusal};
use super::converse;

pub(super) fn read(body: &Value) -> Result<Prompt, Refusal> {
    let mut prompt = converse::read(body)?;
    if prompt.limit.is_none() {
        prompt.limit = body::limit(body, "/inferenceConfig/max_new_tokens")?;
    }
    Ok(prompt)
}

pub(super) fn whole(reply: &Reply) -> Value {
    json!({
        "output": {
            "message": { "content": [converse::content(&reply.content)], "role": "assistant" }
        },
        "stopReason": converse::stop_reason(&reply.stop),
        "usage": usage(reply, &["inputTokens", "outputTokens", "totalTokens"]),
    })
}

fn usage(reply: &Reply, members: &[&str]) -> Value {
    let usage = reply.usage;
    let mut written = json!({
        "cacheReadInputTokenCount": usage.cache_read,
        "cacheWriteInputTokenCount": usage.cache_write,
    });
    for (member, tokens) in members
        .iter()
        .zip([usage.input, usage.output, usage.total()])
    {
        written[*member] = tokens.into();
    }
    written
}

pub(super) fn chunks(reply: &Reply, dice: &mut Dice) -> Vec<Value> {
    let mut chunks = vec![json!({ "messageStart": { "role": "assistant" } })];
    let events = converse::content_events(&reply.content, dice);
    chunks.extend(
        events
            .into_iter()
            .map(|(name, payload)| json!({ name: payload })),
    );
    chunks.push(json!({
        "messageStop": { "stopReason": converse::stop_reason(&reply.stop) }
    }));
    chunks.push(json!({
        "metadata": {
            "metrics": {},
            "trace": {},
            "usage": usage(reply, &["inputTokens", "outputTokens"]),
        },
        body::METRICS: body::metrics(reply),
    }));
    chunks
}
