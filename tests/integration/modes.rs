//! Which mode holds, and what each mode does with what it does not know.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::{BoxError, DisplayErrorContext, SdkError};
use aws_sdk_bedrockruntime::primitives::event_stream::EventStreamSender;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::client::OpenError;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use http_body::{Body, Frame};

use crate::lab::{
    HAIKU, config, converse_answer, impatient, response, soon, stored, upstream, user,
};

struct Bench {
    folder: tempfile::TempDir,
    sent: Arc<AtomicUsize>,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            sent: Arc::default(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("a.sqlite")
    }

    fn open(&self, asked: Option<Mode>, lines: &[(&str, &str)]) -> Result<Cassette, OpenError> {
        let mut options = Cassette::options(self.path()).unused(Unused::Ok);
        if let Some(mode) = asked {
            options = options.mode(mode);
        }
        options.environment(lines.iter().copied().collect()).open()
    }

    fn upstream(&self) -> SharedHttpClient {
        let sent = Arc::clone(&self.sent);
        upstream(move |_| {
            sent.fetch_add(1, Ordering::SeqCst);
            HttpConnectorFuture::ready(Ok(response(200, &[], converse_answer("hello"))))
        })
    }

    fn client(&self, cassette: &Cassette) -> Client {
        let config = impatient(config()).endpoint_url("http://127.0.0.1:1");
        Client::from_conf(cassette.configure(config, self.upstream()).build())
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    async fn record(&self) {
        let cassette = self.open(Some(Mode::RecordMissing), &[]).unwrap();
        ask(&self.client(&cassette)).await;
        cassette.finish().unwrap();
    }
}

async fn ask(client: &Client) {
    let call = client.converse().model_id(HAIKU).messages(user("one"));
    call.send().await.unwrap();
}

#[tokio::test]
async fn under_ci_nothing_is_sent_unless_the_environment_asks_for_it() {
    let bench = Bench::new();
    bench.record().await;
    for mode in [Mode::RecordMissing, Mode::RecordAll, Mode::Passthrough] {
        let cassette = bench.open(Some(mode), &[("CI", "true")]).unwrap();
        assert_eq!(cassette.mode(), Mode::Replay);
        ask(&bench.client(&cassette)).await;
    }
    assert_eq!(bench.sent(), 1, "only the recording before");
    let lines = [("CI", "true"), ("BEDROCK_REPLAY_MODE", "record-all")];
    let cassette = bench.open(None, &lines).unwrap();
    ask(&bench.client(&cassette)).await;
    assert_eq!(bench.sent(), 2);
}

#[test]
fn under_ci_a_missing_cassette_is_an_error_and_is_not_made() {
    let bench = Bench::new();
    let error = bench
        .open(Some(Mode::RecordMissing), &[("CI", "true")])
        .unwrap_err();
    assert!(matches!(error, OpenError::Cassette(_)), "{error}");
    assert_eq!(std::fs::read_dir(bench.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_mode_that_does_not_exist_opens_nothing() {
    let bench = Bench::new();
    let lines = [("BEDROCK_REPLAY_MODE", "once")];
    let error = bench.open(Some(Mode::RecordAll), &lines).unwrap_err();
    assert!(error.to_string().contains("BEDROCK_REPLAY_MODE"), "{error}");
    assert_eq!(
        format!("{error:?}"),
        error.to_string(),
        "what a test's `?` prints"
    );
    assert!(!bench.path().exists());
}

/// Sends a request elsewhere than its operation says.
#[derive(Debug)]
struct Elsewhere {
    path: &'static str,
    body: fn() -> SdkBody,
}

impl Intercept for Elsewhere {
    fn name(&self) -> &'static str {
        "Elsewhere"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.set_uri(format!("http://127.0.0.1:1{}", self.path))?;
        *request.body_mut() = (self.body)();
        Ok(())
    }
}

/// The body of a two-way stream: it ends only when the answer has.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Pending
    }
}

fn endless() -> SdkBody {
    SdkBody::from_body_1_x(Endless)
}

const TWO_WAY: &str = "/model/amazon.nova-sonic-v1%3A0/invoke-with-bidirectional-stream";

/// What came of a request to that path; fails where the body was waited for.
async fn sent_to(client: &Client, path: &'static str, body: fn() -> SdkBody) -> Result<(), String> {
    let call = client.converse().model_id(HAIKU).messages(user("one"));
    let call = call.customize().interceptor(Elsewhere { path, body });
    match soon(call.send()).await {
        Ok(_) => Ok(()),
        Err(SdkError::DispatchFailure(failure)) if failure.is_user() => {
            Err(DisplayErrorContext(failure.as_connector_error().unwrap()).to_string())
        }
        Err(error) => panic!("another error: {error:?}"),
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_by_name_and_not_retried() {
    let bench = Bench::new();
    bench.record().await;
    for mode in [Mode::RecordMissing, Mode::RecordAll, Mode::Replay] {
        let cassette = bench.open(Some(mode), &[]).unwrap();
        let client = bench.client(&cassette);
        for body in [endless, || SdkBody::from("{}")] {
            let error = sent_to(&client, TWO_WAY, body).await.unwrap_err();
            assert!(
                error.contains("InvokeModelWithBidirectionalStream"),
                "{error}"
            );
            let error = sent_to(&client, "/foundation-models", body)
                .await
                .unwrap_err();
            assert!(error.contains("POST /foundation-models"), "{error}");
        }
    }
    assert_eq!(bench.sent(), 1, "only the recording before");
    assert_eq!(stored(&bench.path()).len(), 1);
}

#[tokio::test]
async fn the_sdks_own_two_way_call_is_refused_by_name() {
    let bench = Bench::new();
    bench.record().await;
    let cassette = bench.open(Some(Mode::Replay), &[]).unwrap();
    let client = cassette.client().await.unwrap();
    let input = EventStreamSender::from(futures_util::stream::pending());
    let call = client
        .invoke_model_with_bidirectional_stream()
        .model_id("amazon.nova-sonic-v1:0")
        .body(input);
    let error = soon(call.send()).await.unwrap_err();
    let text = DisplayErrorContext(error).to_string();
    assert!(
        text.contains("InvokeModelWithBidirectionalStream"),
        "{text}"
    );
}

#[tokio::test]
async fn passthrough_lets_everything_pass_unread() {
    let bench = Bench::new();
    let cassette = bench.open(Some(Mode::Passthrough), &[]).unwrap();
    let client = bench.client(&cassette);
    sent_to(&client, TWO_WAY, endless).await.unwrap();
    sent_to(&client, "/foundation-models", endless)
        .await
        .unwrap();
    ask(&client).await;
    drop(client);
    cassette.finish().unwrap();
    assert_eq!(bench.sent(), 3);
    assert!(!bench.path().exists());
}

/// A cassette that only lacks a place to write is found out before anything is paid for.
#[tokio::test]
async fn a_recording_that_cannot_be_written_sends_nothing() {
    let bench = Bench::new();
    bench.record().await;
    let cassette = bench.open(Some(Mode::RecordMissing), &[]).unwrap();
    ask(&bench.client(&cassette)).await;
    // Another file under the same name, which is no cassette.
    std::fs::rename(bench.path(), bench.folder.path().join("away")).unwrap();
    std::fs::write(bench.path(), "no cassette, but a text of some length").unwrap();
    let client = bench.client(&cassette);
    let call = client.converse().model_id(HAIKU).messages(user("two"));
    let error = DisplayErrorContext(call.send().await.unwrap_err()).to_string();
    assert!(error.contains("a.sqlite"), "{error}");
    assert_eq!(bench.sent(), 1, "only the recording before");
    assert_eq!(
        std::fs::read_to_string(bench.path()).unwrap(),
        "no cassette, but a text of some length"
    );
}
