//! Streams while they are recorded, and the pace at which they are replayed. All time is
//! tokio's paused clock: nothing here measures the machine's.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::ConverseStreamOutput as StreamEvent;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use aws_smithy_types::body::SdkBody;
use bedrock_replay::client::CassetteOptions;
use bedrock_replay::clock::Clock;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Ending;
use bedrock_replay::playback::{Pace, Unused};
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::lab::{
    HAIKU, config, converse_answer, converse_frames, event_name, impatient, response, soon, stored,
    upstream, user,
};

/// What a test puts into an answer's body, part by part.
type Parts = UnboundedSender<Result<Bytes, BoxError>>;

struct Channel(UnboundedReceiver<Result<Bytes, BoxError>>);

impl Body for Channel {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let part = std::task::ready!(self.0.poll_recv(context));
        Poll::Ready(part.map(|part| part.map(Frame::data)))
    }
}

/// An upstream whose only answer has a body that the test writes.
fn written(headers: &'static [(&str, &str)]) -> (SharedHttpClient, Parts) {
    let (parts, received) = unbounded_channel();
    let body = std::sync::Mutex::new(Some(Channel(received)));
    let client = upstream(move |_| {
        let body = SdkBody::from_body_1_x(body.lock().unwrap().take().unwrap());
        HttpConnectorFuture::ready(Ok(response(200, headers, body)))
    });
    (client, parts)
}

/// The machine's date, and tokio's time.
#[derive(Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> jiff::Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("a.sqlite")
    }

    fn options(&self, mode: Mode) -> CassetteOptions {
        Cassette::options(self.path())
            .mode(mode)
            .environment(Environment::default())
            .unused(Unused::Ok)
            .clock(TokioClock(Instant::now()))
    }
}

fn client(cassette: &Cassette, inner: SharedHttpClient) -> Client {
    let config = impatient(config()).endpoint_url("http://127.0.0.1:1");
    Client::from_conf(cassette.configure(config, inner).build())
}

fn no_upstream() -> SharedHttpClient {
    upstream(|_| panic!("a replay asked for a connection"))
}

async fn ask(client: &Client) -> Result<ConverseStreamOutput, String> {
    let call = client.converse_stream().model_id(HAIKU);
    let call = call.messages(user("one")).send().await;
    call.map_err(|error| format!("{error:?}"))
}

fn count(path: &Path) -> usize {
    stored(path).len()
}

#[tokio::test]
async fn the_caller_gets_each_event_before_the_next_one_is_sent() {
    let folder = Folder::new();
    let cassette = folder.options(Mode::RecordMissing).open().unwrap();
    let (upstream, parts) = written(&[]);
    let client = client(&cassette, upstream);
    let frames = converse_frames(&["one", "two"]);

    parts.send(Ok(frames[0].clone())).unwrap();
    let mut output = soon(ask(&client)).await.unwrap();
    for (index, frame) in frames.iter().enumerate() {
        if index > 0 {
            parts.send(Ok(frame.clone())).unwrap();
        }
        assert_eq!(count(&folder.path()), 0, "not whole, not recorded");
        let event = soon(output.stream.recv()).await.unwrap().unwrap();
        if matches!(event, StreamEvent::Metadata(_)) {
            assert_eq!(index + 1, frames.len());
        }
    }
    // The server has not ended the body, and yet the stream is whole and on disk.
    let exchanges = stored(&folder.path());
    assert_eq!(exchanges.len(), 1);
    let response = exchanges[0].exchange.attempts[0].response().unwrap();
    assert_eq!(response.ending, Ending::Complete);
    assert_eq!(response.body.bytes, frames.concat());
    assert_eq!(response.body.chunks.len(), frames.len());
    drop(parts);
    assert!(soon(output.stream.recv()).await.unwrap().is_none());
}

/// Bytes after the last event make a stream broken: what was stored as whole is taken back.
#[tokio::test]
async fn bytes_that_trail_a_whole_stream_mark_it() {
    let folder = Folder::new();
    let cassette = folder.options(Mode::RecordMissing).open().unwrap();
    let (upstream, parts) = written(&[]);
    let client = client(&cassette, upstream);
    for frame in converse_frames(&["one"]) {
        parts.send(Ok(frame)).unwrap();
    }
    parts.send(Ok(Bytes::from_static(b"and more"))).unwrap();
    drop(parts);
    let mut output = ask(&client).await.unwrap();
    while let Ok(Some(_)) = output.stream.recv().await {}
    drop((output, client));
    cassette.finish().unwrap();
    let exchanges = stored(&folder.path());
    assert_eq!(
        (exchanges.len(), exchanges[0].exchange.attempts.len()),
        (1, 1)
    );
    let response = exchanges[0].exchange.attempts[0].response().unwrap();
    assert_eq!(response.ending, Ending::Truncated);
}

/// The server dies between a stream's last event and the end of its body: the answer was paid
/// for and is whole, and is not paid for again.
#[tokio::test]
async fn a_connection_that_breaks_after_the_last_event_takes_nothing_back() {
    let folder = Folder::new();
    let cassette = folder.options(Mode::RecordMissing).open().unwrap();
    let (upstream, parts) = written(&[]);
    let client = client(&cassette, upstream);
    for frame in converse_frames(&["one"]) {
        parts.send(Ok(frame)).unwrap();
    }
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    parts.send(Err(reset.into())).unwrap();
    let mut output = ask(&client).await.unwrap();
    let broken = loop {
        match output.stream.recv().await {
            Ok(Some(_)) => {}
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken, "the caller is told");
    drop((output, client));
    cassette.finish().unwrap();
    let exchanges = stored(&folder.path());
    let response = exchanges[0].exchange.attempts[0].response().unwrap();
    assert_eq!(response.ending, Ending::Complete);
}

#[tokio::test]
async fn a_unary_answer_is_on_disk_before_the_caller_has_it() {
    for headers in [&[][..], &[("content-length", "LENGTH")]] {
        let folder = Folder::new();
        let cassette = folder.options(Mode::RecordMissing).open().unwrap();
        let body = converse_answer("hello");
        let length = body.len().to_string();
        let headers: Vec<(&'static str, String)> = headers
            .iter()
            .map(|(name, _): &(&'static str, &str)| (*name, length.clone()))
            .collect();
        let server = upstream(move |_| {
            let lines: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            HttpConnectorFuture::ready(Ok(response(200, &lines, body.clone())))
        });
        let client = client(&cassette, server);
        let call = client.converse().model_id(HAIKU).messages(user("one"));
        call.send().await.unwrap();
        assert_eq!(count(&folder.path()), 1);
    }
}

#[tokio::test]
async fn an_empty_body_is_recorded_and_replayed() {
    for headers in [&[][..], &[("content-length", "0")]] {
        let folder = Folder::new();
        for mode in [Mode::RecordMissing, Mode::Replay] {
            let cassette = folder.options(mode).open().unwrap();
            let lines: &'static [(&str, &str)] = headers;
            let server =
                upstream(move |_| HttpConnectorFuture::ready(Ok(response(200, lines, ""))));
            let client = client(&cassette, server);
            let call = client
                .invoke_model()
                .model_id(HAIKU)
                .body(Vec::new().into());
            let output = call.send().await.unwrap();
            assert!(output.body().as_ref().is_empty(), "{mode}");
        }
        let exchanges = stored(&folder.path());
        let response = exchanges[0].exchange.attempts[0].response().unwrap();
        assert_eq!(response.ending, Ending::Complete);
    }
}

/// A body in good order may be longer than its headers say: a proxy unpacked it. One that is
/// shorter is never whole.
#[tokio::test]
async fn a_length_that_does_not_hold_is_judged_by_its_side() {
    let body = converse_answer("hello");
    for (announced, ending) in [
        (body.len() - 10, Ending::Complete),
        (body.len(), Ending::Complete),
        (body.len() + 10, Ending::Truncated),
    ] {
        let folder = Folder::new();
        let cassette = folder.options(Mode::RecordMissing).open().unwrap();
        let (body, length) = (body.clone(), announced.to_string());
        let server = upstream(move |_| {
            let (first, rest) = body.split_at(announced.min(body.len()) - 5);
            let (parts, received) = unbounded_channel();
            for part in [first, &rest[..5], &rest[5..]] {
                parts
                    .send(Ok(Bytes::copy_from_slice(part.as_bytes())))
                    .unwrap();
            }
            let body = SdkBody::from_body_1_x(Channel(received));
            let answer = response(200, &[("content-length", &length)], body);
            HttpConnectorFuture::ready(Ok(answer))
        });
        let client = client(&cassette, server);
        let call = client.converse().model_id(HAIKU).messages(user("one"));
        call.send().await.unwrap();
        let exchanges = stored(&folder.path());
        let response = exchanges[0].exchange.attempts[0].response().unwrap();
        assert_eq!(response.ending, ending, "{announced} announced");
        assert_eq!(response.body.bytes.len(), converse_answer("hello").len());
    }
}

const BEFORE_HEADERS: Duration = Duration::from_millis(700);
const BETWEEN: Duration = Duration::from_millis(150);

/// An upstream that takes its time, by tokio's clock; `cut` frames are sent before the
/// connection breaks.
fn slow(cut: Option<usize>) -> SharedHttpClient {
    upstream(move |_| {
        let (parts, received) = unbounded_channel();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(BEFORE_HEADERS).await;
            tokio::spawn(async move {
                let frames = converse_frames(&["one", "two"]);
                for frame in frames.iter().take(cut.unwrap_or(frames.len())) {
                    tokio::time::sleep(BETWEEN).await;
                    let _ = parts.send(Ok(frame.clone()));
                }
                if cut.is_some() {
                    tokio::time::sleep(BETWEEN).await;
                    let _ = parts.send(Err(std::io::Error::from(
                        std::io::ErrorKind::ConnectionReset,
                    )
                    .into()));
                }
            });
            Ok(response(
                200,
                &[],
                SdkBody::from_body_1_x(Channel(received)),
            ))
        })
    })
}

/// When each event, and the end, was received, counted from the call.
async fn times(client: &Client) -> Vec<(String, Duration)> {
    let began = Instant::now();
    let mut output = ask(client).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let event = output.stream.recv().await;
        let name = match &event {
            Ok(Some(event)) => event_name(event),
            Ok(None) => "end".to_owned(),
            Err(_) => "failure".to_owned(),
        };
        let is_last = !matches!(event, Ok(Some(_)));
        seen.push((name, began.elapsed()));
        if is_last {
            return seen;
        }
    }
}

async fn assert_paces(cut: Option<usize>) {
    let folder = Folder::new();
    let cassette = folder.options(Mode::RecordMissing).open().unwrap();
    let recorded = times(&client(&cassette, slow(cut))).await;
    cassette.finish().unwrap();
    assert_eq!(recorded[0].1, BEFORE_HEADERS + BETWEEN);
    assert_eq!(recorded[1].1, BEFORE_HEADERS + 2 * BETWEEN);

    for (pace, factor) in [
        (Pace::Instant, 0.0),
        (Pace::Recorded, 1.0),
        (Pace::Times(0.5), 0.5),
        (Pace::Times(4.0), 4.0),
        (Pace::Times(f64::NAN), 0.0),
    ] {
        let cassette = folder.options(Mode::Replay).pace(pace).open().unwrap();
        let replayed = times(&client(&cassette, no_upstream())).await;
        let expected: Vec<(String, Duration)> = recorded
            .iter()
            .map(|(name, at)| (name.clone(), at.mul_f64(factor)))
            .collect();
        assert_eq!(replayed, expected, "{pace:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_replayed_at_once_as_recorded_or_at_a_multiple() {
    assert_paces(None).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_broke_breaks_when_it_did() {
    assert_paces(Some(3)).await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_comes_when_it_came() {
    let folder = Folder::new();
    let cassette = folder.options(Mode::RecordMissing).open().unwrap();
    let refused = upstream(|_| {
        HttpConnectorFuture::new(async {
            tokio::time::sleep(BEFORE_HEADERS).await;
            let error = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
            Err(aws_smithy_runtime_api::client::result::ConnectorError::io(
                error.into(),
            ))
        })
    });
    ask(&client(&cassette, refused)).await.unwrap_err();
    cassette.finish().unwrap();
    for (pace, expected) in [
        (Pace::Instant, Duration::ZERO),
        (Pace::Recorded, BEFORE_HEADERS),
        (Pace::Times(2.0), 2 * BEFORE_HEADERS),
    ] {
        let cassette = folder.options(Mode::Replay).pace(pace).open().unwrap();
        let began = Instant::now();
        ask(&client(&cassette, no_upstream())).await.unwrap_err();
        assert_eq!(began.elapsed(), expected, "{pace:?}");
    }
}
