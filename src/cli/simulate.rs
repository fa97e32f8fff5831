//! `bedrock-replay simulate`: a stand-in Bedrock on a socket.

use std::net::SocketAddr;
use std::time::Duration;

use bedrock_replay::simulator::{ErrorFault, Faults, ListenError, Reach, Simulator};
use clap::{ArgAction, Args};

use super::exit_code;
use super::failure::Failure;
use super::listen::{address, say_where};
use super::stop::Requests;

/// Answer as Amazon Bedrock does, without a model, to try and test recordings.
///
/// Answers Converse, ConverseStream, InvokeModel, InvokeModelWithResponseStream, CountTokens
/// and ApplyGuardrail in the true wire format. Equal requests get equal answers. Every answer is
/// marked as simulated. Once it accepts connections it prints `listening on http://HOST:PORT`.
///
/// It plays the part that the system prompt names, or the first message where there is none:
/// "you are a tutor" (teacher, coach, mentor …, or the word "Socratic") asks questions, better
/// and worse ones by model and turn; "you are the student" (pupil, learner) answers them; "you
/// are a judge" (grader, examiner …), or a request for JSON with an `overall_score` or a
/// `verdict`, gives scores. "Act as", "play" and "the role of" do as well. To any other prompt
/// it quotes the last words and says that no model was asked.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Simulate {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = address)]
    listen: SocketAddr,

    /// Listen on an address that other machines reach
    #[arg(long, action = ArgAction::SetTrue)]
    allow_remote: bool,

    /// Another seed gives other answers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Answer the first N of equal requests with a throttling error
    #[arg(long, value_name = "N")]
    throttle: Option<u32>,

    /// Wait before each answer
    #[arg(long, value_name = "MS")]
    latency_ms: Option<u64>,

    /// Wait before each event of a stream
    #[arg(long, value_name = "MS")]
    event_ms: Option<u64>,

    /// Answer with this error; with @EVENTS, inside a stream after so many events
    #[arg(long, value_name = "NAME[@EVENTS]")]
    error: Option<ErrorFault>,

    /// End streams cleanly, but after so many events
    #[arg(long, value_name = "EVENTS")]
    cut: Option<usize>,

    /// Reset the connection: at once at 0, else after so many events or in the middle of a body
    #[arg(long, value_name = "EVENTS", num_args = 0..=1, default_missing_value = "0")]
    reset: Option<usize>,

    /// Send this frame of a stream, counted from 1, with a wrong checksum
    #[arg(long, value_name = "FRAME", value_parser = clap::value_parser!(u32).range(1..))]
    bad_crc: Option<u32>,

    /// Let the other faults befall only the first N equal requests
    #[arg(long, value_name = "N")]
    times: Option<u32>,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay simulate --listen 127.0.0.1:8080
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8080 aws bedrock-runtime converse …

  Throttle each request twice, then answer it slowly:
  bedrock-replay simulate --throttle 2 --event-ms 20

A single request asks for faults of its own by the header `x-bedrock-replay-fault`:
  throttle=2; times=1; latency-ms=50; event-ms=5; error=ModelStreamError@4; cut=3; reset; bad-crc=2";

impl Simulate {
    pub async fn run(self) -> Result<(), Failure> {
        let reach = if self.allow_remote {
            Reach::Anyone
        } else {
            Reach::Loopback
        };
        let mut requests = Requests::listen().map_err(Failure::general)?;
        let running = Simulator::builder()
            .seed(self.seed)
            .faults(self.faults())
            .reach(reach)
            .start(self.listen)
            .await
            .map_err(unheard)?;
        say_where(&running.url()).map_err(Failure::general)?;
        requests.next().await.map_err(Failure::general)?;
        running.stop().await;
        Ok(())
    }

    fn faults(&self) -> Faults {
        Faults {
            throttle: self.throttle.unwrap_or_default(),
            times: self.times,
            latency: milliseconds(self.latency_ms),
            event_delay: milliseconds(self.event_ms),
            error: self.error,
            cut: self.cut,
            reset: self.reset,
            bad_crc: self.bad_crc.and_then(|frame| usize::try_from(frame).ok()),
        }
    }
}

fn milliseconds(number: Option<u64>) -> Duration {
    Duration::from_millis(number.unwrap_or_default())
}

fn unheard(error: ListenError) -> Failure {
    match error {
        ListenError::NotLoopback(_) => Failure::with_code(exit_code::USAGE, error),
        ListenError::Listen { .. } => Failure::general(error),
    }
}
