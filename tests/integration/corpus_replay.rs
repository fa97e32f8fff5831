//! Real exchanges through the real SDK: 1,424 that other projects recorded against Bedrock, put
//! into a cassette and replayed, and once more the long way: served over a socket, recorded by
//! this library, replayed. Every answer must be the recorded one byte for byte, and must mean
//! the same to the SDK.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it counted"
)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

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
use aws_smithy_runtime_api::client::http::{SharedHttpClient, http_client_fn};
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::cassette::{Published, Reader};
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{EventStream, Headers};
use bedrock_replay::identity::MatchOn;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use crate::cassette::session;
use crate::corpus::{self, CorpusExchange};
use crate::lab::{Glass, Seen, config, impatient};

/// How many exchanges the corpus holds.
const ALL: usize = 1_424;
/// How many of them have an error's status; two more are errors inside a stream.
const ERRORS: usize = 42;

/// Says which exchange an upstream is to answer; no allow-list names it.
const WANTED: &str = "x-corpus-exchange";

/// What the test asks of one exchange, and what came of it.
type Verdict = Result<(), String>;

#[tokio::test]
async fn the_corpus_replays_byte_for_byte_and_means_the_same_to_the_sdk() {
    let Some(corpus) = corpus::read() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.sqlite");
    import(&path, &corpus);
    report_repeats(&path);
    let cassette = open(&path, Mode::Replay);
    let player = Player::new(&cassette, no_upstream());
    let mut tally = Tally::default();
    for (index, exchange) in corpus.iter().enumerate() {
        let call = player.play(index, exchange).await;
        tally.note(
            exchange,
            call.means_the_same
                .and(all_as_recorded(exchange, &call.seen)),
        );
    }
    tally.close("imported and replayed");
    cassette.finish().unwrap();
}

#[tokio::test]
async fn the_corpus_survives_the_long_way_from_a_socket_through_a_recording() {
    let Some(corpus) = corpus::read() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.sqlite");
    let corpus = Arc::new(corpus);
    let url = serve(Arc::clone(&corpus)).await;

    let cassette = open(&path, Mode::RecordAll);
    let network = aws_smithy_http_client::Builder::new().build_http();
    let player = Player::at(&url, &cassette, network);
    let mut live = Tally::default();
    let mut answers = Vec::new();
    for (index, exchange) in corpus.iter().enumerate() {
        let call = player.play(index, exchange).await;
        live.note(
            exchange,
            call.means_the_same.and(all_as_served(exchange, &call.seen)),
        );
        answers.push(call.seen);
    }
    live.close("served and recorded");
    drop(player);
    assert_eq!(cassette.finish().unwrap().missed, 0);

    let cassette = open(&path, Mode::Replay);
    let player = Player::new(&cassette, no_upstream());
    let mut replayed = Tally::default();
    for (index, exchange) in corpus.iter().enumerate() {
        let call = player.play(index, exchange).await;
        let same = holds("answers", call.seen.last() == answers[index].last());
        replayed.note(exchange, call.means_the_same.and(same));
    }
    replayed.close("replayed from the recording");
    cassette.finish().unwrap();
}

fn open(path: &Path, mode: Mode) -> Cassette {
    let options = Cassette::options(path).mode(mode).unused(Unused::Error);
    options.environment(Environment::default()).open().unwrap()
}

/// Equal requests have one slot each, so that comparing in order proves their order.
fn report_repeats(path: &Path) {
    let slots = Reader::open(path).unwrap().slots().unwrap();
    let repeated = slots.iter().filter(|slot| slot.occurrence == 1).count();
    let repeats = slots.iter().filter(|slot| slot.occurrence > 0).count();
    println!("corpus: {repeated} requests occur more than once, {repeats} times in addition");
    assert!(repeated > 0);
}

/// Counts what passed and names what did not.
#[derive(Default)]
struct Tally {
    passed: BTreeMap<String, usize>,
    typed_errors: usize,
    untyped_errors: usize,
    failed: Vec<String>,
}

impl Tally {
    fn note(&mut self, exchange: &CorpusExchange, verdict: Verdict) {
        if exchange.response.status >= 400 {
            match error_type(exchange) {
                Some(_) => self.typed_errors += 1,
                None => self.untyped_errors += 1,
            }
        }
        match verdict {
            Ok(()) => *self.passed.entry(exchange.operation.clone()).or_default() += 1,
            Err(reason) => self
                .failed
                .push(format!("{} {}: {reason}", exchange.operation, exchange.id)),
        }
    }

    fn close(self, what: &str) {
        let passed: usize = self.passed.values().sum();
        let failed = self.failed.len();
        let (typed, untyped) = (self.typed_errors, self.untyped_errors);
        println!("corpus, {what}: {passed} of {ALL}: {:?}", self.passed);
        println!("  errors: {typed} typed, {untyped} without the header that names their type");
        assert_eq!((passed + failed, typed + untyped), (ALL, ERRORS));
        assert!(
            self.failed.is_empty(),
            "{failed} failed\n{}",
            self.failed.join("\n")
        );
    }
}

/// Imports the corpus as a user would.
fn import(path: &Path, corpus: &[CorpusExchange]) {
    let mut lines = corpus::lines().unwrap();
    let match_on = MatchOn::new();
    let published = Published::read(&mut lines, "dev.jsonl.gz", &match_on, &session(1)).unwrap();
    assert_eq!(published.refused, []);
    let imported = published.incoming.merge_into(path).unwrap();
    assert_eq!(imported.added, corpus.len() as u64);
}

fn allowed(lines: &[(String, String)]) -> Headers {
    Headers::of_response(lines.iter().map(|(name, value)| (&**name, &**value)))
}

/// A call, made.
struct Played {
    /// Whether the SDK took from it what was recorded.
    means_the_same: Verdict,
    /// What came back, transmission by transmission.
    seen: Vec<Seen>,
}

/// The SDK's client, and the glass wall behind it.
struct Player {
    client: Client,
    glass: Glass,
}

impl Player {
    fn new(cassette: &Cassette, inner: SharedHttpClient) -> Self {
        Self::at("http://127.0.0.1:1", cassette, inner)
    }

    fn at(url: &str, cassette: &Cassette, inner: SharedHttpClient) -> Self {
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
    async fn play(&self, index: usize, exchange: &CorpusExchange) -> Played {
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

fn holds(what: &str, it_does: bool) -> Verdict {
    equal(what, &it_does, &true)
}

fn all_as_recorded(exchange: &CorpusExchange, seen: &[Seen]) -> Verdict {
    all_same(exchange, seen, |_| true)
}

fn all_as_served(exchange: &CorpusExchange, seen: &[Seen]) -> Verdict {
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
fn error_type(exchange: &CorpusExchange) -> Option<&str> {
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

/// A client that nothing may reach.
fn no_upstream() -> SharedHttpClient {
    SharedHttpClient::new(http_client_fn(|_, _| {
        panic!("a replay asked for a connection")
    }))
}

/// Serves every exchange on a socket.
async fn serve(corpus: Arc<Vec<CorpusExchange>>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let corpus = Arc::clone(&corpus);
            let service = service_fn(move |request| {
                let answer = answer(&corpus, &request);
                async { Ok::<_, Infallible>(answer) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service);
            tokio::spawn(connection);
        }
    });
    format!("http://{address}")
}

fn answer(
    corpus: &[CorpusExchange],
    request: &http::Request<hyper::body::Incoming>,
) -> http::Response<Full<Bytes>> {
    let index: usize = request.headers()[WANTED].to_str().unwrap().parse().unwrap();
    let exchange = &corpus[index].response;
    let mut response = http::Response::builder().status(exchange.status);
    for (name, value) in &exchange.headers {
        if is_end_to_end(name) {
            response = response.header(name, value);
        }
    }
    response.body(Full::new(exchange.body.clone())).unwrap()
}

/// What belongs to a connection is this server's own, and a recorded length may be stale.
fn is_end_to_end(name: &str) -> bool {
    !["connection", "content-length", "date", "transfer-encoding"]
        .contains(&&*name.to_ascii_lowercase())
}
