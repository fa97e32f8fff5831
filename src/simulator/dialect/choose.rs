//! Which dialect an InvokeModel body speaks.

use serde_json::Value;

use super::super::dice::Dice;
use super::super::ordered;
use super::super::prompt::{Prompt, Reply};
use super::body::Refusal;
use super::{anthropic, llama, mistral, nova, titan};

/// The shape of an InvokeModel body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum Dialect {
    /// `anthropic_version`, `messages`
    Anthropic,
    /// `messages`, `inferenceConfig`
    Nova,
    /// `inputText`
    Titan,
    /// `prompt`, `max_gen_len`
    Llama,
    /// `prompt`, `max_tokens`
    Mistral,
}

impl Dialect {
    /// Tells by the body's members, and by the model where they leave it open.
    pub(in crate::simulator) fn of(model: &str, body: &Value) -> Result<Self, Refusal> {
        let has = |member: &str| body.get(member).is_some();
        if has("anthropic_version") {
            return Ok(Self::Anthropic);
        }
        if has("messages")
            && (has("inferenceConfig") || has("schemaVersion") || model.contains("nova"))
        {
            return Ok(Self::Nova);
        }
        if has("inputText") {
            return Ok(Self::Titan);
        }
        if has("prompt") && (has("max_gen_len") || model.contains("llama")) {
            return Ok(Self::Llama);
        }
        if has("prompt") && model.contains("mistral") {
            return Ok(Self::Mistral);
        }
        if model.contains("anthropic") {
            return Err(Refusal::missing("anthropic_version"));
        }
        Err(Refusal::new(
            "Malformed input request: expected the body of an Anthropic, Nova, Titan Text, Llama or Mistral model, please reformat your input and try again.",
        ))
    }

    pub(in crate::simulator) fn read(self, body: &Value) -> Result<Prompt, Refusal> {
        match self {
            Self::Anthropic => anthropic::read(body),
            Self::Nova => nova::read(body),
            Self::Titan => titan::read(body),
            Self::Llama => llama::read(body),
            Self::Mistral => mistral::read(body),
        }
    }

    /// The body of a unary answer.
    pub(in crate::simulator) fn whole(self, model: &str, reply: &Reply) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::whole(model, reply),
            Self::Nova => ordered::sorted(&nova::whole(reply)).into_bytes(),
            Self::Titan => ordered::sorted(&titan::whole(reply)).into_bytes(),
            Self::Llama => ordered::sorted(&llama::whole(reply)).into_bytes(),
            Self::Mistral => ordered::sorted(&mistral::whole(reply)).into_bytes(),
        }
    }

    /// The bodies of a stream's chunks; the last one carries the metrics.
    pub(in crate::simulator) fn chunks(
        self,
        model: &str,
        reply: &Reply,
        dice: &mut Dice,
    ) -> Vec<Vec<u8>> {
        match self {
            Self::Anthropic => anthropic::chunks(model, reply, dice),
            Self::Nova => bytes_of(nova::chunks(reply, dice)),
            Self::Titan => bytes_of(titan::chunks(reply, dice)),
            Self::Llama => bytes_of(llama::chunks(reply, dice)),
            Self::Mistral => bytes_of(mistral::chunks(reply, dice)),
        }
    }
}

fn bytes_of(chunks: Vec<Value>) -> Vec<Vec<u8>> {
    chunks
        .into_iter()
        .map(|chunk| ordered::sorted(&chunk).into_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_known_by_its_members() {
        for (model, body, dialect) in [
            ("m", json!({"anthropic_version": "x"}), Dialect::Anthropic),
            (
                "m",
                json!({"messages": [], "inferenceConfig": {}}),
                Dialect::Nova,
            ),
            (
                "us.amazon.nova-lite-v1:0",
                json!({"messages": []}),
                Dialect::Nova,
            ),
            ("m", json!({"inputText": "x"}), Dialect::Titan),
            (
                "meta.llama3-8b-instruct-v1:0",
                json!({"prompt": "x"}),
                Dialect::Llama,
            ),
            (
                "mistral.mistral-large-2402-v1:0",
                json!({"prompt": "x"}),
                Dialect::Mistral,
            ),
        ] {
            assert_eq!(Dialect::of(model, &body), Ok(dialect), "{body}");
        }
    }

    #[test]
    fn an_anthropic_body_without_its_version_is_refused_by_name() {
        let refusal = Dialect::of("anthropic.claude", &json!({"messages": []})).unwrap_err();
        assert!(refusal.0.contains("[anthropic_version]"), "{refusal}");
    }
}
