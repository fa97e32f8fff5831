//! What goes wrong between SDK and server is recorded, and goes wrong again in the same way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bedrock_replay::Mode;
use bedrock_replay::cassette::StoredExchange;
use bedrock_replay::exchange::{Fault, Outcome};
use bedrock_replay::playback::Attempts;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::lab::{Glass, converse_answer, converse_frames, stored, upstream};

use crate::faults_lab::{Act, LONG, Report, SHORT, Trial, open, outcome_text, unary};

#[tokio::test]
async fn a_reset_before_headers_is_replayed() {
    let seen = Trial::unary([Act::Reset]).compare().await;
    insta::assert_snapshot!(seen, @r"
    reset: connection reset
    reset: connection reset
    reset: connection reset
    the caller sees 0 events, then DispatchFailure io
    ");
}

#[tokio::test]
async fn a_connection_closed_before_headers_is_replayed() {
    let seen = Trial::unary([Act::Close]).compare().await;
    insta::assert_snapshot!(seen, @r"
    closed: connection closed before message completed
    closed: connection closed before message completed
    closed: connection closed before message completed
    the caller sees 0 events, then DispatchFailure other TransientError
    ");
}

#[tokio::test]
async fn a_call_that_got_through_after_a_closed_connection_gets_through_again() {
    let acts = [
        Act::Close,
        Act::Reset,
        Act::Answer(converse_answer("hello")),
    ];
    let seen = Trial::unary(acts).compare().await;
    insta::assert_snapshot!(seen, @r"
    closed: connection closed before message completed
    reset: connection reset
    200 Complete
    the caller sees 0 events, then none
    ");
}

#[tokio::test]
async fn a_read_timeout_is_replayed() {
    let timeouts = TimeoutConfig::builder().read_timeout(SHORT).build();
    let seen = Trial::unary([Act::Silence]).with(timeouts).compare().await;
    insta::assert_snapshot!(seen, @r"
    timeout: HTTP read timeout
    timeout: HTTP read timeout
    timeout: HTTP read timeout
    the caller sees 0 events, then DispatchFailure timeout
    ");
}

#[tokio::test]
async fn an_attempt_timeout_of_the_sdk_is_replayed() {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(SHORT)
        .build();
    let seen = Trial::unary([Act::Silence]).with(timeouts).compare().await;
    insta::assert_snapshot!(seen, @r"
    given-up: the caller stopped waiting
    given-up: the caller stopped waiting
    given-up: the caller stopped waiting
    the caller sees 0 events, then TimeoutError
    ");
}

#[tokio::test]
async fn a_call_that_timed_out_once_is_one_exchange_with_two_attempts() {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(LONG)
        .build();
    let acts = [Act::Silence, Act::Answer(converse_answer("hello"))];
    let seen = Trial::unary(acts).with(timeouts).compare().await;
    insta::assert_snapshot!(seen, @r"
    given-up: the caller stopped waiting
    200 Complete
    the caller sees 0 events, then none
    ");
}

#[tokio::test]
async fn a_reset_in_the_middle_of_a_body_is_replayed() {
    let seen = Trial::unary([Act::HalfThenReset]).compare().await;
    insta::assert_snapshot!(seen, @r"
    200, then reset: error reading a body from connection: connection reset
    200, then reset: error reading a body from connection: connection reset
    200, then reset: error reading a body from connection: connection reset
    the caller sees 0 events, then ResponseError
    ");
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_replayed() {
    let seen = Trial::unary([Act::HalfThenClose]).compare().await;
    insta::assert_snapshot!(seen, @r"
    200, then closed: error reading a body from connection: unexpected end of file
    200, then closed: error reading a body from connection: unexpected end of file
    200, then closed: error reading a body from connection: unexpected end of file
    the caller sees 0 events, then ResponseError
    ");
}

#[tokio::test]
async fn a_reset_in_the_middle_of_a_stream_is_replayed() {
    let frames = converse_frames(&["one", "two", "three"])[..3].to_vec();
    let seen = Trial::streamed([Act::FramesThenReset(frames)], 3)
        .compare()
        .await;
    insta::assert_snapshot!(seen, @r"
    200, then reset: error reading a body from connection: connection reset
    the caller sees 3 events, then DispatchFailure io
    ");
}

#[tokio::test]
async fn a_broken_checksum_in_a_stream_is_replayed() {
    let mut frames = converse_frames(&["one", "two", "three"]);
    let mut broken = frames[2].to_vec();
    *broken.last_mut().unwrap() ^= 1;
    frames[2] = broken.into();
    let seen = Trial::streamed([Act::Frames(frames)], usize::MAX)
        .compare()
        .await;
    insta::assert_snapshot!(seen, @r"
    200 Abandoned
    the caller sees 2 events, then ResponseError
    ");
}

#[tokio::test]
async fn throttling_under_another_status_is_replayed() {
    let throttled = Act::Error(400, "ThrottlingException");
    let acts = [throttled, Act::Answer(converse_answer("hello"))];
    let seen = Trial::unary(acts).compare().await;
    insta::assert_snapshot!(seen, @r"
    400 Complete
    200 Complete
    the caller sees 0 events, then none
    ");
}

#[tokio::test]
async fn a_refused_connection_is_replayed() {
    let trial = Trial::unary([]);
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    assert_same_without_server(&trial, &format!("http://{port}")).await;
    let stored = stored(&trial.path());
    assert_eq!(
        outcome_text(&stored[0].exchange.attempts[0].outcome),
        "refused: client error (Connect): connection refused"
    );
}

/// A listener that takes no connection, its queue full: the next one is never answered.
#[tokio::test]
async fn a_connect_timeout_is_replayed() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(Ok(queued)) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
        queue.push(queued);
        assert!(queue.len() < 100, "the queue never fills");
    }
    let timeouts = TimeoutConfig::builder().connect_timeout(SHORT).build();
    let trial = Trial::unary([]).with(timeouts);
    assert_same_without_server(&trial, &format!("http://{address}")).await;
    let stored = stored(&trial.path());
    assert_eq!(
        outcome_text(&stored[0].exchange.attempts[0].outcome),
        "timeout: client error (Connect): HTTP connect timeout"
    );
}

async fn assert_same_without_server(trial: &Trial, url: &str) {
    let mut reports = Vec::new();
    for mode in [Mode::Passthrough, Mode::RecordMissing] {
        let network = aws_smithy_http_client::Builder::new().build_http();
        let glass = Glass::new(network);
        let cassette = open(&trial.path(), mode, Attempts::Outcome);
        let network = SharedHttpClient::new(glass.clone());
        let settings = cassette.configure(trial.settings(url), network);
        let told = unary(&Client::from_conf(settings.build())).await;
        reports.push(Report {
            told,
            transmissions: glass.take().len(),
        });
    }
    reports.push(trial.replayed(Attempts::All).await);
    assert_eq!(reports[0].transmissions, 3);
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0], reports[2]);
}

/// Whatever a connector's error says, no address and no token of it is stored.
#[tokio::test]
async fn the_text_of_a_fault_is_not_stored() {
    let secret = "https://me:hunter2@proxy.example/?X-Amz-Security-Token=FwoGZX";
    let errors: [fn(&str) -> ConnectorError; 5] = [
        |text| ConnectorError::io(text.into()),
        |text| ConnectorError::timeout(text.into()),
        |text| ConnectorError::user(text.into()),
        |text| ConnectorError::other(text.into(), None),
        |text| ConnectorError::io(std::io::Error::other(text.to_owned()).into()),
    ];
    for error in errors {
        let trial = Trial::unary([]);
        let failing = move |_: HttpRequest| HttpConnectorFuture::ready(Err(error(secret)));
        let cassette = open(&trial.path(), Mode::RecordMissing, Attempts::Outcome);
        let settings = trial.settings("http://127.0.0.1:1");
        let settings = cassette.configure(settings, upstream(failing));
        let live = unary(&Client::from_conf(settings.build())).await;
        cassette.finish().unwrap();
        for fault in faults(&stored(&trial.path())) {
            assert!(!fault.message.contains("FwoGZX"), "{fault}");
            assert!(!fault.message.contains("hunter2"), "{fault}");
        }
        let bytes = std::fs::read(trial.path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"));
        assert_eq!(trial.replayed(Attempts::All).await.told, live);
    }
}

fn faults(stored: &[StoredExchange]) -> Vec<&Fault> {
    let attempts = stored.iter().flat_map(|stored| &stored.exchange.attempts);
    let faults = attempts.filter_map(|attempt| match &attempt.outcome {
        Outcome::Fault(fault) => Some(fault),
        Outcome::Response(_) => None,
    });
    faults.collect()
}
