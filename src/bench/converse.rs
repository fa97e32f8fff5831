//! One call of Converse, or of its streaming form: what it is asked with, and what was said.

use std::fmt;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use aws_sdk_bedrockruntime::types::{
    CachePointBlock, CachePointType, CacheTtl, ContentBlock, ConversationRole,
    ConverseStreamOutput, InferenceConfiguration, Message, StopReason, SystemContentBlock,
    TokenUsage,
};

use super::attempt::Try;
use super::call::{CallFailure, Failed};
use super::caller::{Answered, Ask};
use super::transcript::{Answer, TutorTurn};
use crate::exchange::Operation;
use crate::judge::{Heuristics, Tokens};
use crate::quota::Size;
use crate::registry::{CacheLifetime, Quirks, Sampling, SystemPrompt};

/// What is asked, before the model's quirks have their say.
pub(crate) struct Call<'a> {
    pub(crate) model: &'a str,
    pub(crate) quirks: &'a Quirks,
    pub(crate) system: &'a str,
    /// For how long the system prompt is marked for the prompt cache, where there is one.
    pub(crate) caching: Option<CacheLifetime>,
    pub(crate) temperature: f32,
    pub(crate) max_tokens: i32,
    pub(crate) messages: Vec<Message>,
}

/// A call in the form that its model takes.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    model: String,
    system: Option<Vec<SystemContentBlock>>,
    messages: Vec<Message>,
    settings: InferenceConfiguration,
}

/// What came back, in this program's words.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) stop: StopReason,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) latency_ms: Option<i64>,
}

/// A stream that ended before it was whole.
#[derive(Debug, thiserror::Error)]
#[error("the stream ended before the answer did")]
struct Cut;

impl Call<'_> {
    pub(crate) fn ask(&self, operation: Operation) -> Ask<'_> {
        let texts = self.messages.iter().flat_map(|message| &message.content);
        let texts = texts.filter_map(|block| block.as_text().ok());
        let bytes = self.system.len() + texts.map(String::len).sum::<usize>();
        let most = u64::try_from(self.max_tokens).unwrap_or_default();
        Ask {
            operation,
            model: self.model,
            size: Size::estimate(bytes, most),
            temperature: self.temperature(),
        }
    }

    pub(crate) fn request(&self) -> Request {
        let (system, messages) = match self.quirks.system {
            SystemPrompt::Separate => (Some(self.system_blocks()), self.messages.clone()),
            SystemPrompt::Inlined => (None, self.inlined()),
        };
        Request {
            model: self.model.to_owned(),
            system,
            messages,
            settings: InferenceConfiguration::builder()
                .set_temperature(self.temperature())
                .max_tokens(self.max_tokens)
                .build(),
        }
    }

    fn temperature(&self) -> Option<f32> {
        (self.quirks.sampling == Sampling::Sent).then_some(self.temperature)
    }

    fn system_blocks(&self) -> Vec<SystemContentBlock> {
        let mut blocks = vec![SystemContentBlock::Text(self.system.to_owned())];
        let cache = self.quirks.prompt_cache.as_ref().zip(self.caching);
        if let Some((cache, wanted)) = cache {
            let point = CachePointBlock::builder().r#type(CachePointType::Default);
            let point = match cache.kept_for(wanted) {
                CacheLifetime::FiveMinutes => point,
                CacheLifetime::OneHour => point.ttl(CacheTtl::OneHour),
            };
            blocks.extend(point.build().map(SystemContentBlock::CachePoint));
        }
        blocks
    }

    /// The system prompt before the first user message's own words.
    fn inlined(&self) -> Vec<Message> {
        let mut messages = self.messages.clone();
        if let Some(first) = messages.first_mut() {
            let prompt = ContentBlock::Text(self.system.to_owned());
            first.content.insert(0, prompt);
        }
        messages
    }
}

impl Request {
    /// Asks for the whole answer at once.
    pub(crate) async fn whole(self, client: Client, attempt: Try) -> Result<Said, Failed> {
        let converse = client
            .converse()
            .model_id(self.model)
            .set_system(self.system)
            .set_messages(Some(self.messages))
            .inference_config(self.settings);
        let answer = attempt.of(converse.customize()).send().await;
        let answer = answer.map_err(|error| Failed::of(&error))?;
        Said::of(answer).map_err(Failed::for_good)
    }

    /// Asks for the answer in parts, and tells each one as it comes.
    pub(crate) async fn streamed(
        self,
        client: Client,
        attempt: Try,
        tell: impl Fn(&str),
    ) -> Result<Said, Failed> {
        let converse = client
            .converse_stream()
            .model_id(self.model)
            .set_system(self.system)
            .set_messages(Some(self.messages))
            .inference_config(self.settings);
        let answer = attempt.of(converse.customize()).send().await;
        let mut stream = answer.map_err(|error| Failed::of(&error))?.stream;
        let mut parts = Parts::default();
        loop {
            match stream.recv().await {
                Ok(Some(event)) => parts.take(event, &tell),
                Ok(None) => return parts.whole(),
                Err(error) => return Err(broken(&error)),
            }
        }
    }
}

/// What has come of a stream so far.
#[derive(Debug, Default)]
struct Parts {
    text: String,
    stop: Option<StopReason>,
    metadata: Option<(Option<Tokens>, Option<i64>)>,
}

impl Parts {
    fn take(&mut self, event: ConverseStreamOutput, tell: impl Fn(&str)) {
        match event {
            ConverseStreamOutput::ContentBlockDelta(delta) => {
                let text = delta.delta.as_ref().and_then(|delta| delta.as_text().ok());
                if let Some(text) = text {
                    tell(text);
                    self.text.push_str(text);
                }
            }
            ConverseStreamOutput::MessageStop(stop) => self.stop = Some(stop.stop_reason),
            ConverseStreamOutput::Metadata(metadata) => {
                let latency = metadata.metrics.map(|metrics| metrics.latency_ms);
                self.metadata = Some((metadata.usage.as_ref().map(tokens), latency));
            }
            _ => {}
        }
    }

    /// The answer, if nothing of it is missing.
    fn whole(self) -> Result<Said, Failed> {
        let (Some(stop), Some((tokens, latency_ms))) = (self.stop, self.metadata) else {
            return Err(Failed::cut(&Cut));
        };
        Ok(Said {
            text: self.text,
            stop,
            tokens,
            latency_ms,
        })
    }
}

/// An error in the middle of a stream: the service's own, or the connection's.
fn broken<R>(error: &SdkError<ConverseStreamOutputError, R>) -> Failed
where
    R: fmt::Debug + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(refused) => Failed::in_stream(name(refused.err()), refused.err()),
        error => Failed::cut(error),
    }
}

/// The SDK tells an error inside a stream by its type alone.
fn name(error: &ConverseStreamOutputError) -> &str {
    match error {
        ConverseStreamOutputError::InternalServerException(_) => "InternalServerException",
        ConverseStreamOutputError::ModelStreamErrorException(_) => "ModelStreamErrorException",
        ConverseStreamOutputError::ServiceUnavailableException(_) => "ServiceUnavailableException",
        ConverseStreamOutputError::ThrottlingException(_) => "ThrottlingException",
        ConverseStreamOutputError::ValidationException(_) => "ValidationException",
        other => other.code().unwrap_or("unknown error"),
    }
}

impl Said {
    fn of(answer: ConverseOutput) -> Result<Self, CallFailure> {
        let message = answer
            .output
            .as_ref()
            .and_then(|output| output.as_message().ok())
            .ok_or_else(|| CallFailure::Unreadable {
                message: "expected an output message, found none".to_owned(),
            })?;
        let texts = message.content.iter();
        Ok(Self {
            text: texts
                .filter_map(|block| block.as_text().ok().cloned())
                .collect(),
            tokens: answer.usage.as_ref().map(tokens),
            latency_ms: answer.metrics.as_ref().map(|metrics| metrics.latency_ms),
            stop: answer.stop_reason,
        })
    }

    pub(crate) fn into_turn(self) -> TutorTurn {
        let stop_reason = self.stop.as_str().to_owned();
        let tokens = self.tokens;
        if matches!(
            self.stop,
            StopReason::GuardrailIntervened | StopReason::ContentFiltered
        ) {
            return TutorTurn::Blocked {
                stop_reason,
                text: self.text,
                tokens,
            };
        }
        if self.text.trim().is_empty() {
            return TutorTurn::Empty {
                stop_reason,
                tokens,
            };
        }
        TutorTurn::Answered(Answer {
            heuristics: Heuristics::of(&self.text),
            text: self.text,
            stop_reason,
            tokens,
            latency_ms: self.latency_ms,
        })
    }
}

impl Answered for Said {
    fn tokens(&self) -> Option<Tokens> {
        self.tokens
    }

    fn stop_reason(&self) -> Option<&str> {
        Some(self.stop.as_str())
    }
}

fn tokens(usage: &TokenUsage) -> Tokens {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    let details = usage.cache_details().iter();
    let hours = details.filter(|detail| *detail.ttl() == CacheTtl::OneHour);
    let hour = hours.map(|detail| count(detail.input_tokens())).sum();
    Tokens {
        input: count(usage.input_tokens),
        output: count(usage.output_tokens),
        cache_read: usage.cache_read_input_tokens.map_or(0, count),
        ..Tokens::default()
    }
    .written(usage.cache_write_input_tokens.map_or(0, count), hour)
}

/// `None` only without a role or content, and both are given.
pub(crate) fn message(role: ConversationRole, text: &str) -> Option<Message> {
    Message::builder()
        .role(role)
        .content(ContentBlock::Text(text.to_owned()))
        .build()
        .ok()
}
