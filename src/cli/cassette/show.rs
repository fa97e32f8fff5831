//! `bedrock-replay cassette show`: an exchange as a conversation.

use std::io::Write;
use std::path::PathBuf;

use bedrock_replay::cassette::{Reader, StoredExchange};
use bedrock_replay::exchange::{Attempt, EventStream, Exchange, Outcome, Response};
use clap::{Args, ValueEnum};

use super::conversation::{Answer, Asked, Part, Turn};
use super::output::{BAD, FAINT, HEADING, Stop, duration, raw_stdout, stdout};
use super::select::{Filter, Pick};
use crate::cli::exit_code;

/// Show exchanges as conversations: who said what, tools, images, usage, attempts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay cassette show cassettes/weekly.sqlite 533f15ba
  bedrock-replay cassette show cassettes/weekly.sqlite --scope EL-CIV-FREE-HARM-01/llama-3-1-70b/0
  bedrock-replay cassette show cassettes/weekly.sqlite 533f15ba#0 --raw response | jq .usage")]
pub struct Show {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    /// The first digits of a request key, with #N for another occurrence than the first
    #[arg(value_name = "KEY[#N]")]
    pick: Option<Pick>,

    #[command(flatten)]
    filter: Filter,

    /// List the events of a stream
    #[arg(long)]
    events: bool,

    /// Write a body as it was on the wire
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, default_missing_value = "response", conflicts_with = "events")]
    raw: Option<Raw>,
}

/// Which body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Raw {
    /// The answer's
    Response,
    /// The request's
    Request,
}

impl Show {
    pub fn run(self) -> Result<(), Stop> {
        if self.pick.is_none() && !self.filter.is_any() {
            return Err(Stop::with_code(
                exit_code::USAGE,
                "expected a request key, `--scope NAME`, `--model TEXT` or `--operation NAME` (`bedrock-replay cassette list` shows them)",
            ));
        }
        let mut reader = Reader::open(&self.path)?;
        let found = self.find(&mut reader)?;
        if let Some(raw) = self.raw {
            return write_raw(raw, &found);
        }
        let mut out = stdout();
        for (index, stored) in found.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            print(&mut out, stored)?;
            if self.events {
                print_events(&mut out, &stored.exchange)?;
            }
        }
        Ok(out.flush()?)
    }

    fn find(&self, reader: &mut Reader) -> Result<Vec<StoredExchange>, Stop> {
        let mut slots = self.filter.slots(reader)?;
        if let Some(pick) = &self.pick {
            slots.retain(|slot| pick.is(slot));
        }
        let mut found = Vec::new();
        for slot in slots {
            found.extend(reader.exchange(&slot)?);
        }
        found.retain(|stored| self.filter.wants(stored));
        match (&self.pick, found.len()) {
            (_, 0) => Err(self.nothing()),
            (Some(pick), 2..) => Err(ambiguous(pick, &found)),
            _ => Ok(found),
        }
    }

    fn nothing(&self) -> Stop {
        let wanted = match &self.pick {
            Some(pick) => format!("a request key that begins with `{pick}`"),
            None => "these filters".to_owned(),
        };
        Stop::general(format!(
            "cassette `{}` has no exchange with {wanted} (`bedrock-replay cassette list` shows them all)",
            self.path.display()
        ))
    }
}

fn ambiguous(pick: &Pick, found: &[StoredExchange]) -> Stop {
    let mut text = format!("`{pick}` could be one of {} exchanges:", found.len());
    for stored in found.iter().take(20) {
        text = format!("{text}\n  {}", stored.slot);
    }
    let text = format!("{text}\n(give more digits, #N or `--scope NAME`)");
    Stop::with_code(exit_code::USAGE, text)
}

fn write_raw(raw: Raw, found: &[StoredExchange]) -> Result<(), Stop> {
    let mut out = raw_stdout();
    for stored in found {
        let bytes = match raw {
            Raw::Request => Some(&stored.exchange.request.body),
            Raw::Response => last_response(&stored.exchange).map(|response| &response.body.bytes),
        };
        out.write_all(bytes.map_or(&[], |bytes| &bytes[..]))?;
    }
    Ok(out.flush()?)
}

fn last_response(exchange: &Exchange) -> Option<&Response> {
    exchange.attempts.last().and_then(Attempt::response)
}

fn print(out: &mut impl Write, stored: &StoredExchange) -> Result<(), Stop> {
    let exchange = &stored.exchange;
    let asked = Asked::of(&exchange.request);
    let operation = exchange.request.target.operation();
    let model = exchange.request.target.subject();
    writeln!(out, "{HEADING}{operation} {model}{HEADING:#}")?;
    writeln!(
        out,
        "{FAINT}{}, {}{FAINT:#}",
        stored.slot, exchange.provenance
    )?;
    if !asked.settings.is_empty() {
        writeln!(out, "{FAINT}{}{FAINT:#}", asked.settings.join(", "))?;
    }
    for turn in &asked.turns {
        print_turn(out, turn)?;
    }
    let Some((last, earlier)) = exchange.attempts.split_last() else {
        return Ok(());
    };
    for (index, attempt) in earlier.iter().enumerate() {
        print_failed(out, index + 1, attempt)?;
    }
    print_outcome(out, last)
}

fn print_turn(out: &mut impl Write, turn: &Turn) -> Result<(), Stop> {
    writeln!(out, "\n{HEADING}{}{HEADING:#}", turn.speaker)?;
    print_parts(out, &turn.parts)
}

fn print_parts(out: &mut impl Write, parts: &[Part]) -> Result<(), Stop> {
    for part in parts {
        for line in part.to_string().trim_matches('\n').lines() {
            let line = format!("  {line}");
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn print_failed(out: &mut impl Write, number: usize, attempt: &Attempt) -> Result<(), Stop> {
    let outcome = attempt.outcome.to_string();
    let time = duration(attempt.total);
    writeln!(out, "\n{BAD}attempt {number}: {outcome}{BAD:#}, {time}")?;
    print_problem(out, attempt)
}

/// What a failed attempt says of itself.
fn print_problem(out: &mut impl Write, attempt: &Attempt) -> Result<(), Stop> {
    match &attempt.outcome {
        Outcome::Response(response) => print_parts(out, &Answer::of(response).parts),
        Outcome::Fault(fault) => Ok(writeln!(out, "  {}", fault.message)?),
    }
}

fn print_outcome(out: &mut impl Write, attempt: &Attempt) -> Result<(), Stop> {
    let outcome = attempt.outcome.to_string();
    let time = duration(attempt.total);
    let Some(response) = attempt.response() else {
        writeln!(out, "\n{BAD}{outcome}{BAD:#}, {time}")?;
        return print_problem(out, attempt);
    };
    let answer = Answer::of(response);
    if response.status == 200 {
        writeln!(out, "\n{HEADING}{}, recorded{HEADING:#}", answer.speaker)?;
    } else {
        writeln!(out, "\n{BAD}{outcome}{BAD:#}")?;
    }
    print_parts(out, &answer.parts)?;
    let mut notes = vec![outcome];
    notes.extend(
        answer
            .stop_reason
            .map(|reason| format!("stop reason {reason}")),
    );
    notes.extend(answer.tokens.map(|tokens| tokens.to_string()));
    if !attempt.total.is_zero() {
        notes.push(time);
    }
    if attempt.first_byte != attempt.total {
        notes.push(format!("first byte after {}", duration(attempt.first_byte)));
    }
    notes.extend(
        answer
            .latency_ms
            .map(|latency| format!("model latency {latency} ms")),
    );
    writeln!(out, "\n{FAINT}{}{FAINT:#}", notes.join(", "))?;
    Ok(())
}

fn print_events(out: &mut impl Write, exchange: &Exchange) -> Result<(), Stop> {
    let Some(response) = last_response(exchange).filter(|response| response.is_event_stream())
    else {
        writeln!(out, "(the answer is no event stream)")?;
        return Ok(());
    };
    let stream = EventStream::read(&response.body.bytes);
    let stream = stream.map_err(|error| Stop::general(error.to_string()))?;
    writeln!(out, "\n{HEADING}events{HEADING:#}")?;
    for (index, frame) in stream.frames.iter().enumerate() {
        let json = frame.json();
        let json = String::from_utf8_lossy(&json);
        writeln!(out, "  {index:>4}  {:<18}  {json}", frame.event_type())?;
    }
    Ok(())
}
