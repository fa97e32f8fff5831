//! What a model is asked and what it replies, whatever the body's dialect.

use serde_json::Value;

use super::dice::Dice;
use super::tokens;

/// What stands for a turn's role, in tokens.
const TURN_OVERHEAD: usize = 4;
/// An image or a document costs about as many tokens, whatever its bytes.
const ATTACHMENT: usize = 1_200;
/// A shorter prefix is not cached, as on Bedrock.
const SHORTEST_CACHED: usize = 1_024;

/// A request for a reply.
#[derive(Debug, Clone, Default)]
pub(super) struct Prompt {
    /// System prompt; several blocks are joined by blank lines.
    pub system: String,
    /// The conversation, oldest turn first.
    pub turns: Vec<Turn>,
    /// The tool to call first, where tools are offered.
    pub tools: Vec<Tool>,
    /// Which tool must be called.
    pub tool_choice: ToolChoice,
    /// Most tokens of the reply.
    pub limit: Option<usize>,
    /// Texts that end the reply.
    pub stops: Vec<String>,
    /// Sampling, as text: another temperature may give another reply.
    pub sampling: String,
    /// Tokens up to the last cache point.
    pub cache_point: Option<usize>,
    /// Whether they are to be kept for an hour.
    pub is_kept_for_an_hour: bool,
    /// Tokens of the request, cached ones included.
    pub input_tokens: usize,
}

/// One turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Turn {
    pub speaker: Speaker,
    pub text: String,
    /// What tools answered, in this turn.
    pub tool_results: Vec<String>,
}

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Speaker {
    #[default]
    User,
    Assistant,
}

/// A tool that the model may call.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    pub name: String,
    pub schema: Value,
}

/// Which tool is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum ToolChoice {
    #[default]
    Free,
    Never,
    Named(String),
}

impl Prompt {
    /// Counts a text of the request.
    pub(super) fn add_text(&mut self, text: &str) {
        self.input_tokens += tokens::count(text);
    }

    /// Counts an image, a document or a video.
    pub(super) fn add_attachment(&mut self) {
        self.input_tokens += ATTACHMENT;
    }

    /// Counts a turn's frame.
    pub(super) fn add_turn(&mut self) {
        self.input_tokens += TURN_OVERHEAD;
    }

    /// Adds a block of the system prompt.
    pub(super) fn add_system(&mut self, text: &str) {
        self.add_text(text);
        if !self.system.is_empty() {
            self.system.push_str("\n\n");
        }
        self.system.push_str(text);
    }

    /// Adds a tool.
    pub(super) fn add_tool(&mut self, name: &str, description: &str, schema: &Value) {
        self.add_text(name);
        self.add_text(description);
        self.add_text(&schema.to_string());
        self.tools.push(Tool {
            name: name.to_owned(),
            schema: schema.clone(),
        });
    }

    /// Marks that what was counted so far may be cached.
    pub(super) fn mark_cache_point(&mut self) {
        self.cache_point = Some(self.input_tokens);
    }

    /// The last turn's text.
    pub(super) fn last_text(&self) -> &str {
        self.turns.last().map_or("", |turn| &turn.text)
    }

    /// The texts of a speaker, oldest first.
    pub(super) fn texts_of(&self, speaker: Speaker) -> Vec<&str> {
        self.turns
            .iter()
            .filter(|turn| turn.speaker == speaker && !turn.text.is_empty())
            .map(|turn| turn.text.as_str())
            .collect()
    }
}

/// What a model has to say before limits are applied.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Utterance {
    Text(String),
    Call { name: String, input: Value },
}

/// What a model replies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub content: Content,
    pub stop: Stop,
    pub usage: Usage,
    pub latency_ms: usize,
    pub first_byte_ms: usize,
    /// The message's id, for dialects that have one.
    pub message_id: String,
}

/// The content of a reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text(String),
    ToolUse {
        id: String,
        name: String,
        input: Value,
    },
}

/// Why a reply ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    EndTurn,
    MaxTokens,
    Sequence(String),
    ToolUse,
}

/// Tokens of a call; `input` does not hold the cached ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub input: usize,
    pub output: usize,
    pub cache_read: usize,
    pub cache_write: usize,
    /// Whether what was written is kept for an hour.
    pub is_kept_for_an_hour: bool,
}

impl Usage {
    pub(super) const fn total(self) -> usize {
        self.input + self.output + self.cache_read + self.cache_write
    }
}

impl Reply {
    /// Applies the prompt's limits to what the model has to say.
    pub(super) fn of(prompt: &Prompt, utterance: Utterance, dice: &mut Dice) -> Self {
        let (content, stop, output) = match utterance {
            Utterance::Text(text) => limit_text(prompt, &text),
            Utterance::Call { name, input } => limit_call(prompt, name, input, dice),
        };
        let first_byte_ms = 140 + dice.below(260);
        let latency_ms = first_byte_ms + output * (9 + dice.below(8));
        Self {
            content,
            stop,
            usage: usage(prompt, output),
            latency_ms,
            first_byte_ms,
            message_id: format!("msg_bdrk_01{}", dice.word(22)),
        }
    }

    /// The text; empty where a tool is called.
    pub(super) fn text(&self) -> &str {
        match &self.content {
            Content::Text(text) => text,
            Content::ToolUse { .. } => "",
        }
    }
}

fn limit_text(prompt: &Prompt, text: &str) -> (Content, Stop, usize) {
    let limited = prompt
        .limit
        .map_or(text, |limit| tokens::first(text, limit));
    let stopped = prompt
        .stops
        .iter()
        .filter(|stop| !stop.is_empty())
        .filter_map(|stop| limited.find(stop.as_str()).map(|at| (at, stop)))
        .min();
    let (said, stop) = match stopped {
        Some((at, stop)) => (&limited[..at], Stop::Sequence(stop.clone())),
        None if limited.len() < text.len() => (limited, Stop::MaxTokens),
        None => (limited, Stop::EndTurn),
    };
    let output = tokens::count(said).max(1);
    (Content::Text(said.to_owned()), stop, output)
}

fn limit_call(
    prompt: &Prompt,
    name: String,
    input: Value,
    dice: &mut Dice,
) -> (Content, Stop, usize) {
    let needed = tokens::count(&name) + tokens::count(&input.to_string()) + TURN_OVERHEAD;
    let id = format!("tooluse_{}", dice.word(22));
    match prompt.limit {
        // A call that does not fit is cut before its input begins.
        Some(limit) if limit < needed => {
            let input = Value::Object(serde_json::Map::new());
            (Content::ToolUse { id, name, input }, Stop::MaxTokens, limit)
        }
        _ => (Content::ToolUse { id, name, input }, Stop::ToolUse, needed),
    }
}

/// The first turn of a conversation writes the cache, the later ones read it.
fn usage(prompt: &Prompt, output: usize) -> Usage {
    let cached = prompt
        .cache_point
        .filter(|tokens| *tokens >= SHORTEST_CACHED)
        .unwrap_or(0);
    let is_first = prompt.texts_of(Speaker::Assistant).is_empty();
    let (cache_read, cache_write) = if is_first { (0, cached) } else { (cached, 0) };
    Usage {
        input: prompt.input_tokens - cached,
        output,
        cache_read,
        cache_write,
        is_kept_for_an_hour: prompt.is_kept_for_an_hour,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(prompt: &Prompt, text: &str) -> Reply {
        let utterance = Utterance::Text(text.to_owned());
        Reply::of(prompt, utterance, &mut Dice::of(&[b"x"]))
    }

    #[test]
    fn the_limit_cuts_the_text_and_says_so() {
        let prompt = Prompt {
            limit: Some(3),
            ..Prompt::default()
        };
        let reply = reply(&prompt, "What do you mean by that?");
        assert_eq!(reply.text(), "What do you");
        assert_eq!(reply.stop, Stop::MaxTokens);
        assert_eq!(reply.usage.output, 3);
    }

    #[test]
    fn a_text_that_fits_its_limit_exactly_is_not_cut() {
        let prompt = Prompt {
            limit: Some(3),
            ..Prompt::default()
        };
        assert_eq!(reply(&prompt, "Why not so").stop, Stop::EndTurn);
    }

    #[test]
    fn the_first_stop_sequence_ends_the_text() {
        let prompt = Prompt {
            stops: vec!["that".into(), "mean".into(), String::new()],
            ..Prompt::default()
        };
        let reply = reply(&prompt, "What do you mean by that?");
        assert_eq!(reply.text(), "What do you ");
        assert_eq!(reply.stop, Stop::Sequence("mean".into()));
    }

    #[test]
    fn the_first_turn_writes_the_cache_and_the_next_one_reads_it() {
        let mut prompt = Prompt::default();
        prompt.add_system(&"a word ".repeat(1_000));
        prompt.mark_cache_point();
        prompt.add_text("Hello");
        let first = reply(&prompt, "Hi").usage;
        assert_eq!((first.input, first.cache_read), (1, 0));
        prompt.turns.push(Turn {
            speaker: Speaker::Assistant,
            text: "Hi".into(),
            tool_results: Vec::new(),
        });
        let second = reply(&prompt, "Hi").usage;
        assert_eq!(
            (second.cache_read, second.cache_write),
            (first.cache_write, 0)
        );
        assert_eq!(second.total(), first.total());
    }
}
