//! What the program sees of an answer, in the words that all the clients share.

use std::fmt::Debug;

use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::operation::invoke_model::InvokeModelOutput;
use aws_sdk_bedrockruntime::operation::invoke_model_with_response_stream::InvokeModelWithResponseStreamOutput;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConverseMetrics, ConverseStreamMetrics, ConverseStreamOutput as Event,
    ResponseStream, TokenUsage,
};
use aws_smithy_types::{Document, Number};
use serde_json::{Map, Value, json};

/// Members of a line.
pub type Line = Map<String, Value>;

/// What an error comes to.
pub fn error<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Line {
    let Some(error) = error.as_service_error() else {
        return connection();
    };
    members(json!({
        "error": error.code().unwrap_or_default(),
        "message": error.message().unwrap_or_default(),
    }))
}

/// Whatever ends the connection: each client has words of its own for it.
fn connection() -> Line {
    members(json!({ "error": "connection" }))
}

/// An error inside a stream. The SDK leaves its code empty there: its type has the name.
fn stream_error<E: Debug, R>(error: &SdkError<E, R>) -> Line {
    let Some(error) = error.as_service_error() else {
        return connection();
    };
    let variant = format!("{error:?}");
    let name = variant.split('(').next().unwrap_or_default();
    members(json!({ "error": name }))
}

pub fn members(value: Value) -> Line {
    match value {
        Value::Object(members) => members,
        _ => Line::new(),
    }
}

pub fn converse(reply: &ConverseOutput) -> Line {
    let message = reply.output().and_then(|output| output.as_message().ok());
    let blocks = message.map_or(&[][..], |message| message.content());
    let text: String = blocks
        .iter()
        .filter_map(|block| block.as_text().ok())
        .map(String::as_str)
        .collect();
    members(json!({
        "text": text,
        "tool": blocks.iter().find_map(tool),
        "stop": reply.stop_reason().as_str(),
        "usage": reply.usage().map(usage),
        "latency": reply.metrics().map(ConverseMetrics::latency_ms),
    }))
}

fn tool(block: &ContentBlock) -> Option<Value> {
    let ContentBlock::ToolUse(call) = block else {
        return None;
    };
    Some(json!({
        "toolUseId": call.tool_use_id(),
        "name": call.name(),
        "input": json_of(call.input()),
    }))
}

fn json_of(document: &Document) -> Value {
    match document {
        Document::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), json_of(value)))
            .collect::<Line>()
            .into(),
        Document::Array(items) => items.iter().map(json_of).collect(),
        Document::Number(Number::PosInt(number)) => json!(number),
        Document::Number(Number::NegInt(number)) => json!(number),
        Document::Number(Number::Float(number)) => json!(number),
        Document::String(text) => json!(text),
        Document::Bool(truth) => json!(truth),
        Document::Null => Value::Null,
    }
}

fn usage(usage: &TokenUsage) -> Value {
    json!([
        usage.input_tokens(),
        usage.output_tokens(),
        usage.cache_read_input_tokens().unwrap_or(0),
        usage.cache_write_input_tokens().unwrap_or(0),
    ])
}

pub fn invoke(reply: &InvokeModelOutput) -> Line {
    let body = reply.body().as_ref();
    let said = serde_json::from_slice(body).unwrap_or_else(|_| Value::from(hex::encode(body)));
    members(json!({ "type": reply.content_type(), "body": said }))
}

/// Reads a stream to its end, or to what ends it.
pub async fn converse_stream(mut reply: ConverseStreamOutput) -> (Line, Result<(), Line>) {
    let mut line = Seen::default();
    loop {
        match reply.stream.recv().await {
            Ok(Some(event)) => line.event(&event),
            Ok(None) => return (line.members, Ok(())),
            Err(error) => return (line.members, Err(stream_error(&error))),
        }
    }
}

/// Reads a stream to its end, or to what ends it.
pub async fn invoke_stream(
    mut reply: InvokeModelWithResponseStreamOutput,
) -> (Line, Result<(), Line>) {
    let mut line = Seen::default();
    loop {
        match reply.body.recv().await {
            Ok(Some(event)) => line.chunk(&event),
            Ok(None) => return (line.members, Ok(())),
            Err(error) => return (line.members, Err(stream_error(&error))),
        }
    }
}

/// What was seen of a stream so far.
struct Seen {
    members: Line,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            members: members(json!({ "events": 0, "text": "" })),
        }
    }
}

impl Seen {
    fn count(&mut self, text: &str) {
        let events = self.members["events"].as_u64().unwrap_or(0) + 1;
        self.members["events"] = events.into();
        if let Value::String(all) = &mut self.members["text"] {
            all.push_str(text);
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }

    fn event(&mut self, event: &Event) {
        let delta = event.as_content_block_delta().ok();
        let text = delta.and_then(|delta| delta.delta()?.as_text().ok());
        self.count(text.map_or("", String::as_str));
        match event {
            Event::MessageStop(stop) => self.set("stop", stop.stop_reason().as_str().into()),
            Event::Metadata(metadata) => {
                self.set("usage", metadata.usage().map(usage).into());
                let metrics = metadata.metrics();
                self.set(
                    "latency",
                    metrics.map(ConverseStreamMetrics::latency_ms).into(),
                );
            }
            _ => {}
        }
    }

    fn chunk(&mut self, event: &ResponseStream) {
        let bytes = event.as_chunk().ok().and_then(|chunk| chunk.bytes());
        let chunk: Value = bytes
            .and_then(|bytes| serde_json::from_slice(bytes.as_ref()).ok())
            .unwrap_or_default();
        self.count(chunk["delta"]["text"].as_str().unwrap_or_default());
        if let Some(stop) = chunk.pointer("/delta/stop_reason") {
            self.set("stop", stop.clone());
        }
        let metrics = &chunk["amazon-bedrock-invocationMetrics"];
        if metrics.is_object() {
            let usage = json!([metrics["inputTokenCount"], metrics["outputTokenCount"]]);
            self.set("usage", usage);
        }
    }
}
