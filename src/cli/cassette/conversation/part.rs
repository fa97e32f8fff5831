//! A piece of what is said: text, an image, a tool's use.

use std::fmt;

use serde_json::Value;

use crate::cli::cassette::output::size;

/// Longer JSON is cut; `--raw` shows all of it.
const LONGEST_JSON: usize = 600;

/// A piece of what is said.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// What the model thinks before it answers.
    Reasoning(String),
    /// `image png, 12 kB`.
    Media(String),
    /// A tool that the model calls.
    ToolUse { name: String, input: String },
    /// What the tool gave back.
    ToolResult { status: String, parts: Vec<Part> },
    /// Anything else, in brackets.
    Other(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Reasoning(text) => write!(f, "[reasoning] {text}"),
            Self::Media(what) | Self::Other(what) => write!(f, "[{what}]"),
            Self::ToolUse { name, input } => write!(f, "[tool use {name} {input}]"),
            Self::ToolResult { status, parts } => {
                let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                write!(f, "[tool result{status}] {}", parts.join("\n"))
            }
        }
    }
}

/// Reads content: a text, a block, or a list of blocks.
pub fn parts(content: &Value) -> Vec<Part> {
    match content {
        Value::Null => Vec::new(),
        Value::Array(blocks) => blocks.iter().map(part).collect(),
        block => vec![part(block)],
    }
}

fn part(block: &Value) -> Part {
    if let Some(text) = block.as_str() {
        return Part::Text(text.to_owned());
    }
    match block["type"].as_str() {
        Some(kind) => typed(kind, block).unwrap_or_else(|| other(block)),
        None => untyped(block).unwrap_or_else(|| other(block)),
    }
}

/// A block as Anthropic's API and those like it write it: its kind in `type`.
fn typed(kind: &str, block: &Value) -> Option<Part> {
    Some(match kind {
        "text" => Part::Text(block["text"].as_str()?.to_owned()),
        "thinking" => Part::Reasoning(block["thinking"].as_str()?.to_owned()),
        "image" | "document" => {
            let source = &block["source"];
            let format = source["media_type"].as_str().unwrap_or_default();
            let format = format.rsplit('/').next().unwrap_or_default();
            media(kind, format, &source["data"])
        }
        "tool_use" => tool_use(&block["name"], &block["input"]),
        "tool_result" => Part::ToolResult {
            status: match block["is_error"].as_bool() {
                Some(true) => " error".to_owned(),
                _ => String::new(),
            },
            parts: parts(&block["content"]),
        },
        _ => return None,
    })
}

/// A block as Converse writes it: its kind is the name of its one member.
fn untyped(block: &Value) -> Option<Part> {
    let (kind, inner) = block.as_object()?.iter().next()?;
    Some(match &**kind {
        "text" => match inner.as_str() {
            Some(text) => Part::Text(text.to_owned()),
            None => Part::Text(inner["text"].as_str()?.to_owned()),
        },
        "image" | "document" | "video" | "audio" => {
            let format = inner["format"].as_str().unwrap_or_default();
            media(kind, format, &inner["source"]["bytes"])
        }
        "toolUse" => tool_use(&inner["name"], &inner["input"]),
        "toolResult" => Part::ToolResult {
            status: match inner["status"].as_str() {
                Some(status) => format!(" {status}"),
                None => String::new(),
            },
            parts: parts(&inner["content"]),
        },
        "reasoningContent" => Part::Reasoning(inner["reasoningText"]["text"].as_str()?.to_owned()),
        "guardContent" => Part::Text(inner["text"]["text"].as_str()?.to_owned()),
        "citationsContent" => {
            let texts: Vec<String> = parts(&inner["content"])
                .iter()
                .map(ToString::to_string)
                .collect();
            Part::Text(texts.concat())
        }
        "cachePoint" => Part::Other("cache point".to_owned()),
        "json" => Part::Text(inner.to_string()),
        _ => return None,
    })
}

fn tool_use(name: &Value, input: &Value) -> Part {
    Part::ToolUse {
        name: name.as_str().unwrap_or("?").to_owned(),
        input: cut(input),
    }
}

/// A medium and the bytes that its base64 stands for.
fn media(kind: &str, format: &str, base64: &Value) -> Part {
    let what = match base64.as_str() {
        Some(text) => {
            let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
            let bytes = (text.len() / 4 * 3).saturating_sub(padding);
            format!("{kind} {format}, {}", size(bytes as u64))
        }
        None => format!("{kind} {format}"),
    };
    Part::Media(what)
}

fn other(block: &Value) -> Part {
    Part::Other(cut(block))
}

/// A value in one line, cut where it is long.
pub fn cut(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_JSON) {
        Some((end, _)) => format!("{}… ({})", &text[..end], size(text.len() as u64)),
        None => text,
    }
}
