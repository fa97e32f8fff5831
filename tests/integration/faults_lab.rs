//! A server that fails as it is told, and a call of it in every mode.
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
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Ending, Outcome};
use bedrock_replay::playback::{Attempts, Unused};
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::lab::{Glass, HAIKU, config, converse_answer, stored, upstream, user};

/// What a server does with one request.
#[derive(Debug, Clone)]
pub enum Act {
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
pub struct Told {
    pub error: String,
    pub events: usize,
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

pub async fn unary(client: &Client) -> Told {
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
pub struct Trial {
    acts: Vec<Act>,
    timeouts: TimeoutConfig,
    /// After how many events a stream is read on only when the server has gone on; `None` for
    /// a unary call.
    pause: Option<usize>,
    folder: tempfile::TempDir,
}

/// What was seen of a fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    pub told: Told,
    pub transmissions: usize,
}

impl Trial {
    pub fn unary(acts: impl Into<Vec<Act>>) -> Self {
        Self {
            acts: acts.into(),
            timeouts: TimeoutConfig::disabled(),
            pause: None,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn streamed(acts: impl Into<Vec<Act>>, pause: usize) -> Self {
        let mut trial = Self::unary(acts);
        trial.pause = Some(pause);
        trial
    }

    pub fn with(mut self, timeouts: TimeoutConfig) -> Self {
        self.timeouts = timeouts;
        self
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("a.sqlite")
    }

    pub fn settings(&self, url: &str) -> Builder {
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

    pub async fn replayed(&self, attempts: Attempts) -> Report {
        let cassette = open(&self.path(), Mode::Replay, attempts);
        replay(
            &cassette,
            self.settings("http://127.0.0.1:1"),
            |client| async move { self.call(&client, &Notify::new()).await },
        )
        .await
    }

    /// The same fault in every mode.
    pub async fn compare(&self) -> String {
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

pub fn open(path: &Path, mode: Mode, attempts: Attempts) -> Cassette {
    let options = Cassette::options(path).mode(mode).attempts(attempts);
    let options = options
        .unused(Unused::Ok)
        .environment(Environment::default());
    options.open().unwrap()
}

pub fn outcome_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Fault(fault) => fault.to_string(),
        Outcome::Response(response) => match &response.ending {
            Ending::Broken(fault) => format!("{}, then {fault}", response.status),
            ending => format!("{} {ending:?}", response.status),
        },
    }
}

/// Long enough for a loaded machine to open a connection.
pub const SHORT: Duration = Duration::from_millis(400);
/// Long enough for it to answer.
pub const LONG: Duration = Duration::from_secs(2);
