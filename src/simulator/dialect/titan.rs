//! Titan Text's body: one text in, one text out.

use serde_json::{Value, json};

use super::super::dice::Dice;
use super::super::prompt::{Prompt, Reply, Stop};
use super::body::{self, Refusal};

pub(super) fn read(body: &Value) -> Result<Prompt, Refusal> {
    Ok(Prompt {
        limit: body::limit(body, "/textGenerationConfig/maxTokenCount")?,
        stops: body::strings(body, "/textGenerationConfig/stopSequences"),
        sampling: body::sampling(
            body,
            &[
                "/textGenerationConfig/temperature",
                "/textGenerationConfig/topP",
            ],
        ),
        ..body::plain_prompt("/inputText", body)?
    })
}

const fn completion_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::MaxTokens => "LENGTH",
        Stop::Sequence(_) => "STOP_CRITERIA_MET",
        Stop::EndTurn | Stop::ToolUse => "FINISH",
    }
}

pub(super) fn whole(reply: &Reply) -> Value {
    json!({
        "inputTextTokenCount": reply.usage.input,
        "results": [{
            "completionReason": completion_reason(&reply.stop),
            "outputText": reply.text(),
            "tokenCount": reply.usage.output,
        }],
    })
}

/// Titan streams in few large chunks; only the last one counts.
pub(super) fn chunks(reply: &Reply, dice: &mut Dice) -> Vec<Value> {
    let mut deltas = body::deltas(reply.text(), dice);
    let last = deltas.pop().unwrap_or_default();
    let chunk = |text: &str| json!({ "index": 0, "outputText": text });
    let mut chunks: Vec<Value> = deltas.into_iter().map(chunk).collect();
    let mut end = chunk(last);
    end["completionReason"] = completion_reason(&reply.stop).into();
    end["inputTextTokenCount"] = reply.usage.input.into();
    end["totalOutputTextTokenCount"] = reply.usage.output.into();
    end[body::METRICS] = body::metrics(reply);
    chunks.push(end);
    chunks
}
