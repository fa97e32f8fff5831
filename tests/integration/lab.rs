//! Where the other tests work: a folder, a simulator, clients on a cassette, and a glass wall
//! through which everything that passes between SDK and cassette is seen.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::config::{
    BehaviorVersion, Builder, Config, Region, StalledStreamProtectionConfig,
};
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseStreamOutput, Message,
};
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::cassette::{Reader, StoredExchange};
use bedrock_replay::client::CassetteOptions;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Frame, Headers};
use bedrock_replay::playback::Unused;
use bedrock_replay::simulator::{Faults, Running, Simulator};
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use http_body::{Body, Frame as BodyFrame, SizeHint};
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

pub const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

pub struct Lab {
    pub folder: tempfile::TempDir,
    pub simulator: Option<Running>,
}

impl Lab {
    pub async fn new(faults: &str) -> Self {
        let simulator = Simulator::builder()
            .faults(faults.parse::<Faults>().unwrap())
            .start("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            simulator: Some(simulator),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("a.sqlite")
    }

    pub fn url(&self) -> String {
        self.simulator
            .as_ref()
            .map_or_else(|| "http://127.0.0.1:1".into(), Running::url)
    }

    pub fn options(&self, mode: Mode) -> CassetteOptions {
        Cassette::options(self.path())
            .mode(mode)
            .environment(Environment::default())
            .endpoint_url(self.url())
            .unused(Unused::Ok)
    }

    pub fn open(&self, mode: Mode) -> Cassette {
        self.options(mode).open().unwrap()
    }

    pub async fn unplug(&mut self) {
        if let Some(simulator) = self.simulator.take() {
            simulator.stop().await;
        }
    }

    pub fn served(&self) -> u64 {
        self.simulator.as_ref().unwrap().served()
    }

    pub fn stored(&self) -> Vec<StoredExchange> {
        stored(&self.path())
    }
}

pub fn stored(path: &Path) -> Vec<StoredExchange> {
    let mut reader = Reader::open(path).unwrap();
    let slots = reader.slots().unwrap();
    slots
        .iter()
        .map(|slot| reader.exchange(slot).unwrap().unwrap())
        .collect()
}

pub fn user(text: &str) -> Message {
    Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(text.to_owned()))
        .build()
        .unwrap()
}

pub async fn ask(client: &Client, text: &str) -> String {
    let call = client.converse().model_id(HAIKU).messages(user(text));
    let output = call
        .send()
        .await
        .unwrap_or_else(|error| panic!("{}", DisplayErrorContext(error)));
    let message = output.output.unwrap();
    message.as_message().unwrap().content()[0]
        .as_text()
        .unwrap()
        .clone()
}

pub async fn stream(client: &Client, text: &str) -> Result<Vec<String>, String> {
    let call = client
        .converse_stream()
        .model_id(HAIKU)
        .messages(user(text));
    let mut output = call
        .send()
        .await
        .map_err(|error| DisplayErrorContext(error).to_string())?;
    let mut events = Vec::new();
    loop {
        match output.stream.recv().await {
            Ok(Some(ConverseStreamOutput::ContentBlockDelta(delta))) => {
                events.push(delta.delta.unwrap().as_text().unwrap().clone());
            }
            Ok(Some(other)) => events.push(format!("<{}>", event_name(&other))),
            Ok(None) => return Ok(events),
            Err(error) => return Err(DisplayErrorContext(error).to_string()),
        }
    }
}

pub fn event_name(event: &ConverseStreamOutput) -> String {
    let debug = format!("{event:?}");
    debug.split('(').next().unwrap().to_owned()
}

/// The settings of a client that needs neither credentials nor an account.
pub fn config() -> Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .allow_no_auth()
}

/// Sleep that is over at once and counts how often it was asked for.
#[derive(Debug, Clone, Default)]
pub struct CountedSleep(Arc<Mutex<Vec<Duration>>>);

impl CountedSleep {
    pub fn asked(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }
}

impl AsyncSleep for CountedSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.lock().unwrap().push(duration);
        Sleep::new(std::future::ready(()))
    }
}

/// The same settings, with retries that do not wait and nothing that measures time by sleep.
pub fn impatient(builder: Builder) -> Builder {
    builder
        .sleep_impl(CountedSleep::default())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// Fails rather than hangs where something waits for what will not come.
pub async fn soon<F: Future>(future: F) -> F::Output {
    let Ok(output) = tokio::time::timeout(Duration::from_secs(30), future).await else {
        panic!("it waits for what has not been sent")
    };
    output
}

/// An HTTP client that answers out of the test itself.
pub fn upstream<F>(answer: F) -> SharedHttpClient
where
    F: Fn(HttpRequest) -> HttpConnectorFuture + Send + Sync + 'static,
{
    let connector = connector(answer);
    SharedHttpClient::new(http_client_fn(move |_, _| connector.clone()))
}

/// The same as a connector.
pub fn connector<F>(answer: F) -> SharedHttpConnector
where
    F: Fn(HttpRequest) -> HttpConnectorFuture + Send + Sync + 'static,
{
    SharedHttpConnector::new(Answering(Box::new(answer)))
}

type Answer = Box<dyn Fn(HttpRequest) -> HttpConnectorFuture + Send + Sync>;

struct Answering(Answer);

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answering")
    }
}

impl HttpConnector for Answering {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        (self.0)(request)
    }
}

/// A response of an upstream.
pub fn response(status: u16, headers: &[(&str, &str)], body: impl Into<SdkBody>) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), body.into());
    for (name, value) in headers {
        let lines = response.headers_mut();
        lines.append((*name).to_owned(), (*value).to_owned());
    }
    response
}

/// A whole answer to Converse.
pub fn converse_answer(text: &str) -> String {
    serde_json::json!({
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    })
    .to_string()
}

/// The frames of a whole answer to ConverseStream, one word a frame.
pub fn converse_frames(words: &[&str]) -> Vec<Bytes> {
    let mut events = vec![("messageStart", serde_json::json!({"role": "assistant"}))];
    for word in words {
        let delta = serde_json::json!({"contentBlockIndex": 0, "delta": {"text": word}});
        events.push(("contentBlockDelta", delta));
    }
    events.push(("messageStop", serde_json::json!({"stopReason": "end_turn"})));
    let usage = serde_json::json!({"inputTokens": 1, "outputTokens": 1, "totalTokens": 2});
    let metadata = serde_json::json!({"usage": usage, "metrics": {"latencyMs": 1}});
    events.push(("metadata", metadata));
    let frames = events.into_iter();
    frames
        .map(|(name, payload)| Frame::event(name, payload.to_string()).encode().unwrap())
        .collect()
}

/// What passed through the glass wall in answer to one transmission.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// `None` where no response came.
    pub status: Option<u16>,
    pub headers: Headers,
    pub body: Vec<u8>,
}

/// Looks at everything that an HTTP client answers, and lets it through as it is.
#[derive(Debug, Clone)]
pub struct Glass {
    inner: SharedHttpClient,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
}

impl Glass {
    pub fn new(inner: SharedHttpClient) -> Self {
        Self {
            inner,
            seen: Arc::default(),
            arrived: Arc::default(),
        }
    }

    /// Tells whenever a part of a body has arrived.
    pub fn telling(mut self, arrived: Arc<Notify>) -> Self {
        self.arrived = arrived;
        self
    }

    /// What passed since the last call.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl HttpClient for Glass {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Pane {
            inner: self.inner.http_connector(settings, components),
            seen: Arc::clone(&self.seen),
            arrived: Arc::clone(&self.arrived),
        })
    }
}

#[derive(Debug)]
struct Pane {
    inner: SharedHttpConnector,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
}

impl HttpConnector for Pane {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut list = self.seen.lock().unwrap();
        let index = list.len();
        list.push(Seen::default());
        drop(list);
        let (call, seen) = (self.inner.call(request), Arc::clone(&self.seen));
        let arrived = Arc::clone(&self.arrived);
        HttpConnectorFuture::new(async move {
            let mut response: HttpResponse = call.await?;
            let body = response.take_body();
            let mut list = seen.lock().unwrap();
            if let Some(entry) = list.get_mut(index) {
                entry.status = Some(response.status().as_u16());
                entry.headers = Headers::of_response(response.headers().iter());
            }
            drop(list);
            let body = Watched {
                body,
                seen,
                index,
                arrived,
            };
            *response.body_mut() = SdkBody::from_body_1_x(body);
            Ok::<_, ConnectorError>(response)
        })
    }
}

struct Watched {
    body: SdkBody,
    seen: Arc<Mutex<Vec<Seen>>>,
    index: usize,
    arrived: Arc<Notify>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = aws_smithy_runtime_api::box_error::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<BodyFrame<Bytes>, Self::Error>>> {
        let polled = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &polled
            && let Some(bytes) = frame.data_ref()
            && let Some(entry) = self.seen.lock().unwrap().get_mut(self.index)
        {
            entry.body.extend_from_slice(bytes);
            self.arrived.notify_one();
        }
        Poll::Ready(polled)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What this crate writes to the log, all levels, whatever thread writes it.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<String>>);

impl Log {
    /// Listens from now on, for every test.
    pub fn of_this_process() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            tracing::subscriber::set_global_default(log.clone()).unwrap();
            log
        })
        .clone()
    }

    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("bedrock_replay")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Words(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, values: &Record<'_>) {
        values.record(&mut Words(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Words(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

struct Words<'a>(&'a mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        use std::fmt::Write as _;
        let _ = writeln!(self.0, "{field}={value:?}");
    }
}

/// Numbers in which no compressor finds a pattern.
pub const fn mixed(index: u64) -> u64 {
    let mut value = index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
