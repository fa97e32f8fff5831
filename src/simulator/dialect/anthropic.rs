//! Anthropic's messages: members in the order in which they travel.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::dice::Dice;
use super::super::ordered;
use super::super::prompt::{Content, Prompt, Reply, Stop, ToolChoice, Turn};
use super::body::{self, Refusal};
use super::converse::{empty, push_paragraph, stop_reason};

/// Reads the request's body.
pub(super) fn read(body: &Value) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt {
        limit: Some(
            body::limit(body, "/max_tokens")?.ok_or_else(|| Refusal::missing("max_tokens"))?,
        ),
        stops: body::strings(body, "/stop_sequences"),
        sampling: body::sampling(body, &["/temperature", "/top_p", "/top_k", "/thinking"]),
        ..Prompt::default()
    };
    read_tools(body, &mut prompt);
    read_system(body, &mut prompt);
    for message in body::items(body, "/messages") {
        read_message(message, &mut prompt)?;
    }
    body::check_turns(&prompt.turns).map_err(|_| {
        Refusal::new(
            "messages: at least one message is required, and the first one must be the user's",
        )
    })?;
    Ok(prompt)
}

fn read_system(body: &Value, prompt: &mut Prompt) {
    if let Some(text) = body.get("system").and_then(Value::as_str) {
        prompt.add_system(text);
    }
    for block in body::items(body, "/system") {
        prompt.add_system(body::text(block, "/text"));
        mark(block, prompt);
    }
}

fn mark(block: &Value, prompt: &mut Prompt) {
    if block.get("cache_control").is_some_and(Value::is_object) {
        prompt.mark_cache_point();
    }
}

fn read_message(message: &Value, prompt: &mut Prompt) -> Result<(), Refusal> {
    let mut turn = Turn {
        speaker: body::speaker(message)?,
        ..Turn::default()
    };
    prompt.add_turn();
    match message.get("content") {
        Some(Value::String(text)) => {
            prompt.add_text(text);
            turn.text.clone_from(text);
        }
        Some(Value::Array(blocks)) if !blocks.is_empty() => {
            for block in blocks {
                read_block(block, &mut turn, prompt);
                mark(block, prompt);
            }
        }
        _ => return Err(Refusal::new("messages: content must not be empty")),
    }
    prompt.turns.push(turn);
    Ok(())
}

fn read_block(block: &Value, turn: &mut Turn, prompt: &mut Prompt) {
    match body::text(block, "/type") {
        "text" => {
            let text = body::text(block, "/text");
            prompt.add_text(text);
            push_paragraph(&mut turn.text, text);
        }
        "tool_result" => {
            let said = tool_result_text(block);
            prompt.add_text(&said);
            turn.tool_results.push(said);
        }
        "image" | "document" => prompt.add_attachment(),
        _ => prompt.add_text(&block.to_string()),
    }
}

fn tool_result_text(block: &Value) -> String {
    if let Some(text) = block.get("content").and_then(Value::as_str) {
        return text.to_owned();
    }
    let parts = body::items(block, "/content")
        .iter()
        .map(|part| body::text(part, "/text"));
    parts.collect::<Vec<_>>().join(" ")
}

fn read_tools(body: &Value, prompt: &mut Prompt) {
    for tool in body::items(body, "/tools") {
        let schema = tool.get("input_schema").cloned().unwrap_or_else(empty);
        prompt.add_tool(
            body::text(tool, "/name"),
            body::text(tool, "/description"),
            &schema,
        );
        mark(tool, prompt);
    }
    prompt.tool_choice = match body::text(body, "/tool_choice/type") {
        "none" => ToolChoice::Never,
        "tool" => ToolChoice::Named(body::text(body, "/tool_choice/name").to_owned()),
        _ => ToolChoice::Free,
    };
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    r#type: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'a>>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    usage: Usage,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: &'a Value,
    },
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the members' names on the wire")]
struct Usage {
    input_tokens: usize,
    cache_creation_input_tokens: usize,
    cache_read_input_tokens: usize,
    output_tokens: usize,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    MessageStart {
        message: Message<'a>,
    },
    ContentBlockStart {
        index: usize,
        content_block: Block<'a>,
    },
    ContentBlockDelta {
        index: usize,
        delta: Delta,
    },
    ContentBlockStop {
        index: usize,
    },
    MessageDelta {
        delta: End<'a>,
        usage: Value,
    },
    MessageStop {
        #[serde(rename = "amazon-bedrock-invocationMetrics")]
        metrics: Value,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Delta {
    TextDelta { text: String },
    InputJsonDelta { partial_json: String },
}

#[derive(Serialize)]
struct End<'a> {
    stop_reason: &'static str,
    stop_sequence: Option<&'a str>,
}

fn usage(reply: &Reply, output_tokens: usize) -> Usage {
    Usage {
        input_tokens: reply.usage.input,
        cache_creation_input_tokens: reply.usage.cache_write,
        cache_read_input_tokens: reply.usage.cache_read,
        output_tokens,
    }
}

fn sequence(stop: &Stop) -> Option<&str> {
    match stop {
        Stop::Sequence(text) => Some(text),
        _ => None,
    }
}

/// The model's own name: its id without region, provider and revision.
fn bare_model(model: &str) -> &str {
    let name = model
        .rsplit_once("anthropic.")
        .map_or(model, |(_, name)| name);
    name.split_once("-v").map_or(name, |(name, _)| name)
}

fn block(content: &Content) -> Block<'_> {
    match content {
        Content::Text(text) => Block::Text { text },
        Content::ToolUse { id, name, input } => Block::ToolUse { id, name, input },
    }
}

/// The body of a unary answer.
pub(super) fn whole(model: &str, reply: &Reply) -> Vec<u8> {
    let message = Message {
        id: &reply.message_id,
        r#type: "message",
        role: "assistant",
        model: bare_model(model),
        content: vec![block(&reply.content)],
        stop_reason: Some(stop_reason(&reply.stop)),
        stop_sequence: sequence(&reply.stop),
        usage: usage(reply, reply.usage.output),
    };
    bytes_of(&message)
}

/// The stream's events, one chunk each.
pub(super) fn chunks(model: &str, reply: &Reply, dice: &mut Dice) -> Vec<Vec<u8>> {
    let start = Event::MessageStart {
        message: Message {
            id: &reply.message_id,
            r#type: "message",
            role: "assistant",
            model: bare_model(model),
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: usage(reply, 1),
        },
    };
    let mut events = vec![start];
    events.extend(content_events(&reply.content, dice));
    events.push(Event::MessageDelta {
        delta: End {
            stop_reason: stop_reason(&reply.stop),
            stop_sequence: sequence(&reply.stop),
        },
        usage: json!({ "output_tokens": reply.usage.output }),
    });
    events.push(Event::MessageStop {
        metrics: body::metrics(reply),
    });
    events.iter().map(bytes_of).collect()
}

/// A block begins empty.
static NO_INPUT: LazyLock<Value> = LazyLock::new(empty);

fn deltas(text: &str, dice: &mut Dice, delta: impl Fn(String) -> Delta) -> Vec<Delta> {
    let deltas = body::deltas(text, dice).into_iter();
    deltas.map(|text| delta(text.to_owned())).collect()
}

fn content_events<'a>(content: &'a Content, dice: &mut Dice) -> Vec<Event<'a>> {
    let input = match content {
        Content::Text(_) => String::new(),
        Content::ToolUse { input, .. } => ordered::sorted(input),
    };
    let (content_block, deltas) = match content {
        Content::Text(text) => (
            Block::Text { text: "" },
            deltas(text, dice, |text| Delta::TextDelta { text }),
        ),
        Content::ToolUse { id, name, .. } => (
            Block::ToolUse {
                id,
                name,
                input: &NO_INPUT,
            },
            deltas(&input, dice, |partial_json| Delta::InputJsonDelta {
                partial_json,
            }),
        ),
    };
    let mut events = vec![Event::ContentBlockStart {
        index: 0,
        content_block,
    }];
    events.extend(
        deltas
            .into_iter()
            .map(|delta| Event::ContentBlockDelta { index: 0, delta }),
    );
    events.push(Event::ContentBlockStop { index: 0 });
    events
}

/// Values of these types have no way to fail to be written.
fn bytes_of(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
