//! Cassettes of a given size, and what opening one costs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrock_replay::cassette::{
    KeyedBy, Keys, Occupied, Place, Put, Reader, Session, Slot, Writer, pack,
};
use bedrock_replay::exchange::{
    Attempt, Body, Ending, Frame, Headers, Operation, Origin, Outcome, Provenance, Request,
    Response, Target,
};
use bedrock_replay::identity::{CANONICAL_VERSION, MatchOn, RequestKey};
use bytes::Bytes;

pub const MODEL: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
pub const SYSTEM: &str = "You are a Socratic tutor. Ask exactly one open question a turn, build it on the student's own words, and never give the answer away.";
const ANSWER: &str = "You say that a promise binds only while both sides gain from it. Think of a promise that you kept although it had become costly to you: what, in that moment, made you keep it, if not the gain?";

/// The n-th prompt.
pub fn prompt(number: usize) -> String {
    format!(
        "I think that rule number {number} is just because everybody agreed to it, and a rule that everybody agreed to cannot be unjust."
    )
}

/// The body of a Converse answer.
pub fn converse_body() -> String {
    format!(
        r#"{{"metrics":{{"latencyMs":812}},"output":{{"message":{{"content":[{{"text":"{ANSWER}"}}],"role":"assistant"}}}},"stopReason":"end_turn","usage":{{"inputTokens":311,"outputTokens":47,"totalTokens":358}}}}"#
    )
}

/// The body of a ConverseStream answer.
pub fn stream_body() -> Vec<u8> {
    stream_frames().concat()
}

/// The frames of a ConverseStream answer, one for each word.
pub fn stream_frames() -> Vec<Bytes> {
    let mut frames = vec![Frame::event(
        "messageStart",
        r#"{"p":"abcdef","role":"assistant"}"#,
    )];
    for word in ANSWER.split_inclusive(' ') {
        let payload =
            format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{word}"}},"p":"abcdefghijkl"}}"#);
        frames.push(Frame::event("contentBlockDelta", payload));
    }
    frames.push(Frame::event(
        "contentBlockStop",
        r#"{"contentBlockIndex":0,"p":"abc"}"#,
    ));
    frames.push(Frame::event(
        "messageStop",
        r#"{"p":"ab","stopReason":"end_turn"}"#,
    ));
    frames.push(Frame::event(
        "metadata",
        r#"{"metrics":{"latencyMs":812},"p":"abcd","usage":{"inputTokens":311,"outputTokens":47,"totalTokens":358}}"#,
    ));
    frames.iter().map(|frame| frame.encode().unwrap()).collect()
}

/// The content type of an answer.
pub fn content_type(operation: Operation) -> &'static str {
    if operation.is_stream() {
        "application/vnd.amazon.eventstream"
    } else {
        "application/json"
    }
}

/// The n-th request.
pub fn request(operation: Operation, number: usize) -> Request {
    let body = format!(
        r#"{{"inferenceConfig":{{"maxTokens":200,"temperature":0.7}},"messages":[{{"content":[{{"text":"{}"}}],"role":"user"}}],"system":[{{"text":"{SYSTEM}"}}]}}"#,
        prompt(number)
    );
    Request {
        target: Target::model_call(operation, MODEL),
        headers: Headers::of_request([("content-type", "application/json")]),
        body: body.into(),
        origin: Origin::of_host("bedrock-runtime.us-east-1.amazonaws.com"),
        invocation: None,
    }
}

fn answer(operation: Operation) -> Attempt {
    let bytes = if operation.is_stream() {
        stream_body()
    } else {
        converse_body().into_bytes()
    };
    let headers = [
        ("content-type", content_type(operation)),
        ("date", "Sun, 04 Jan 2026 10:00:00 GMT"),
        ("x-amzn-requestid", "4b1f7e0a-52a5-4d6e-9a39-0d2f6b7c8d9e"),
    ];
    Attempt {
        outcome: Outcome::Response(Response {
            status: 200,
            headers: Headers::of_response(headers),
            body: Body::whole(bytes),
            ending: Ending::Complete,
        }),
        first_byte: Duration::from_millis(800),
        total: Duration::from_millis(812),
    }
}

/// A cassette of so many exchanges, half of them streams: the one that is there, or a new one.
pub fn cassette(folder: &Path, exchanges: usize) -> PathBuf {
    let path = folder.join(format!("{exchanges}.sqlite"));
    if !path.exists() {
        record(&path, exchanges);
        pack(&path, &Keys::AsTheyAre).unwrap();
    }
    let bytes = std::fs::metadata(&path).unwrap().len();
    let opening = opening(&path);
    println!("{exchanges} exchanges: {bytes} bytes packed, opened in {opening:?}");
    path
}

fn record(path: &Path, exchanges: usize) {
    let keyed_by = KeyedBy {
        canonical_version: CANONICAL_VERSION,
        match_on: MatchOn::new().to_string(),
    };
    let session = Session {
        started_at: "2026-01-04T10:00:00Z".parse().unwrap(),
        tool_version: "bench".into(),
        largest: None,
    };
    let writer = Writer::open(path, &keyed_by, session).unwrap();
    let mut pending = Vec::new();
    for number in 0..exchanges / 2 {
        for operation in [Operation::Converse, Operation::ConverseStream] {
            pending.push(writer.put(put(operation, number)));
        }
    }
    for pending in pending {
        pending.wait().unwrap();
    }
}

fn put(operation: Operation, number: usize) -> Put {
    let request = request(operation, number);
    Put {
        call: (2 * number + 1 + usize::from(operation.is_stream())) as u64,
        slot: Slot {
            key: RequestKey::of(&request, &MatchOn::new()),
            scope: String::new(),
            occurrence: 0,
        },
        place: Place::First(Occupied::ReplaceUnlessAnswer),
        request,
        provenance: Provenance::Simulated,
        attempt: answer(operation),
    }
}

/// How long opening takes: the median of some tries.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn opening(path: &Path) -> Duration {
    let mut taken: Vec<Duration> = (0..21)
        .map(|_| {
            let start = std::time::Instant::now();
            Reader::open(path).unwrap();
            start.elapsed()
        })
        .collect();
    taken.sort();
    taken[10]
}

/// Prints the most memory that this process has used.
pub fn report_memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    println!("\n{}", line.unwrap_or("VmHWM unknown"));
}
