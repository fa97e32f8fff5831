//! Clients that answer without a network.

use std::path::Path;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message, SystemContentBlock,
};
use aws_smithy_http_client::test_util::dvr::{BodyData, Event, ReplayingClient};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Operation;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode, Scope};
use bytes::Bytes;

use crate::recordings::{self, MODEL, SYSTEM};

/// What is called.
#[derive(Clone, Copy)]
pub enum Call {
    Converse,
    ConverseStream,
}

impl Call {
    pub const fn name(self) -> &'static str {
        self.operation().name()
    }

    const fn operation(self) -> Operation {
        match self {
            Self::Converse => Operation::Converse,
            Self::ConverseStream => Operation::ConverseStream,
        }
    }

    fn body(self) -> Bytes {
        match self {
            Self::Converse => recordings::converse_body().into(),
            Self::ConverseStream => recordings::stream_body().into(),
        }
    }
}

/// Makes a call; how long it took to its first event, and to its end.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub async fn call(kind: Call, client: &Client, number: usize) -> (Duration, Duration) {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(recordings::prompt(number)))
        .build()
        .unwrap();
    let system = SystemContentBlock::Text(SYSTEM.to_owned());
    let inference = InferenceConfiguration::builder()
        .max_tokens(200)
        .temperature(0.7)
        .build();
    let start = std::time::Instant::now();
    let mut first = None;
    match kind {
        Call::Converse => {
            let call = client.converse().model_id(MODEL).system(system);
            let call = call.messages(message).inference_config(inference);
            call.send().await.unwrap();
        }
        Call::ConverseStream => {
            let call = client.converse_stream().model_id(MODEL).system(system);
            let call = call.messages(message).inference_config(inference);
            let mut output = call.send().await.unwrap();
            while output.stream.recv().await.unwrap().is_some() {
                first.get_or_insert_with(|| start.elapsed());
            }
        }
    }
    let end = start.elapsed();
    (first.unwrap_or(end), end)
}

/// Somebody who answers calls.
pub struct Contender {
    pub name: &'static str,
    call: Call,
    kind: Kind,
    next: usize,
}

enum Kind {
    Ready(Client),
    Cassette {
        cassette: Cassette,
        client: Client,
        exchanges: usize,
    },
    /// Test doubles are used up by their calls: each turn needs a new one.
    Fresh(fn(Call, usize) -> Client),
}

impl Contender {
    fn new(name: &'static str, call: Call, kind: Kind) -> Self {
        Self {
            name,
            call,
            kind,
            next: 0,
        }
    }

    /// SigV4 with dummy credentials, and a connector that has one answer in memory.
    pub fn ordinary(call: Call) -> Self {
        let constant = SharedHttpConnector::new(Constant {
            content_type: recordings::content_type(call.operation()),
            body: call.body(),
        });
        let client = signed(http_client_fn(move |_, _| constant.clone()));
        Self::new("ordinary client, in memory", call, Kind::Ready(client))
    }

    /// This crate.
    pub async fn cassette(name: &'static str, call: Call, path: &Path) -> Self {
        let options = Cassette::options(path)
            .mode(Mode::Replay)
            .unused(Unused::Ok);
        let cassette = options.environment(Environment::default()).open().unwrap();
        let client = cassette.client().await.unwrap();
        let exchanges = cassette.playback().report().unwrap().unused.len() / 2;
        let kind = Kind::Cassette {
            cassette,
            client,
            exchanges,
        };
        Self::new(name, call, kind)
    }

    pub fn static_replay(call: Call) -> Self {
        Self::new("StaticReplayClient", call, Kind::Fresh(static_replay))
    }

    pub fn dvr(call: Call) -> Self {
        Self::new("dvr ReplayingClient", call, Kind::Fresh(dvr))
    }

    /// Makes so many calls; how long they took.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    pub async fn run(&mut self, calls: usize) -> Duration {
        let client = match &self.kind {
            Kind::Ready(client) | Kind::Cassette { client, .. } => client.clone(),
            Kind::Fresh(make) => make(self.call, calls),
        };
        let start = std::time::Instant::now();
        for _ in 0..calls {
            let number = self.next_prompt();
            call(self.call, &client, number).await;
        }
        start.elapsed()
    }

    /// Walks through a cassette in strides, so that neighbours in time are none on disk.
    fn next_prompt(&mut self) -> usize {
        self.next += 1;
        let Kind::Cassette {
            cassette,
            exchanges,
            ..
        } = &self.kind
        else {
            return self.next;
        };
        if self.next.is_multiple_of(*exchanges) {
            cassette.playback().reset(&Scope::default());
        }
        self.next * 7_919 % exchanges
    }
}

fn signed(http_client: impl HttpClient + 'static) -> Client {
    let config = aws_sdk_bedrockruntime::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .http_client(http_client)
        .build();
    Client::from_conf(config)
}

#[derive(Debug)]
struct Constant {
    content_type: &'static str,
    body: Bytes,
}

impl HttpConnector for Constant {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(200).unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        response
            .headers_mut()
            .insert("content-type", self.content_type);
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn static_replay(call: Call, calls: usize) -> Client {
    let events = (0..calls).map(|_| {
        let request = http::Request::builder()
            .method("POST")
            .uri("https://bedrock-runtime.us-east-1.amazonaws.com/")
            .body(SdkBody::empty())
            .unwrap();
        let response = http::Response::builder()
            .status(200)
            .header("content-type", recordings::content_type(call.operation()))
            .body(SdkBody::from(call.body()))
            .unwrap();
        ReplayEvent::new(request, response)
    });
    signed(StaticReplayClient::new(events.collect()))
}

fn dvr(call: Call, calls: usize) -> Client {
    let mut events = Vec::new();
    for number in 0..calls {
        events.extend(dvr_events(call, number));
    }
    signed(ReplayingClient::new(events))
}

/// A connection of the dvr format. Its types can only be read from JSON.
fn dvr_events(call: Call, number: usize) -> Vec<Event> {
    let content_type = recordings::content_type(call.operation());
    let body = BodyData::from(call.body());
    let body = serde_json::to_value(&body).unwrap();
    let event = |action: serde_json::Value| -> Event {
        serde_json::from_value(serde_json::json!({
            "connection_id": number,
            "action": action,
        }))
        .unwrap()
    };
    vec![
        event(serde_json::json!({"Request": {"request": {
            "uri": "https://bedrock-runtime.us-east-1.amazonaws.com/",
            "headers": {}, "method": "POST"}}})),
        event(serde_json::json!({"Eof": {"ok": true, "direction": "Request"}})),
        event(serde_json::json!({"Response": {"response": {"Ok": {
            "status": 200, "headers": {"content-type": [content_type]}}}}})),
        event(serde_json::json!({"Data": {"data": body, "direction": "Response"}})),
        event(serde_json::json!({"Eof": {"ok": true, "direction": "Response"}})),
    ]
}
