//! What goes wrong between SDK and server is recorded, and goes wrong again in the same way.
//!
//! Each fault is met three times: by a client without a cassette, by one that records, and by
//! one that replays. All three must see the same error after the same transmissions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::error::SdkError;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bedrock_replay::cassette::StoredExchange;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Ending, Fault, Outcome};
use bedrock_replay::playback::{Attempts, Unused};
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

use crate::lab::{
    CountedSleep, Glass, HAIKU, config, converse_answer, converse_frames, response, stored,
    upstream, user,
};

/// What a server does with one request.
#[derive(Debug, Clone)]
enum Act {
    Answer(String),
    Error(u16, &'static str),
    /// The connection is reset in place of an answer.
    Reset,
    /// The connection is closed in good order in place of an answer.
    Close,
    /// No answer comes, and the connection stays.
    Silence,
    /// Half a body, then a reset once the client has it.
    HalfThenReset,
    /// Half a body, then the connection is closed in good order.
    HalfThenClose,
    /// A stream's frames so far; then a reset once the client has the last.
    FramesThenReset(Vec<Bytes>),
    /// A stream's frames, and a clean end.
    Frames(Vec<Bytes>),
}

/// A server on loopback that does as it is told, one act a connection's request; the last act
/// is repeated.
struct Server {
    url: String,
    taken: Arc<AtomicUsize>,
}

impl Server {
    async fn start(acts: Vec<Act>, received: Arc<Notify>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acts, counter) = (acts.clone(), Arc::clone(&counter));
                let received = Arc::clone(&received);
                tokio::spawn(async move { serve(socket, &acts, &counter, &received).await });
            }
        });
        Self { url, taken }
    }

    fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

async fn serve(mut socket: TcpStream, acts: &[Act], taken: &AtomicUsize, received: &Notify) {
    if read_request(&mut socket).await.is_none() {
        return;
    }
    let number = taken.fetch_add(1, Ordering::SeqCst);
    let act = acts.get(number).or(acts.last()).unwrap();
    match act {
        Act::Answer(body) => write_answer(&mut socket, "200 OK", "", body, body.len()).await,
        Act::Error(status, name) => {
            let line = format!("x-amzn-errortype: {name}\r\n");
            let body = r#"{"message":"why"}"#;
            write_answer(&mut socket, &format!("{status} E"), &line, body, body.len()).await;
        }
        Act::Reset => reset(&socket),
        Act::Close => {}
        Act::Silence => std::future::pending().await,
        Act::HalfThenReset => {
            let body = converse_answer("half");
            write_answer(&mut socket, "200 OK", "", &body[..60], body.len()).await;
            received.notified().await;
            reset(&socket);
        }
        Act::HalfThenClose => {
            let body = converse_answer("half");
            write_answer(&mut socket, "200 OK", "", &body[..60], body.len()).await;
        }
        Act::FramesThenReset(frames) => {
            write_frames(&mut socket, frames).await;
            received.notified().await;
            reset(&socket);
        }
        Act::Frames(frames) => {
            write_frames(&mut socket, frames).await;
            socket.write_all(b"0\r\n\r\n").await.unwrap();
        }
    }
}

/// Reads to the end of a request; `None` where the client went away.
async fn read_request(socket: &mut TcpStream) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1);
            let length = length.map_or("0", |rest| rest.lines().next().unwrap());
            if body.len() >= length.parse().unwrap() {
                return Some(());
            }
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

async fn write_answer(
    socket: &mut TcpStream,
    status: &str,
    lines: &str,
    body: &str,
    length: usize,
) {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n{lines}content-length: {length}\r\n\r\n{body}"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
}

async fn write_frames(socket: &mut TcpStream, frames: &[Bytes]) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    for frame in frames {
        let size = format!("{:x}\r\n", frame.len());
        socket.write_all(size.as_bytes()).await.unwrap();
        socket.write_all(frame).await.unwrap();
        socket.write_all(b"\r\n").await.unwrap();
    }
}

fn reset(socket: &TcpStream) {
    socket.set_zero_linger().unwrap();
}

/// What a call came to, as the SDK tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    error: String,
    events: usize,
}

fn shape<E, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ConstructionFailure(_) => "ConstructionFailure".into(),
        SdkError::TimeoutError(_) => "TimeoutError".into(),
        SdkError::DispatchFailure(failure) => {
            let mut kinds = String::new();
            let is = [
                (failure.is_timeout(), "timeout"),
                (failure.is_io(), "io"),
                (failure.is_user(), "user"),
                (failure.is_other(), "other"),
            ];
            for (_, name) in is.iter().filter(|(is, _)| *is) {
                kinds.push_str(name);
            }
            if let Some(kind) = failure.as_other() {
                let _ = write!(kinds, " {kind:?}");
            }
            format!("DispatchFailure {kinds}")
        }
        SdkError::ResponseError(_) => "ResponseError".into(),
        SdkError::ServiceError(_) => "ServiceError".into(),
        _ => "unknown".into(),
    }
}

async fn unary(client: &Client) -> Told {
    let call = client.converse().model_id(HAIKU).messages(user("one"));
    let error = call
        .send()
        .await
        .map_or_else(|error| shape(&error), |_| "none".into());
    Told { error, events: 0 }
}

/// Reads a stream to its end; the server hears of the event that it waits for.
async fn streamed(client: &Client, pause: usize, received: &Notify) -> Told {
    let call = client
        .converse_stream()
        .model_id(HAIKU)
        .messages(user("one"));
    let mut output = match call.send().await {
        Ok(output) => output,
        Err(error) => {
            return Told {
                error: shape(&error),
                events: 0,
            };
        }
    };
    let mut events = 0;
    loop {
        match output.stream.recv().await {
            Ok(Some(_)) => events += 1,
            Ok(None) => {
                return Told {
                    error: "none".into(),
                    events,
                };
            }
            Err(error) => {
                return Told {
                    error: shape(&error),
                    events,
                };
            }
        }
        if events == pause {
            received.notify_one();
        }
    }
}

/// How a fault is brought about.
struct Trial {
    acts: Vec<Act>,
    timeouts: TimeoutConfig,
    /// After how many events a stream is read on only when the server has gone on; `None` for
    /// a unary call.
    pause: Option<usize>,
    folder: tempfile::TempDir,
}

/// What was seen of a fault.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    told: Told,
    transmissions: usize,
}

impl Trial {
    fn unary(acts: impl Into<Vec<Act>>) -> Self {
        Self {
            acts: acts.into(),
            timeouts: TimeoutConfig::disabled(),
            pause: None,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn streamed(acts: impl Into<Vec<Act>>, pause: usize) -> Self {
        let mut trial = Self::unary(acts);
        trial.pause = Some(pause);
        trial
    }

    fn with(mut self, timeouts: TimeoutConfig) -> Self {
        self.timeouts = timeouts;
        self
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("a.sqlite")
    }

    fn settings(&self, url: &str) -> Builder {
        config()
            .endpoint_url(url)
            .timeout_config(self.timeouts.clone())
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
    }

    async fn call(&self, client: &Client, received: &Notify) -> Told {
        match self.pause {
            None => unary(client).await,
            Some(pause) => streamed(client, pause, received).await,
        }
    }

    /// Without a cassette, or recording into one; counted at the server.
    async fn live(&self, mode: Mode) -> Report {
        let received = Arc::new(Notify::new());
        let server = Server::start(self.acts.clone(), Arc::clone(&received)).await;
        let network = aws_smithy_http_client::Builder::new().build_http();
        let mut glass = Glass::new(network);
        if self.pause.is_none() {
            glass = glass.telling(Arc::clone(&received));
        }
        let cassette = open(&self.path(), mode, Attempts::Outcome);
        let glass_client = SharedHttpClient::new(glass.clone());
        let settings = cassette.configure(self.settings(&server.url), glass_client);
        let client = Client::from_conf(settings.build());
        let told = self.call(&client, &received).await;
        let transmissions = glass.take().len();
        assert_eq!(server.taken(), transmissions);
        Report {
            told,
            transmissions,
        }
    }

    async fn replayed(&self, attempts: Attempts) -> Report {
        let cassette = open(&self.path(), Mode::Replay, attempts);
        replay(
            &cassette,
            self.settings("http://127.0.0.1:1"),
            |client| async move { self.call(&client, &Notify::new()).await },
        )
        .await
    }

    /// The same fault in every mode.
    async fn compare(&self) -> String {
        let plain = self.live(Mode::Passthrough).await;
        let recorded = self.live(Mode::RecordMissing).await;
        assert_eq!(recorded, plain, "recording changes nothing");
        let all = self.replayed(Attempts::All).await;
        assert_eq!(all, plain, "every attempt is replayed");
        let outcome = self.replayed(Attempts::Outcome).await;
        assert_eq!(outcome.told, plain.told, "the outcome is replayed");
        assert_eq!(outcome.transmissions, 1, "and at once");
        let exchanges = stored(&self.path());
        assert_eq!(exchanges.len(), 1, "retries are attempts of one exchange");
        let attempts = exchanges[0].exchange.attempts.iter();
        let attempts: Vec<String> = attempts
            .map(|attempt| outcome_text(&attempt.outcome))
            .collect();
        let Told { error, events } = plain.told;
        format!(
            "{}\nthe caller sees {events} events, then {error}",
            attempts.join("\n")
        )
    }
}

async fn replay<F: Future<Output = Told>>(
    cassette: &Cassette,
    settings: Builder,
    call: impl FnOnce(Client) -> F,
) -> Report {
    let nothing = upstream(|_| panic!("a replay asked for a connection"));
    let glass = Glass::new(cassette.http_client(nothing.clone()));
    let settings = cassette
        .configure(settings, nothing)
        .http_client(glass.clone());
    let told = call(Client::from_conf(settings.build())).await;
    Report {
        told,
        transmissions: glass.take().len(),
    }
}

fn open(path: &Path, mode: Mode, attempts: Attempts) -> Cassette {
    let options = Cassette::options(path).mode(mode).attempts(attempts);
    let options = options
        .unused(Unused::Ok)
        .environment(Environment::default());
    options.open().unwrap()
}

fn outcome_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Fault(fault) => fault.to_string(),
        Outcome::Response(response) => match &response.ending {
            Ending::Broken(fault) => format!("{}, then {fault}", response.status),
            ending => format!("{} {ending:?}", response.status),
        },
    }
}

/// Long enough for a loaded machine to open a connection.
const SHORT: Duration = Duration::from_millis(400);
/// Long enough for it to answer.
const LONG: Duration = Duration::from_secs(2);

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

#[tokio::test(start_paused = true)]
async fn a_replay_of_429s_sleeps_only_if_each_attempt_is_asked_for_and_then_for_no_time() {
    let trial = Trial::unary([]);
    let answers = AtomicUsize::new(0);
    let server = upstream(move |_| {
        let answer = match answers.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => response(429, &[("x-amzn-errortype", "ThrottlingException")], "{}"),
            _ => response(200, &[], converse_answer("hello")),
        };
        HttpConnectorFuture::ready(Ok(answer))
    });
    let cassette = open(&trial.path(), Mode::RecordMissing, Attempts::Outcome);
    let settings = cassette.configure(trial.settings("http://127.0.0.1:1"), server);
    assert_eq!(
        unary(&Client::from_conf(settings.build())).await.error,
        "none"
    );
    cassette.finish().unwrap();

    let began = tokio::time::Instant::now();
    for (attempts, transmissions) in [(Attempts::Outcome, 1), (Attempts::All, 3)] {
        assert_eq!(trial.replayed(attempts).await.transmissions, transmissions);
    }
    assert_eq!(began.elapsed(), Duration::ZERO);

    let cassette = open(&trial.path(), Mode::Replay, Attempts::All);
    let sleep = CountedSleep::default();
    let nothing = upstream(|_| panic!("a replay asked for a connection"));
    let settings = cassette.configure(trial.settings("http://127.0.0.1:1"), nothing);
    let client = Client::from_conf(settings.sleep_impl(sleep.clone()).build());
    assert_eq!(unary(&client).await.error, "none");
    let back_off = |slept: &Duration| *slept < Duration::from_secs(1);
    let slept = sleep.asked().into_iter().filter(back_off).count();
    assert_eq!(slept, 2, "back-off code runs, and is not waited for");
}

/// A replay may ask oftener than the recording did; the outcome stays the outcome.
#[tokio::test]
async fn more_attempts_than_were_recorded_get_the_outcome_again() {
    let trial = Trial::unary([]);
    let server = upstream(|_| {
        let headers = [("x-amzn-errortype", "ThrottlingException")];
        HttpConnectorFuture::ready(Ok(response(429, &headers, "{}")))
    });
    let cassette = open(&trial.path(), Mode::RecordMissing, Attempts::Outcome);
    let settings = trial.settings("http://127.0.0.1:1");
    let settings = settings.retry_config(RetryConfig::disabled());
    let client = Client::from_conf(cassette.configure(settings, server).build());
    assert_eq!(unary(&client).await.error, "ServiceError");
    drop(client);
    cassette.finish().unwrap();
    assert_eq!(stored(&trial.path())[0].exchange.attempts.len(), 1);
    let report = trial.replayed(Attempts::All).await;
    assert_eq!(
        (report.told.error.as_str(), report.transmissions),
        ("ServiceError", 3)
    );
}

/// The SDK lets all clients of a process share one budget of 500 tokens, and takes 5 and more
/// of it for a retry: 200 throttled calls would use it up.
#[tokio::test]
async fn many_replayed_retries_use_up_no_budget() {
    let trial = Trial::unary([]);
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let server = upstream(move |_| {
        let answer = match counter.fetch_add(1, Ordering::SeqCst) % 3 {
            0 | 1 => response(429, &[("x-amzn-errortype", "ThrottlingException")], "{}"),
            _ => response(200, &[], converse_answer("hello")),
        };
        HttpConnectorFuture::ready(Ok(answer))
    });
    let cassette = open(&trial.path(), Mode::RecordMissing, Attempts::Outcome);
    let settings = cassette.configure(trial.settings("http://127.0.0.1:1"), server);
    assert_eq!(
        unary(&Client::from_conf(settings.build())).await.error,
        "none"
    );
    cassette.finish().unwrap();

    for _ in 0..200 {
        let report = trial.replayed(Attempts::All).await;
        assert_eq!(
            (report.told.error.as_str(), report.transmissions),
            ("none", 3)
        );
    }
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

/// An answer that does not fit on disk is lost, and must not be paid for again by a retry.
#[tokio::test]
async fn nothing_more_is_sent_once_an_answer_could_not_be_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.sqlite");
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let server = upstream(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        let noise = hex::encode(
            (0..20_000)
                .flat_map(|index| mixed(index).to_be_bytes())
                .collect::<Vec<_>>(),
        );
        HttpConnectorFuture::ready(Ok(response(200, &[], converse_answer(&noise))))
    });
    let options = Cassette::options(&path)
        .mode(Mode::RecordMissing)
        .largest(100_000);
    let cassette = options.environment(Environment::default()).open().unwrap();
    let settings = Trial::unary([]).settings("http://127.0.0.1:1");
    let client = Client::from_conf(cassette.configure(settings, server).build());
    for _ in 0..2 {
        assert_eq!(unary(&client).await.error, "DispatchFailure user");
    }
    assert_eq!(sent.load(Ordering::SeqCst), 1);
    drop((client, cassette));
    assert!(!path.exists(), "a cassette of nothing");
}

/// Numbers in which no compressor finds a pattern.
pub const fn mixed(index: u64) -> u64 {
    let mut value = index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
