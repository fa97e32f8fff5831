//! The scenarios in the AWS SDK for Rust. `sdk-client NAME…` prints one normal line for each.
//!
//! After `--cassette FILE` the same calls record and replay in this process, without a
//! server: what one door records, the other replays. `sdk-client readme` runs the README's lines.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's output is its result"
)]

mod normal;
#[rustfmt::skip]
mod readme;
mod requests;
mod without_tls;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::{BoxError, BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ConverseTokensRequest, CountTokensInput, GuardrailContentBlock, GuardrailContentSource,
    GuardrailTextBlock,
};
use bedrock_replay::Cassette;
use normal::Line;
use requests::{NOVA, SONNET, SPEECH, TITAN};
use serde_json::{Value, json};

/// Counts what is sent.
#[derive(Debug, Clone, Default)]
struct Attempts(Arc<AtomicU32>);

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// What came of a call: what was seen, and the error that ended it.
struct Outcome {
    seen: Line,
    error: Option<Line>,
}

impl Outcome {
    fn of<T, E: ProvideErrorMetadata, R>(
        result: Result<T, SdkError<E, R>>,
        seen: impl FnOnce(&T) -> Line,
    ) -> Self {
        match result {
            Ok(reply) => Self {
                seen: seen(&reply),
                error: None,
            },
            Err(error) => Self::failed(&error),
        }
    }

    fn failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        Self {
            seen: Line::new(),
            error: Some(normal::error(error)),
        }
    }

    fn of_stream((seen, ended): (Line, Result<(), Line>)) -> Self {
        let error = ended.err();
        Self { seen, error }
    }

    fn line(self, scenario: &str, attempts: u32) -> Value {
        let outcome = if self.error.is_some() {
            "error"
        } else {
            "answered"
        };
        let mut line = normal::members(json!({
            "scenario": scenario, "outcome": outcome, "attempts": attempts,
        }));
        line.extend(self.seen);
        line.extend(self.error.unwrap_or_default());
        line.into()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [readme] if readme == "readme" => readme::ask().await,
        [option, file, scenarios @ ..] if option == "--cassette" => {
            let cassette = Cassette::open(file)?;
            print_lines(Some(&cassette), scenarios).await?;
            cassette.finish()?;
            Ok(())
        }
        scenarios => print_lines(None, scenarios).await,
    }
}

async fn print_lines(
    cassette: Option<&Cassette>,
    scenarios: &[String],
) -> Result<(), Box<dyn Error>> {
    let attempts = Attempts::default();
    let client = client(cassette, attempts.clone()).await;
    for scenario in scenarios {
        attempts.0.store(0, Ordering::Relaxed);
        let outcome = run(&client, scenario).await?;
        let sent = attempts.0.load(Ordering::Relaxed);
        println!("{}", outcome.line(scenario, sent));
    }
    Ok(())
}

/// The client that the environment describes.
async fn client(cassette: Option<&Cassette>, attempts: Attempts) -> Client {
    let config = without_tls::load_defaults(BehaviorVersion::latest()).await;
    let mut builder = aws_sdk_bedrockruntime::config::Builder::from(&config);
    if let Some(cassette) = cassette {
        builder = cassette.configure(builder, without_tls::http_client());
    }
    Client::from_conf(builder.interceptor(attempts).build())
}

async fn run(client: &Client, scenario: &str) -> Result<Outcome, BuildError> {
    match scenario {
        "converse" => converse(requests::converse(client)?).await,
        "converse-tool-result" => converse(requests::converse_tool_result(client)?).await,
        "converse-image" => converse(requests::converse_image(client)?).await,
        "converse-stream" => stream(client, "Is every promise binding?").await,
        "invoke-anthropic" => invoke(client, SONNET, requests::ANTHROPIC).await,
        "invoke-titan" => invoke(client, TITAN, requests::TITAN_TEXT).await,
        "invoke-nova" => invoke(client, NOVA, requests::NOVA_TEXT).await,
        "invoke-octets" => octets(client).await,
        "invoke-stream" => invoke_stream(client).await,
        "count-tokens" => count_tokens(client).await,
        "guardrail" => guardrail(client).await,
        "throttled-then-answered" => ask(client, "What is a fair share?").await,
        "throttled" => ask(client, "What is a fair price?").await,
        "validation" => converse(requests::refused(client)?).await,
        "invoke-validation" => invoke(client, SONNET, requests::NO_MESSAGES).await,
        "stream-exception" => stream(client, "What is a just war?").await,
        "stream-cut" => stream(client, "What is a just law?").await,
        "stream-reset" => stream(client, "What is a just king?").await,
        "miss" => converse(requests::converse_otherwise(client)?).await,
        "miss-stream" => stream(client, "Was every promise binding?").await,
        unknown => panic!("expected the name of a scenario, found `{unknown}`"),
    }
}

async fn ask(client: &Client, text: &str) -> Result<Outcome, BuildError> {
    converse(requests::question(client, text)?).await
}

async fn converse(call: ConverseFluentBuilder) -> Result<Outcome, BuildError> {
    Ok(Outcome::of(call.send().await, normal::converse))
}

async fn stream(client: &Client, text: &str) -> Result<Outcome, BuildError> {
    Ok(match requests::stream(client, text)?.send().await {
        Ok(reply) => Outcome::of_stream(normal::converse_stream(reply).await),
        Err(error) => Outcome::failed(&error),
    })
}

async fn invoke(client: &Client, model: &str, body: &str) -> Result<Outcome, BuildError> {
    let call = client.invoke_model().model_id(model).body(Blob::new(body));
    Ok(Outcome::of(call.send().await, normal::invoke))
}

async fn octets(client: &Client) -> Result<Outcome, BuildError> {
    let call = client
        .invoke_model()
        .model_id(SPEECH)
        .content_type("audio/wav")
        .accept("application/octet-stream")
        .body(requests::octets());
    Ok(Outcome::of(call.send().await, normal::invoke))
}

async fn invoke_stream(client: &Client) -> Result<Outcome, BuildError> {
    let call = client
        .invoke_model_with_response_stream()
        .model_id(SONNET)
        .body(Blob::new(requests::ANTHROPIC_STREAM));
    Ok(match call.send().await {
        Ok(reply) => Outcome::of_stream(normal::invoke_stream(reply).await),
        Err(error) => Outcome::failed(&error),
    })
}

async fn count_tokens(client: &Client) -> Result<Outcome, BuildError> {
    let asked = ConverseTokensRequest::builder()
        .system(requests::system())
        .messages(requests::counted()?)
        .build();
    let call = client.count_tokens().model_id(SONNET);
    let reply = call.input(CountTokensInput::Converse(asked)).send().await;
    Ok(Outcome::of(reply, |reply| {
        normal::members(json!({ "tokens": reply.input_tokens() }))
    }))
}

async fn guardrail(client: &Client) -> Result<Outcome, BuildError> {
    let text = GuardrailTextBlock::builder().text("Write to plato@example.com, please.");
    let call = client
        .apply_guardrail()
        .guardrail_identifier("gr1234567890")
        .guardrail_version("1")
        .source(GuardrailContentSource::Input)
        .content(GuardrailContentBlock::Text(text.build()?));
    Ok(Outcome::of(call.send().await, |reply| {
        let outputs: Vec<_> = reply.outputs().iter().map(|part| part.text()).collect();
        normal::members(json!({ "action": reply.action().as_str(), "outputs": outputs }))
    }))
}
