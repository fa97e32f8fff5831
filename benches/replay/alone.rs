//! What replaying a cassette takes by itself: the time of one decision, from a request's parts to
//! the recorded answer, and the memory of a process that does nothing else.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bedrock_replay::cassette::Reader;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Operation, Request, RequestParts};
use bedrock_replay::playback::{Decision, Playback, Unused};
use bedrock_replay::{Cassette, Mode, Scope};

use crate::paired::percentile;
use crate::recordings;

/// The word before the cassette's path.
pub const FLAG: &str = "--alone";
/// Decisions that are measured.
const DECISIONS: usize = 20_000;

/// Measures in a process of its own, whose memory nothing else has used.
pub fn in_a_process(path: &Path) {
    let this = std::env::current_exe().unwrap();
    let status = Command::new(this).arg(FLAG).arg(path).status().unwrap();
    assert!(status.success());
}

/// Measures here.
pub fn measure(path: &Path) {
    let exchanges = usize::try_from(Reader::open(path).unwrap().len().unwrap()).unwrap();
    let options = Cassette::options(path)
        .mode(Mode::Replay)
        .unused(Unused::Ok);
    let cassette = options.environment(Environment::default()).open().unwrap();
    println!("\none decision, {exchanges} exchanges       median        p99");
    for operation in [Operation::Converse, Operation::ConverseStream] {
        let times: Vec<f64> = (0..DECISIONS)
            .map(|number| {
                if number % (exchanges / 2) == 0 {
                    cassette.playback().reset(&Scope::default());
                }
                let number = number * 7_919 % (exchanges / 2);
                decide(cassette.playback(), operation, number).as_secs_f64() * 1e6
            })
            .collect();
        let [median, slow] = [0.5, 0.99].map(|share| percentile(&times, share));
        println!("  {:<30} {median:>7.1} µs {slow:>7.1} µs", operation.name());
    }
    recordings::report_memory();
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn decide(playback: &Playback, operation: Operation, number: usize) -> Duration {
    let request = recordings::request(operation, number);
    let path = request.target.path_and_query();
    let scope = Scope::default();
    let start = std::time::Instant::now();
    let request = Request::read(RequestParts {
        method: "POST",
        path_and_query: &path,
        host: "127.0.0.1:4566",
        headers: vec![
            ("content-type", "application/json"),
            ("content-length", "492"),
            ("host", "127.0.0.1:4566"),
            ("user-agent", "Boto3/1.40"),
            ("authorization", "Bearer none"),
            ("amz-sdk-request", "attempt=1"),
        ],
        body: request.body,
    });
    let decision = playback.decide(request.unwrap(), &scope).unwrap();
    let taken = start.elapsed();
    assert!(matches!(decision, Decision::Replay(_)));
    taken
}
