//! The pure core: a request in, an answer out; no clock, no memory, no socket.

use serde_json::{Value, json};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::exchange::{Frame, Operation, Request, UnsupportedPath};

use super::answer::Answer;
use super::asked;
use super::dialect::{self, Dialect, Refusal};
use super::dice::Dice;
use super::error_type::ErrorType;
use super::guardrail;
use super::model::Model;
use super::ordered;
use super::prompt::{Prompt, Reply};
use super::role;

/// A stand-in Bedrock. Its answers follow from the request, the model and the seed alone.
#[derive(Debug, Clone, Default)]
pub struct Simulator {
    seed: u64,
}

/// A request taken apart.
struct Asked<'a> {
    model: &'a str,
    canonical: Vec<u8>,
    body: Value,
}

impl Simulator {
    /// A simulator of that seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Answers a request. Equal requests get equal answers, however their JSON is written.
    #[must_use]
    pub fn answer(&self, request: &Request) -> Answer {
        let model = request.target.model();
        let operation = request.target.operation();
        self.try_answer(operation, request)
            .unwrap_or_else(|refusal| {
                let dice = &mut self.dice(&["refusal", operation.name()], &request.body);
                Answer::error(ErrorType::VALIDATION, &refusal.0, model, dice)
            })
    }

    /// Refuses a path that stands for no operation.
    #[must_use]
    pub fn refuse(&self, unsupported: &UnsupportedPath) -> Answer {
        let dice = &mut self.dice(&["refusal"], unsupported.to_string().as_bytes());
        let message = match unsupported {
            UnsupportedPath::Refused { name, .. } => not_simulated(name),
            UnsupportedPath::Unknown { .. } => ErrorType::UNKNOWN_OPERATION.message().to_owned(),
        };
        Answer::error(ErrorType::UNKNOWN_OPERATION, &message, None, dice)
    }

    /// Answers with an error, as if the service had met it.
    #[must_use]
    pub fn fail(&self, error: ErrorType, request: &Request) -> Answer {
        let dice = &mut self.dice(&["error", error.name()], &request.body);
        Answer::error(error, error.message(), request.target.model(), dice)
    }

    fn try_answer(&self, operation: Operation, request: &Request) -> Result<Answer, Refusal> {
        if operation == Operation::ApplyGuardrail {
            return self.apply_guardrail(request);
        }
        let Some(model) = request.target.model() else {
            return Ok(self.refuse_operation(operation));
        };
        if operation == Operation::InvokeModel && is_endpoint(model) {
            return Ok(self.invoke_endpoint(model, &request.body));
        }
        let canonical = asked::canonical_body(&request.body)?;
        let asked = Asked {
            model,
            body: asked::look(&canonical)?,
            canonical,
        };
        match operation {
            Operation::Converse => self.converse(&asked),
            Operation::ConverseStream => self.converse_stream(&asked),
            Operation::InvokeModel => self.invoke(&asked),
            Operation::InvokeModelWithResponseStream => self.invoke_stream(&asked),
            Operation::CountTokens => self.count_tokens(&asked),
            _ => Ok(self.refuse_operation(operation)),
        }
    }

    fn apply_guardrail(&self, request: &Request) -> Result<Answer, Refusal> {
        let canonical = asked::canonical_body(&request.body)?;
        let assessed = guardrail::assess(&asked::look(&canonical)?)?;
        let dice = &mut self.dice(&["guardrail", request.target.subject()], &canonical);
        Ok(Answer::json(200, ordered::sorted(&assessed), dice))
    }

    /// A model behind an endpoint of one's own takes and gives bytes of any kind.
    fn invoke_endpoint(&self, model: &str, body: &[u8]) -> Answer {
        let dice = &mut self.dice(&["endpoint", model], body);
        // No UTF-8 begins with this byte.
        let mut octets = vec![0xff];
        octets.extend((0..64).flat_map(|_| dice.next().to_be_bytes()));
        Answer::octets(octets, dice)
    }

    fn refuse_operation(&self, operation: Operation) -> Answer {
        let message = not_simulated(operation.name());
        let dice = &mut self.dice(&["refusal"], message.as_bytes());
        Answer::error(ErrorType::UNKNOWN_OPERATION, &message, None, dice)
    }

    fn converse(&self, asked: &Asked<'_>) -> Result<Answer, Refusal> {
        let reply = self.converse_reply(asked)?;
        let body = ordered::sorted(&dialect::write_converse(&reply));
        Ok(Answer::json(200, body, &mut self.wire(asked, "converse")))
    }

    fn converse_stream(&self, asked: &Asked<'_>) -> Result<Answer, Refusal> {
        let reply = self.converse_reply(asked)?;
        let dice = &mut self.wire(asked, "converse-stream");
        let frames: Vec<Frame> = dialect::converse_events(&reply, dice)
            .into_iter()
            .map(|(name, payload)| Frame::event(name, ordered::sorted(&payload)))
            .collect();
        Ok(Answer::stream(&frames, dice))
    }

    fn converse_reply(&self, asked: &Asked<'_>) -> Result<Reply, Refusal> {
        let model = Model::of(asked.model);
        let prompt = dialect::read_converse(&asked.body)?;
        model.accept(&prompt)?;
        Ok(self.reply(asked, &model, &prompt))
    }

    fn invoke(&self, asked: &Asked<'_>) -> Result<Answer, Refusal> {
        if let Some(answer) = self.embed(asked)? {
            return Ok(answer);
        }
        let (dialect, reply) = self.invoke_reply(asked)?;
        let body = dialect.whole(asked.model, &reply);
        let mut answer = Answer::json(200, body, &mut self.wire(asked, "invoke"));
        answer.headers.extend(usage_headers(&reply));
        Ok(answer)
    }

    fn embed(&self, asked: &Asked<'_>) -> Result<Option<Answer>, Refusal> {
        let dice = &mut self.dice(&["embedding", asked.model], &asked.canonical);
        let Some(embedding) = dialect::embed(asked.model, &asked.body, dice)? else {
            return Ok(None);
        };
        let body = ordered::sorted(&embedding.body);
        let mut answer = Answer::json(200, body, &mut self.wire(asked, "invoke"));
        let tokens = embedding.input_tokens.to_string();
        answer
            .headers
            .push(("x-amzn-bedrock-input-token-count", tokens));
        Ok(Some(answer))
    }

    fn invoke_stream(&self, asked: &Asked<'_>) -> Result<Answer, Refusal> {
        let (dialect, reply) = self.invoke_reply(asked)?;
        let dice = &mut self.wire(asked, "invoke-stream");
        let frames: Vec<Frame> = dialect
            .chunks(asked.model, &reply, dice)
            .into_iter()
            .map(|chunk| chunk_frame(&chunk, dice))
            .collect();
        let mut answer = Answer::stream(&frames, dice);
        answer
            .headers
            .push(("x-amzn-bedrock-content-type", "application/json".to_owned()));
        Ok(answer)
    }

    fn invoke_reply(&self, asked: &Asked<'_>) -> Result<(Dialect, Reply), Refusal> {
        let dialect = Dialect::of(asked.model, &asked.body)?;
        let prompt = dialect.read(&asked.body)?;
        let model = Model::of(asked.model);
        Ok((dialect, self.reply(asked, &model, &prompt)))
    }

    fn count_tokens(&self, asked: &Asked<'_>) -> Result<Answer, Refusal> {
        let prompt = counted_prompt(asked)?;
        let body = json!({ "inputTokens": prompt.input_tokens }).to_string();
        Ok(Answer::json(
            200,
            body,
            &mut self.wire(asked, "count-tokens"),
        ))
    }

    fn reply(&self, asked: &Asked<'_>, model: &Model, prompt: &Prompt) -> Reply {
        let mut dice = self.dice(&["reply", asked.model], &asked.canonical);
        let utterance = role::speak(prompt, model, self.seed, &mut dice);
        Reply::of(prompt, utterance, &mut dice)
    }

    /// Dice for what only the wire shows: ids, paddings, the cut of a stream.
    fn wire(&self, asked: &Asked<'_>, name: &str) -> Dice {
        self.dice(&["wire", name, asked.model], &asked.canonical)
    }

    fn dice(&self, names: &[&str], body: &[u8]) -> Dice {
        let seed = self.seed.to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![&seed];
        parts.extend(names.iter().map(|name| name.as_bytes()));
        parts.push(body);
        Dice::of(&parts)
    }
}

/// Whether the id is that of an endpoint that hosts a model of the marketplace.
fn is_endpoint(model: &str) -> bool {
    model.starts_with("arn:") && model.contains(":sagemaker:")
}

fn not_simulated(operation: &str) -> String {
    format!(
        "expected a chat operation, `CountTokens` or `ApplyGuardrail`, found `{operation}` (the simulator does not answer it)"
    )
}

/// The prompt inside a CountTokens request.
fn counted_prompt(asked: &Asked<'_>) -> Result<Prompt, Refusal> {
    if let Some(body) = asked.body.pointer("/input/converse") {
        return dialect::read_converse(body);
    }
    let Some(encoded) = asked.body.pointer("/input/invokeModel/body") else {
        return Err(Refusal("1 validation error detected: Value at 'input' failed to satisfy constraint: Member must not be null".to_owned()));
    };
    let decoded = encoded.as_str().and_then(|text| BASE64.decode(text).ok());
    let body = asked::look(&decoded.unwrap_or_default())?;
    Dialect::of(asked.model, &body)?.read(&body)
}

fn usage_headers(reply: &Reply) -> Vec<(&'static str, String)> {
    let usage = reply.usage;
    let mut headers = vec![
        ("x-amzn-bedrock-input-token-count", usage.input.to_string()),
        (
            "x-amzn-bedrock-invocation-latency",
            reply.latency_ms.to_string(),
        ),
        (
            "x-amzn-bedrock-output-token-count",
            usage.output.to_string(),
        ),
    ];
    if usage.cache_read + usage.cache_write > 0 {
        headers.push((
            "x-amzn-bedrock-cache-read-input-token-count",
            usage.cache_read.to_string(),
        ));
        headers.push((
            "x-amzn-bedrock-cache-write-input-token-count",
            usage.cache_write.to_string(),
        ));
    }
    headers
}

fn chunk_frame(chunk: &[u8], dice: &mut Dice) -> Frame {
    let payload = json!({ "bytes": BASE64.encode(chunk), "p": dialect::padding(dice) });
    Frame::event("chunk", ordered::sorted(&payload))
}

#[cfg(test)]
mod tests;
