//! What recording adds to a call: full sync before its end, nothing before its first event.

use std::path::Path;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;

use crate::contenders::{Call, call};
use crate::paired::percentile;
use crate::recordings;

/// Calls of each kind.
const CALLS: usize = 400;

/// Calls an upstream in memory with and without recording, in turns, and prints the times.
pub async fn compare(folder: &Path) {
    let options = Cassette::options(folder.join("recorded.sqlite"))
        .mode(Mode::RecordAll)
        .unused(Unused::Ok);
    let cassette = options.environment(Environment::default()).open().unwrap();
    let ordinary = Client::from_conf(config().http_client(upstream()).build());
    let recording = Client::from_conf(cassette.configure(config(), upstream()).build());
    for kind in [Call::Converse, Call::ConverseStream] {
        let mut times = [Times::default(), Times::default()];
        for number in 0..CALLS {
            for (client, times) in [&ordinary, &recording].into_iter().zip(&mut times) {
                times.add(call(kind, client, number).await);
            }
        }
        let [ordinary, recording] = times;
        println!(
            "\nrecording {}: added, in ms        median      p95",
            kind.name()
        );
        print("to the first event", &ordinary.first, &recording.first);
        print("to the end, with full sync", &ordinary.end, &recording.end);
    }
}

#[derive(Default)]
struct Times {
    first: Vec<f64>,
    end: Vec<f64>,
}

impl Times {
    fn add(&mut self, (first, end): (Duration, Duration)) {
        self.first.push(first.as_secs_f64() * 1e3);
        self.end.push(end.as_secs_f64() * 1e3);
    }
}

fn print(what: &str, ordinary: &[f64], recording: &[f64]) {
    let added = |share| percentile(recording, share) - percentile(ordinary, share);
    println!("  {what:<36} {:>8.3} {:>8.3}", added(0.5), added(0.95));
}

fn config() -> aws_sdk_bedrockruntime::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
}

/// Answers a stream in one chunk for each event, and a unary call in one.
#[derive(Debug)]
struct Upstream;

impl HttpConnector for Upstream {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(200).unwrap();
        let is_stream = request.uri().ends_with("converse-stream");
        let body = if is_stream {
            let frames = recordings::stream_frames().into_iter();
            let chunks = frames.map(|frame| Ok::<_, std::io::Error>(Frame::data(frame)));
            SdkBody::from_body_1_x(StreamBody::new(stream::iter(chunks.collect::<Vec<_>>())))
        } else {
            SdkBody::from(Bytes::from(recordings::converse_body()))
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body)))
    }
}

fn upstream() -> SharedHttpClient {
    let upstream = SharedHttpConnector::new(Upstream);
    http_client_fn(move |_, _| upstream.clone())
}
