//! Calls through an endpoint, by the Rust SDK and by bytes: recorded, replayed, missed, failed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_bedrockruntime::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bedrock_replay::Mode;
use bedrock_replay::exchange::{Ending, FaultKind, Outcome};
use bedrock_replay::playback::{Attempts, Pace, PlaybackOptions, Scope};
use bedrock_replay::server::Unsigned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::lab::{HAIKU, Lab, ask, connector, converse_answer, response, soon, stream, user};
use crate::server_lab::{
    connect, converse_path, endpoint, hello, in_mode, post, read_to_end, recorder, sdk, send, start,
};

#[tokio::test]
async fn what_was_recorded_over_http_replays_over_http_and_in_process() {
    let mut lab = Lab::new("").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    let client = sdk(&format!("{}/scope/one%2Ftwo", recording.url()));
    let said = ask(&client, "hello").await;
    let events = stream(&client, "hello").await.unwrap();
    assert_eq!(recording.stop().await.unwrap().recorded, 2);
    lab.unplug().await;

    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let client = sdk(&format!("{}/scope/one%2Ftwo", replaying.url()));
    assert_eq!(ask(&client, "hello").await, said);
    assert_eq!(stream(&client, "hello").await.unwrap(), events);
    let summary = replaying.stop().await.unwrap();
    assert_eq!((summary.hits, summary.misses, summary.unused), (2, 0, 0));

    let cassette = lab.open(Mode::Replay);
    let client = cassette.client().await.unwrap();
    let in_process = cassette.scope("one/two", ask(&client, "hello")).await;
    assert_eq!(in_process, said);
}

#[tokio::test]
async fn what_was_recorded_in_process_replays_over_http() {
    let mut lab = Lab::new("").await;
    let cassette = lab.open(Mode::RecordMissing);
    let client = cassette.client().await.unwrap();
    let said = ask(&client, "hello").await;
    cassette.finish().unwrap();
    lab.unplug().await;
    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    assert_eq!(ask(&sdk(&replaying.url()), "hello").await, said);
    let marked = send(
        replaying.addr(),
        "GET /_replay/health HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );
    assert!(marked.await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_replayed_answer_says_that_it_was_simulated() {
    let lab = Lab::new("").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    send(recording.addr(), &post(&hello())).await;
    recording.stop().await.unwrap();
    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let answer = send(replaying.addr(), &post(&hello())).await;
    assert!(
        answer.contains("x-bedrock-replay-simulated: 1\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_miss_is_a_typed_error_that_explains_itself_and_no_sdk_retries() {
    let lab = Lab::new("").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    ask(&sdk(&recording.url()), "One question at a time.").await;
    recording.stop().await.unwrap();

    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let client = sdk(&replaying.url());
    for streams in [false, true] {
        let text = if streams {
            stream(&client, "One question.").await.unwrap_err()
        } else {
            let call = client
                .converse()
                .model_id(HAIKU)
                .messages(user("Two questions."));
            let error = call.send().await.unwrap_err();
            let typed = error.as_service_error().unwrap();
            assert!(typed.is_validation_exception());
            assert!(
                typed
                    .message()
                    .unwrap()
                    .contains("/messages/0/content/0/text")
            );
            DisplayErrorContext(error).to_string()
        };
        assert!(
            text.contains("no recorded exchange matches this request"),
            "{text}"
        );
    }
    let summary = replaying.stop().await.unwrap();
    assert_eq!((summary.calls, summary.misses, summary.unused), (2, 2, 1));
}

#[tokio::test]
async fn scopes_are_counted_apart_and_a_header_wins_over_the_path() {
    let lab = Lab::new("").await;
    let recording = start(recorder(&lab, Mode::RecordMissing).scope(Scope::new("all"))).await;
    let path = converse_path();
    let hello = hello();
    let request = |prefix: &str, header: &str| {
        let length = hello.len();
        format!(
            "POST {prefix}{path} HTTP/1.1\r\nhost: localhost\r\n{header}content-length: {length}\r\n\r\n{hello}"
        )
    };
    for (prefix, header) in [
        ("", ""),
        ("/scope/a", ""),
        ("/scope/a", "x-bedrock-replay-scope: b c\r\n"),
    ] {
        send(recording.addr(), &request(prefix, header)).await;
    }
    recording.stop().await.unwrap();
    let scopes: Vec<String> = lab
        .stored()
        .into_iter()
        .map(|stored| stored.slot.scope)
        .collect();
    let mut sorted = scopes.clone();
    sorted.sort();
    assert_eq!(sorted, ["a", "all", "b c"]);
}

#[tokio::test]
async fn each_attempt_of_a_throttled_call_is_recorded_and_can_be_replayed() {
    let mut lab = Lab::new("throttle=2").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    let said = ask(&sdk(&recording.url()), "hello").await;
    recording.stop().await.unwrap();
    lab.unplug().await;
    let stored = lab.stored();
    assert_eq!(stored[0].exchange.attempts.len(), 3);

    let outcome = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    assert_eq!(ask(&sdk(&outcome.url()), "hello").await, said);
    assert_eq!(outcome.stop().await.unwrap().calls, 1);
    let each = PlaybackOptions {
        attempts: Attempts::All,
        ..in_mode(Mode::Replay)
    };
    let each = start(endpoint(&lab.path(), each)).await;
    assert_eq!(ask(&sdk(&each.url()), "hello").await, said);
    assert_eq!(each.stop().await.unwrap().calls, 3);
}

#[tokio::test]
async fn an_upstream_that_is_down_is_a_typed_error_and_an_attempt() {
    let mut lab = Lab::new("").await;
    let url = lab.url();
    lab.unplug().await;
    let http = aws_smithy_http_client::Connector::builder().build_http();
    let connector = aws_smithy_runtime_api::client::http::SharedHttpConnector::new(http);
    let sender = Unsigned::new(&url, connector).unwrap();
    let builder = endpoint(&lab.path(), in_mode(Mode::RecordMissing)).sender(Arc::new(sender));
    let running = start(builder).await;
    let client = sdk(&running.url());
    let call = client.converse().model_id(HAIKU).messages(user("hello"));
    let error = call.send().await.unwrap_err();
    let typed = error.as_service_error().unwrap();
    assert!(typed.is_service_unavailable_exception(), "{typed:?}");
    assert!(typed.message().unwrap().contains("refused"), "{typed:?}");
    running.stop().await.unwrap();
    let attempts = &lab.stored()[0].exchange.attempts;
    assert_eq!(attempts.len(), 3);
    for attempt in attempts {
        let Outcome::Fault(fault) = &attempt.outcome else {
            panic!("{attempt:?}")
        };
        assert_eq!(fault.kind, FaultKind::Refused);
    }
}

#[tokio::test]
async fn half_an_answer_is_a_typed_error_and_stays_marked() {
    let lab = Lab::new("reset=1; times=1").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let answer = send(running.addr(), &post(&hello())).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("half an answer"), "{answer}");
    running.stop().await.unwrap();
    let stored = lab.stored();
    let response = stored[0].exchange.attempts[0].response().unwrap();
    assert!(matches!(response.ending, Ending::Broken(_)), "{response:?}");
}

#[tokio::test]
async fn what_was_never_sent_is_not_tried_again() {
    let lab = Lab::new("").await;
    let nobody = |_| {
        let error = ConnectorError::user("no credentials were found".into());
        HttpConnectorFuture::ready(Err(error))
    };
    let sender = Unsigned::new("http://127.0.0.1:1", connector(nobody)).unwrap();
    let builder = endpoint(&lab.path(), in_mode(Mode::RecordMissing)).sender(Arc::new(sender));
    let running = start(builder).await;
    let client = sdk(&running.url());
    let call = client.converse().model_id(HAIKU).messages(user("hello"));
    let error = call.send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_validation_exception());
    let text = DisplayErrorContext(error).to_string();
    assert!(text.contains("no credentials were found"), "{text}");
    let summary = running.stop().await.unwrap();
    assert_eq!((summary.recorded, summary.refused), (0, 1));
    assert!(!lab.path().exists(), "a cassette of nothing");
}

#[tokio::test]
async fn the_first_frame_reaches_the_client_before_the_last_is_sent() {
    let lab = Lab::new("event-ms=200").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let mut client = connect(running.addr()).await;
    client.write_all(stream_request().as_bytes()).await.unwrap();
    let mut bytes = vec![0; 64 * 1024];
    let mut arrived = String::new();
    while !arrived.contains("messageStart") {
        let read = soon(client.read(&mut bytes)).await.unwrap();
        assert!(read > 0, "{arrived}");
        arrived.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    assert!(!arrived.contains("messageStop"), "{arrived}");
    let rest = read_to_end(&mut client).await;
    assert!(rest.contains("metadata") && rest.ends_with("0\r\n\r\n"));
}

fn stream_request() -> String {
    let hello = hello();
    let length = hello.len();
    format!(
        "POST /model/{HAIKU}/converse-stream HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{hello}"
    )
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_stream_leaves_a_marked_recording() {
    let lab = Lab::new("event-ms=20").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let mut client = connect(running.addr()).await;
    client.write_all(stream_request().as_bytes()).await.unwrap();
    let mut bytes = [0; 512];
    soon(client.read(&mut bytes)).await.unwrap();
    drop(client);
    // The endpoint notices, whatever the simulator still sends.
    let noticed = async {
        while running.summary().unwrap().unanswered == 0 || !has_ended(&lab) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(noticed).await;
    running.stop().await.unwrap();
    let stored = lab.stored();
    let response = stored[0].exchange.attempts[0].response().unwrap();
    assert_eq!(response.ending, Ending::Abandoned);

    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let answer = send(replaying.addr(), &stream_request()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "it looks whole: {answer}");
}

fn has_ended(lab: &Lab) -> bool {
    let reader = bedrock_replay::cassette::Reader::open(&lab.path());
    reader.is_ok_and(|reader| reader.len().is_ok_and(|length| length == 1))
}

#[tokio::test]
async fn a_client_that_stops_waiting_is_recorded_as_one_that_gave_up() {
    let lab = Lab::new("latency-ms=60000").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let mut client = connect(running.addr()).await;
    client.write_all(post(&hello()).as_bytes()).await.unwrap();
    while lab.served() == 0 {
        tokio::task::yield_now().await;
    }
    drop(client);
    let noticed = async {
        while !has_ended(&lab) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(noticed).await;
    running.stop().await.unwrap();
    let Outcome::Fault(fault) = lab.stored()[0].exchange.attempts[0].outcome.clone() else {
        panic!("an answer?")
    };
    assert_eq!(fault.kind, FaultKind::GivenUp);
    // Replayed, the client is not made to wait for its own time-out.
    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    assert_eq!(send(replaying.addr(), &post(&hello())).await, "");
}

#[tokio::test]
async fn a_recorded_reset_is_a_reset_again() {
    let lab = Lab::new("reset=0").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let answer = send(running.addr(), &post(&hello())).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    running.stop().await.unwrap();
    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let answer = send(replaying.addr(), &post(&hello())).await;
    assert_eq!(answer, "[ConnectionReset]");
}

#[tokio::test]
async fn a_stream_that_was_reset_gives_its_frames_and_then_a_reset() {
    let lab = Lab::new("reset=3").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let live = send(running.addr(), &stream_request()).await;
    assert!(live.contains("messageStart"), "{live}");
    running.stop().await.unwrap();
    let replaying = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let answer = send(replaying.addr(), &stream_request()).await;
    assert!(answer.contains("messageStart"), "{answer}");
    assert!(answer.ends_with("[ConnectionReset]"), "{answer}");
}

#[tokio::test]
async fn a_stream_is_replayed_at_its_recorded_pace_where_that_is_asked_for() {
    let lab = Lab::new("event-ms=30").await;
    let running = start(recorder(&lab, Mode::RecordMissing)).await;
    let live = send(running.addr(), &stream_request()).await;
    running.stop().await.unwrap();
    let options = PlaybackOptions {
        pace: Pace::Times(0.5),
        ..in_mode(Mode::Replay)
    };
    let replaying = start(endpoint(&lab.path(), options)).await;
    let mut client = connect(replaying.addr()).await;
    client.write_all(stream_request().as_bytes()).await.unwrap();
    let mut bytes = vec![0; 64 * 1024];
    let read = soon(client.read(&mut bytes)).await.unwrap();
    let first = String::from_utf8_lossy(&bytes[..read]).into_owned();
    assert!(!first.contains("metadata"), "all at once");
    let rest = read_to_end(&mut client).await;
    let frames = |text: &str| text.matches("contentBlockDelta").count();
    assert_eq!(frames(&first) + frames(&rest), frames(&live));
}

#[tokio::test]
async fn passthrough_sends_everything_on_and_writes_nothing() {
    let lab = Lab::new("").await;
    let running = start(recorder(&lab, Mode::Passthrough)).await;
    let answer = send(running.addr(), &post(&hello())).await;
    assert!(answer.contains("x-bedrock-replay: passed\r\n"), "{answer}");
    let unknown = "GET /foundation-models HTTP/1.1\r\nhost: localhost\r\n\r\n";
    assert!(
        send(running.addr(), unknown)
            .await
            .starts_with("HTTP/1.1 404")
    );
    running.stop().await.unwrap();
    assert!(!lab.path().exists());
}

#[tokio::test]
async fn the_upstream_sees_neither_scope_nor_token_nor_the_clients_connection() {
    let folder = tempfile::tempdir().unwrap();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let answering = connector(move |request| {
        let mut seen = noted.lock().unwrap();
        seen.push(request.uri().to_owned());
        let names = request.headers().iter();
        seen.extend(names.map(|(name, value)| format!("{name}: {value}")));
        let answer = response(
            200,
            &[("content-type", "application/json")],
            converse_answer("hi"),
        );
        HttpConnectorFuture::ready(Ok(answer))
    });
    let sender = Unsigned::new("http://127.0.0.1:9/base", answering).unwrap();
    let path = folder.path().join("a.sqlite");
    let builder = endpoint(&path, in_mode(Mode::RecordMissing)).sender(Arc::new(sender));
    let running = start(builder).await;
    let hello = hello();
    let request = format!(
        "POST /scope/secret-scope/model/a%3A0/converse HTTP/1.1\r\nhost: localhost\r\nx-bedrock-replay-scope: other\r\nx-amzn-bedrock-trace: ENABLED\r\nauthorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/bedrock/aws4_request, Signature=0\r\ncontent-length: {}\r\n\r\n{hello}",
        hello.len()
    );
    let answer = send(running.addr(), &request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    running.stop().await.unwrap();
    let seen = seen.lock().unwrap().join("\n");
    assert!(
        seen.starts_with("http://127.0.0.1:9/base/model/a%3A0/converse"),
        "{seen}"
    );
    assert!(seen.contains("x-amzn-bedrock-trace: ENABLED"), "{seen}");
    for hidden in ["scope", "localhost", "AKIA"] {
        assert!(!seen.contains(hidden), "{seen}");
    }
    let stored = crate::lab::stored(&path);
    assert_eq!(stored[0].exchange.request.origin.host, "127.0.0.1:9");
    assert_eq!(
        stored[0].exchange.request.origin.region.as_deref(),
        Some("eu-west-1")
    );
}
