//! A streamed answer put together from its events.

use std::collections::BTreeMap;

use bedrock_replay::exchange::EventStream;
use serde_json::Value;

use super::part::{Part, cut};
use super::tokens::Tokens;

/// An answer that grows event by event.
#[derive(Debug, Default)]
pub struct Assembly {
    blocks: BTreeMap<u64, Block>,
    pub stop_reason: Option<String>,
    pub tokens: Option<Tokens>,
    pub latency_ms: Option<u64>,
    exceptions: Vec<String>,
    others: usize,
}

#[derive(Debug, Default)]
struct Block {
    tool: Option<String>,
    input: String,
    text: String,
    reasoning: String,
}

impl Assembly {
    /// Takes every event of a stream.
    pub fn of(stream: &EventStream) -> Self {
        let mut assembly = Self::default();
        for frame in &stream.frames {
            if let Some(exception) = frame.exception() {
                let text = format!("{}: {}", exception.error_type, exception.message);
                assembly.exceptions.push(text);
                continue;
            }
            let Ok(event) = serde_json::from_slice::<Value>(&frame.json()) else {
                assembly.others += 1;
                continue;
            };
            assembly.take(frame.event_type(), &event);
        }
        assembly
    }

    /// What it says.
    pub fn parts(&mut self) -> Vec<Part> {
        let blocks = std::mem::take(&mut self.blocks);
        let mut parts: Vec<Part> = blocks.into_values().flat_map(Block::parts).collect();
        parts.extend(self.exceptions.drain(..).map(Part::Other));
        if parts.is_empty() && self.others > 0 {
            parts.push(Part::Other(format!("{} events", self.others)));
        }
        parts
    }

    fn take(&mut self, event_type: &str, event: &Value) {
        match event_type {
            "chunk" => self.take_chunk(event),
            event_type => self.take_converse(event_type, event),
        }
    }

    /// `ConverseStream`'s events; Nova's chunks hold them under their names.
    fn take_converse(&mut self, event_type: &str, event: &Value) {
        let index = event["contentBlockIndex"].as_u64().unwrap_or_default();
        match event_type {
            "contentBlockStart" => {
                let name = event["start"]["toolUse"]["name"].as_str();
                self.block(index).tool = name.map(str::to_owned);
            }
            "contentBlockDelta" => self.block(index).take_converse(&event["delta"]),
            "messageStop" => {
                self.stop_reason = event["stopReason"].as_str().map(str::to_owned);
            }
            "metadata" => {
                self.tokens = Tokens::of(&event["usage"]);
                self.latency_ms = event["metrics"]["latencyMs"].as_u64();
            }
            _ => {}
        }
    }

    /// The chunks of `InvokeModelWithResponseStream`, as each family writes them.
    fn take_chunk(&mut self, chunk: &Value) {
        let metrics = &chunk["amazon-bedrock-invocationMetrics"];
        self.tokens = Tokens::of(metrics).or(self.tokens);
        self.latency_ms = metrics["invocationLatency"].as_u64().or(self.latency_ms);
        if let Some(event_type) = chunk["type"].as_str() {
            return self.take_anthropic(event_type, chunk);
        }
        let places = [
            "/generation",
            "/outputText",
            "/outputs/0/text",
            "/choices/0/delta/content",
        ];
        let text = places
            .iter()
            .find_map(|place| chunk.pointer(place)?.as_str());
        if let Some(text) = text {
            self.block(0).text.push_str(text);
        } else if let Some((event_type, event)) =
            chunk.as_object().and_then(|map| map.iter().next())
        {
            self.take_converse(event_type, event);
            self.others += 1;
        }
        let stop = [
            "/stop_reason",
            "/completionReason",
            "/outputs/0/stop_reason",
            "/choices/0/finish_reason",
        ];
        let stop = stop.iter().find_map(|place| chunk.pointer(place)?.as_str());
        self.stop_reason = stop.map(str::to_owned).or(self.stop_reason.take());
    }

    fn take_anthropic(&mut self, event_type: &str, event: &Value) {
        let index = event["index"].as_u64().unwrap_or_default();
        match event_type {
            "content_block_start" => {
                let block = &event["content_block"];
                let text = block["text"].as_str().unwrap_or_default();
                let name = block["name"].as_str().map(str::to_owned);
                self.block(index).text.push_str(text);
                self.block(index).tool = name;
            }
            "content_block_delta" => self.block(index).take_anthropic(&event["delta"]),
            "completion" => {
                let text = event["completion"].as_str().unwrap_or_default();
                self.block(0).text.push_str(text);
                let reason = event["stop_reason"].as_str().map(str::to_owned);
                self.stop_reason = reason.or(self.stop_reason.take());
            }
            "message_delta" => {
                let reason = event["delta"]["stop_reason"].as_str();
                self.stop_reason = reason.map(str::to_owned);
            }
            _ => {}
        }
    }

    fn block(&mut self, index: u64) -> &mut Block {
        self.blocks.entry(index).or_default()
    }
}

impl Block {
    fn take_converse(&mut self, delta: &Value) {
        let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.text.push_str(&said(&delta["text"]));
        self.input.push_str(&said(&delta["toolUse"]["input"]));
        let reasoning = &delta["reasoningContent"]["text"];
        self.reasoning.push_str(&said(reasoning));
    }

    fn take_anthropic(&mut self, delta: &Value) {
        let said = |name: &str| delta[name].as_str().unwrap_or_default().to_owned();
        self.text.push_str(&said("text"));
        self.input.push_str(&said("partial_json"));
        self.reasoning.push_str(&said("thinking"));
    }

    fn parts(self) -> Vec<Part> {
        let mut parts = Vec::new();
        if !self.reasoning.is_empty() {
            parts.push(Part::Reasoning(self.reasoning));
        }
        if !self.text.is_empty() {
            parts.push(Part::Text(self.text));
        }
        if let Some(name) = self.tool {
            let input = match serde_json::from_str(&self.input) {
                Ok(input) => cut(&input),
                Err(_) => self.input,
            };
            parts.push(Part::ToolUse { name, input });
        }
        parts
    }
}
