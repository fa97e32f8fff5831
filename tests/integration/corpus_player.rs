//! The SDK, made to send recorded requests, and whether it takes from the answers what was recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Debug;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::{
    BoxError, DisplayErrorContext, ProvideErrorMetadata, SdkError,
};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ConverseTokensRequest, CountTokensInput, GuardrailContentSource, TokenUsage,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::Cassette;
use bedrock_replay::exchange::{EventStream, Headers};
use bytes::Bytes;

use crate::corpus::CorpusExchange;
use crate::lab::{Glass, Seen, config, impatient};

/// Says which exchange an upstream is to answer; no allow-list names it.
pub const WANTED: &str = "x-corpus-exchange";

/// What the test asks of one exchange, and what came of it.
pub type Verdict = Result<(), String>;

/// A call, made.
pub struct Played {
    /// Whether the SDK took from it what was recorded.
    pub means_the_same: Verdict,
    /// What came back, transmission by transmission.
    pub seen: Vec<Seen>,
}

/// The SDK's client, and the glass wall behind it.
pub struct Player {
    client: Client,
    glass: Glass,
}

impl Player {
    pub fn new(cassette: &Cassette, inner: SharedHttpClient) -> Self {
        Self::at("http://127.0.0.1:1", cassette, inner)
    }

    pub fn at(url: &str, cassette: &Cassette, inner: SharedHttpClient) -> Self {
        let glass = Glass::new(cassette.http_client(inner.clone()));
        let config = cassette.configure(impatient(config()), inner);
        let config = config
            .endpoint_url(url)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .http_client(glass.clone());
        Self {
            client: Client::from_conf(config.build()),
            glass,
        }
    }

    /// Makes the call that the exchange records.
    pub async fn play(&self, index: usize, exchange: &CorpusExchange) -> Played {
        Played {
            means_the_same: self.call(index, exchange).await,
            seen: self.glass.take(),
        }
    }

    async fn call(&self, index: usize, exchange: &CorpusExchange) -> Verdict {
        let recorded = RecordedRequest::of(index, exchange);
        let client = &self.client;
        match &*exchange.operation {
            "converse" => {
                let call = client.converse().model_id("m").customize();
                understood(
                    exchange,
                    call.interceptor(recorded).send().await,
                    |output| {
                        let body: serde_json::Value = json(exchange)?;
                        let usage = output.usage().map(TokenUsage::total_tokens);
                        let total = body["usage"]["totalTokens"].as_i64().unwrap_or(0);
                        equal("usage", &usage.map(i64::from), &Some(total))?;
                        let reason = body["stopReason"].as_str().unwrap_or_default();
                        equal("stop reason", output.stop_reason().as_str(), reason)
                    },
                )
            }
            "invoke" => {
                let call = client.invoke_model().model_id("m").body(Blob::new("{}"));
                let call = call.customize().interceptor(recorded);
                understood(exchange, call.send().await, |output| {
                    holds("body", output.body().as_ref() == exchange.response.body)
                })
            }
            "count-tokens" => {
                let input = ConverseTokensRequest::builder().build();
                let input = CountTokensInput::Converse(input);
                let call = client.count_tokens().model_id("m").input(input);
                let call = call.customize().interceptor(recorded);
                understood(exchange, call.send().await, |output| {
                    let count = json(exchange)?["inputTokens"].as_i64();
                    equal("tokens", &Some(i64::from(output.input_tokens())), &count)
                })
            }
            "apply-guardrail" => {
                let call = client.apply_guardrail().guardrail_identifier("g");
                let call = call
                    .guardrail_version("1")
                    .source(GuardrailContentSource::Input)
                    .set_content(Some(Vec::new()));
                let call = call.customize().interceptor(recorded);
                understood(exchange, call.send().await, |output| {
                    let action = json(exchange)?["action"].as_str().map(str::to_owned);
                    equal(
                        "action",
                        &Some(output.action().as_str().to_owned()),
                        &action,
                    )
                })
            }
            "converse-stream" => {
                let call = client.converse_stream().model_id("m").customize();
                match call.interceptor(recorded).send().await {
                    Ok(mut output) => {
                        let mut events = 0;
                        let end = loop {
                            match output.stream.recv().await {
                                Ok(Some(_)) => events += 1,
                                Ok(None) => break Ok(()),
                                Err(error) => break Err(error),
                            }
                        };
                        drained(exchange, events, end)
                    }
                    Err(error) => understood::<(), _>(exchange, Err(error), |()| Ok(())),
                }
            }
            "invoke-with-response-stream" => {
                let call = client.invoke_model_with_response_stream().model_id("m");
                let call = call.body(Blob::new("{}")).customize();
                match call.interceptor(recorded).send().await {
                    Ok(mut output) => {
                        let mut events = 0;
                        let end = loop {
                            match output.body.recv().await {
                                Ok(Some(_)) => events += 1,
                                Ok(None) => break Ok(()),
                                Err(error) => break Err(error),
                            }
                        };
                        drained(exchange, events, end)
                    }
                    Err(error) => understood::<(), _>(exchange, Err(error), |()| Ok(())),
                }
            }
            other => Err(format!("no such operation: {other}")),
        }
    }
}

fn json(exchange: &CorpusExchange) -> Result<serde_json::Value, String> {
    serde_json::from_slice(&exchange.response.body).map_err(|error| error.to_string())
}

fn equal<T: PartialEq + Debug + ?Sized>(what: &str, found: &T, expected: &T) -> Verdict {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

pub fn holds(what: &str, it_does: bool) -> Verdict {
    equal(what, &it_does, &true)
}

pub fn all_as_recorded(exchange: &CorpusExchange, seen: &[Seen]) -> Verdict {
    all_same(exchange, seen, |_| true)
}

pub fn all_as_served(exchange: &CorpusExchange, seen: &[Seen]) -> Verdict {
    all_same(exchange, seen, is_end_to_end)
}

fn all_same(exchange: &CorpusExchange, seen: &[Seen], counts: fn(&str) -> bool) -> Verdict {
    if seen.is_empty() {
        return Err("nothing was sent".into());
    }
    let lines = |headers: &Headers| -> Vec<(String, String)> {
        let lines = headers.iter().filter(|(name, _)| counts(name));
        lines
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    };
    let response = &exchange.response;
    for seen in seen {
        equal("status", &seen.status, &Some(response.status))?;
        equal(
            "headers",
            &lines(&seen.headers),
            &lines(&allowed(&response.headers)),
        )?;
        if seen.body != response.body {
            let (found, expected) = (seen.body.len(), response.body.len());
            return Err(format!("another body: {found} bytes for {expected}"));
        }
    }
    Ok(())
}

/// What a unary call came to, against what was recorded.
fn understood<T, E>(
    exchange: &CorpusExchange,
    found: Result<T, SdkError<E>>,
    check: impl FnOnce(&T) -> Verdict,
) -> Verdict
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let response = &exchange.response;
    match found {
        Ok(output) if response.status == 200 => check(&output),
        Ok(_) => Err(format!("an output out of status {}", response.status)),
        Err(SdkError::ServiceError(error)) if response.status != 200 => {
            typed(exchange, error.err().code(), error.err().message())
        }
        Err(error) => Err(DisplayErrorContext(error).to_string()),
    }
}

fn typed(exchange: &CorpusExchange, code: Option<&str>, message: Option<&str>) -> Verdict {
    equal("error type", &code, &error_type(exchange))?;
    if code.is_none() {
        // Without a type the SDK takes no message either.
        return Ok(());
    }
    let body = json(exchange)?;
    let said = body["message"].as_str().or(body["Message"].as_str());
    equal("error message", &message, &said)
}

/// The error's type; some publishers removed the header that names it.
pub fn error_type(exchange: &CorpusExchange) -> Option<&str> {
    let mut headers = exchange.response.headers.iter();
    let (_, named) = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-amzn-errortype"))?;
    named.split([':', '#']).next()
}

/// What a stream came to, against the recorded frames.
fn drained<E, R>(
    exchange: &CorpusExchange,
    events: usize,
    end: Result<(), SdkError<E, R>>,
) -> Verdict
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: Debug + 'static,
{
    let stream = EventStream::read(&exchange.response.body).map_err(|error| error.to_string())?;
    let exception = stream.exception();
    let expected = stream.frames.len() - usize::from(exception.is_some());
    equal("events", &events, &expected)?;
    match (end, exception) {
        (Ok(()), None) => Ok(()),
        (Err(SdkError::ServiceError(error)), Some(exception)) => {
            let variant = format!("{:?}", error.err()).to_lowercase();
            let named = variant.starts_with(&exception.error_type.to_lowercase());
            holds("a variant of its own for the exception", named)
        }
        (Ok(()), Some(exception)) => Err(format!("no error, but {exception:?} was recorded")),
        (Err(error), _) => Err(DisplayErrorContext(error).to_string()),
    }
}

/// Puts a recorded request in place of the typed one, after signing and on every attempt.
#[derive(Debug)]
struct RecordedRequest {
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    index: usize,
}

/// What the transport and the SDK write by themselves.
const OWN_HEADERS: [&str; 5] = [
    "host",
    "connection",
    "content-length",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
];

impl RecordedRequest {
    fn of(index: usize, exchange: &CorpusExchange) -> Self {
        let request = &exchange.request;
        let (_, path) = request.address();
        let own = |name: &str| OWN_HEADERS.contains(&&*name.to_ascii_lowercase());
        let headers = request.headers.iter();
        Self {
            path: path.to_owned(),
            headers: headers.filter(|(name, _)| !own(name)).cloned().collect(),
            body: request.body.clone(),
            index,
        }
    }
}

impl Intercept for RecordedRequest {
    fn name(&self) -> &'static str {
        "RecordedRequest"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let (scheme, address) = request.uri().split_once("://").unwrap();
        let host = address.split('/').next().unwrap();
        let uri = format!("{scheme}://{host}{}", self.path);
        request.set_uri(uri)?;
        let typed: Vec<String> = request
            .headers()
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in typed.iter().filter(|name| !OWN_HEADERS.contains(&&***name)) {
            request.headers_mut().remove(name);
        }
        request.headers_mut().remove("content-length");
        for (name, value) in &self.headers {
            // One publisher ran two lines into one, which HTTP cannot send.
            let _ = request
                .headers_mut()
                .try_append(name.to_ascii_lowercase(), value.clone());
        }
        request.headers_mut().insert(WANTED, self.index.to_string());
        *request.body_mut() = SdkBody::from(self.body.clone());
        Ok(())
    }
}

pub fn allowed(lines: &[(String, String)]) -> Headers {
    Headers::of_response(lines.iter().map(|(name, value)| (&**name, &**value)))
}

/// What belongs to a connection is this server's own, and a recorded length may be stale.
pub fn is_end_to_end(name: &str) -> bool {
    !["connection", "content-length", "date", "transfer-encoding"]
        .contains(&&*name.to_ascii_lowercase())
}
