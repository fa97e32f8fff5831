//! The bodies of Converse and ConverseStream.

use serde_json::{Map, Value, json};

use super::super::dice::Dice;
use super::super::prompt::{Content, Prompt, Reply, Stop, Tool, ToolChoice, Turn, Usage};
use super::body::{self, Refusal};

const SAMPLING: [&str; 3] = [
    "/inferenceConfig/temperature",
    "/inferenceConfig/topP",
    "/additionalModelRequestFields",
];

/// Reads the request's body.
pub(in crate::simulator) fn read(body: &Value) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt {
        limit: body::limit(body, "/inferenceConfig/maxTokens")?,
        stops: body::strings(body, "/inferenceConfig/stopSequences"),
        sampling: body::sampling(body, &SAMPLING),
        ..Prompt::default()
    };
    read_tools(body, &mut prompt);
    for block in body::items(body, "/system") {
        match block.get("text").and_then(Value::as_str) {
            Some(text) => prompt.add_system(text),
            None => read_other(block, &mut prompt),
        }
    }
    for message in body::items(body, "/messages") {
        read_message(message, &mut prompt)?;
    }
    body::check_turns(&prompt.turns)?;
    Ok(prompt)
}

fn read_message(message: &Value, prompt: &mut Prompt) -> Result<(), Refusal> {
    let mut turn = Turn {
        speaker: body::speaker(message)?,
        ..Turn::default()
    };
    let blocks = body::items(message, "/content");
    if blocks.is_empty() {
        return Err(Refusal::new(
            "The content field in the Message object is empty. Add a ContentBlock object to the content field and try again.",
        ));
    }
    prompt.add_turn();
    for block in blocks {
        read_block(block, &mut turn, prompt);
    }
    prompt.turns.push(turn);
    Ok(())
}

fn read_block(block: &Value, turn: &mut Turn, prompt: &mut Prompt) {
    if let Some(text) = block.get("text").and_then(Value::as_str) {
        prompt.add_text(text);
        push_paragraph(&mut turn.text, text);
    } else if let Some(result) = block.get("toolResult") {
        let said = tool_result_text(result);
        prompt.add_text(&said);
        turn.tool_results.push(said);
    } else {
        read_other(block, prompt);
    }
}

/// Adds a paragraph to a turn's text.
pub(super) fn push_paragraph(text: &mut String, paragraph: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(paragraph);
}

fn tool_result_text(result: &Value) -> String {
    let parts = body::items(result, "/content").iter().map(|part| {
        let text = part.get("text").and_then(Value::as_str).map(str::to_owned);
        text.or_else(|| part.get("json").map(Value::to_string))
            .unwrap_or_default()
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// Blocks that have no text: what they are decides what they cost.
fn read_other(block: &Value, prompt: &mut Prompt) {
    let members = block.as_object().into_iter().flatten();
    for (name, value) in members {
        match name.as_str() {
            "cachePoint" => {
                prompt.mark_cache_point();
                prompt.is_kept_for_an_hour = body::text(value, "/ttl") == "1h";
            }
            "image" | "document" | "video" | "audio" => prompt.add_attachment(),
            _ => prompt.add_text(&value.to_string()),
        }
    }
}

fn read_tools(body: &Value, prompt: &mut Prompt) {
    for tool in body::items(body, "/toolConfig/tools") {
        if tool.get("cachePoint").is_some() {
            prompt.mark_cache_point();
            continue;
        }
        let schema = tool.pointer("/toolSpec/inputSchema/json");
        prompt.add_tool(
            body::text(tool, "/toolSpec/name"),
            body::text(tool, "/toolSpec/description"),
            schema.unwrap_or(&Value::Null),
        );
    }
    let named = body::text(body, "/toolConfig/toolChoice/tool/name");
    if !named.is_empty() {
        prompt.tool_choice = ToolChoice::Named(named.to_owned());
    }
    prompt.tools.retain(|tool: &Tool| !tool.name.is_empty());
}

/// The body of a Converse answer.
pub(in crate::simulator) fn whole(reply: &Reply) -> Value {
    json!({
        "metrics": { "latencyMs": reply.latency_ms },
        "output": { "message": { "content": [content(&reply.content)], "role": "assistant" } },
        "stopReason": stop_reason(&reply.stop),
        "usage": usage(reply.usage),
    })
}

/// The content block of a whole answer.
pub(super) fn content(content: &Content) -> Value {
    match content {
        Content::Text(text) => json!({ "text": text }),
        Content::ToolUse { id, name, input } => {
            json!({ "toolUse": { "input": input, "name": name, "toolUseId": id } })
        }
    }
}

/// The word for why a reply ends.
pub(super) const fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::EndTurn => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::Sequence(_) => "stop_sequence",
        Stop::ToolUse => "tool_use",
    }
}

fn usage(usage: Usage) -> Value {
    let mut members = json!({
        "inputTokens": usage.input,
        "outputTokens": usage.output,
        "totalTokens": usage.total(),
    });
    if usage.cache_read + usage.cache_write > 0 {
        members["cacheReadInputTokens"] = usage.cache_read.into();
        members["cacheWriteInputTokens"] = usage.cache_write.into();
        if usage.is_kept_for_an_hour {
            members["cacheDetails"] = json!([{ "ttl": "1h", "inputTokens": usage.cache_write }]);
        }
    }
    members
}

/// The events of a ConverseStream answer: type and payload.
pub(in crate::simulator) fn events(reply: &Reply, dice: &mut Dice) -> Vec<(&'static str, Value)> {
    let mut events = vec![("messageStart", json!({ "role": "assistant" }))];
    events.extend(content_events(&reply.content, dice));
    events.push((
        "messageStop",
        json!({ "stopReason": stop_reason(&reply.stop) }),
    ));
    events.push((
        "metadata",
        json!({ "metrics": { "latencyMs": reply.latency_ms }, "usage": usage(reply.usage) }),
    ));
    for (_, payload) in &mut events {
        payload["p"] = padding(dice).into();
    }
    events
}

/// The events of the one content block. A text block has no start event, as on Bedrock.
pub(super) fn content_events(content: &Content, dice: &mut Dice) -> Vec<(&'static str, Value)> {
    let delta = |delta: Value| {
        (
            "contentBlockDelta",
            json!({ "contentBlockIndex": 0, "delta": delta }),
        )
    };
    let mut events = Vec::new();
    match content {
        Content::Text(text) => {
            let deltas = body::deltas(text, dice);
            events.extend(
                deltas
                    .into_iter()
                    .map(|text| delta(json!({ "text": text }))),
            );
        }
        Content::ToolUse { id, name, input } => {
            let start = json!({ "toolUse": { "name": name, "toolUseId": id } });
            events.push((
                "contentBlockStart",
                json!({ "contentBlockIndex": 0, "start": start }),
            ));
            let input = input.to_string();
            let deltas = body::deltas(&input, dice);
            events.extend(
                deltas
                    .into_iter()
                    .map(|part| delta(json!({ "toolUse": { "input": part } }))),
            );
        }
    }
    events.push(("contentBlockStop", json!({ "contentBlockIndex": 0 })));
    events
}

/// The first letters of the alphabet, a number of them that tells nothing about the event.
pub(in crate::simulator) fn padding(dice: &mut Dice) -> String {
    let alphabet = ('a'..='z').chain('A'..='Z').chain('0'..='8');
    alphabet.take(2 + dice.below(60)).collect()
}

/// An object without members, for the tools that take no input.
pub(super) fn empty() -> Value {
    Value::Object(Map::new())
}
