//! A request: its settings and what was said before the answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bedrock_replay::exchange::Request;
use serde_json::Value;

use super::part::{Part, cut, parts};
use crate::cli::cassette::output::size;

/// Members that are no settings.
const SAID: [&str; 8] = [
    "messages",
    "system",
    "prompt",
    "inputText",
    "message",
    "chat_history",
    "content",
    "input",
];

/// What was asked.
#[derive(Debug, Default, PartialEq)]
pub struct Asked {
    /// `maxTokens 400`, `tools get_weather`.
    pub settings: Vec<String>,
    /// System prompt and turns.
    pub turns: Vec<Turn>,
}

/// What one side says.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// `system`, `user`, `assistant`.
    pub speaker: String,
    /// What it says.
    pub parts: Vec<Part>,
}

impl Asked {
    /// Reads a request.
    pub fn of(request: &Request) -> Self {
        Self::of_body(&request.body)
    }

    fn of_body(body: &[u8]) -> Self {
        if body.is_empty() {
            return Self::default();
        }
        match serde_json::from_slice(body) {
            Ok(value) => Self::of_json(&value),
            Err(_) => Self::just(Part::Other(format!(
                "{} of no JSON",
                size(body.len() as u64)
            ))),
        }
    }

    fn of_json(body: &Value) -> Self {
        if let Some(counted) = counted(body) {
            return counted;
        }
        let mut asked = Self {
            settings: settings(body),
            turns: Vec::new(),
        };
        asked.say("system", parts(&body["system"]));
        for message in body["messages"].as_array().into_iter().flatten() {
            let speaker = message["role"].as_str().unwrap_or("?");
            asked.say(speaker, parts(&message["content"]));
        }
        for name in ["prompt", "inputText", "message", "content"] {
            asked.say("user", parts(&body[name]));
        }
        if asked.turns.is_empty() {
            asked.say("request", vec![Part::Text(cut(body))]);
        }
        asked
    }

    fn just(part: Part) -> Self {
        let mut asked = Self::default();
        asked.say("request", vec![part]);
        asked
    }

    fn say(&mut self, speaker: &str, parts: Vec<Part>) {
        if !parts.is_empty() {
            self.turns.push(Turn {
                speaker: speaker.to_owned(),
                parts,
            });
        }
    }
}

/// The request inside `CountTokens`.
fn counted(body: &Value) -> Option<Asked> {
    let input = body["input"].as_object()?;
    if let Some(converse) = input.get("converse") {
        return Some(Asked::of_json(converse));
    }
    let inner = input.get("invokeModel")?["body"].as_str()?;
    Some(Asked::of_body(&BASE64.decode(inner).ok()?))
}

fn settings(body: &Value) -> Vec<String> {
    let top = body.as_object().into_iter().flatten();
    let config = ["inferenceConfig", "textGenerationConfig"];
    let nested = config
        .iter()
        .flat_map(|name| body[*name].as_object().into_iter().flatten());
    let mut settings: Vec<String> = top
        .filter(|(name, _)| !SAID.contains(&name.as_str()))
        .chain(nested)
        .filter(|(_, value)| !value.is_object() && !value.is_array() && !value.is_null())
        .map(|(name, value)| format!("{name} {}", setting(name, value)))
        .collect();
    let tools = tools(body);
    if !tools.is_empty() {
        settings.push(format!("tools {}", tools.join(" ")));
    }
    settings
}

/// A value as it was meant: the Rust SDK sends an `f32` of 0.7 as 0.699999988079071.
fn setting(name: &str, value: &Value) -> String {
    let text = plain(value);
    let is_narrow = value.is_f64() && ["temperature", "topP"].contains(&name);
    match text.parse::<f32>() {
        Ok(meant) if is_narrow => meant.to_string(),
        _ => text,
    }
}

fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

fn tools(body: &Value) -> Vec<&str> {
    let lists = [&body["toolConfig"]["tools"], &body["tools"]];
    let tools = lists.into_iter().filter_map(Value::as_array).flatten();
    let names = tools.filter_map(|tool| {
        [
            &tool["toolSpec"]["name"],
            &tool["name"],
            &tool["function"]["name"],
        ]
        .into_iter()
        .find_map(Value::as_str)
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widened_setting_is_shown_as_it_was_meant() {
        let body = br#"{"inferenceConfig":{"temperature":0.699999988079071,"maxTokens":20},"seed":0.699999988079071}"#;
        let mut settings = Asked::of_body(body).settings;
        settings.sort();
        assert_eq!(
            settings,
            ["maxTokens 20", "seed 0.699999988079071", "temperature 0.7"]
        );
    }
}
