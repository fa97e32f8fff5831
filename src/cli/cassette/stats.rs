//! `bedrock-replay cassette stats`: what a cassette holds, counted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use bedrock_replay::cassette::{Reader, Recording, StoredExchange};
use bedrock_replay::exchange::Attempt;
use bedrock_replay::words::counted;
use clap::Args;
use serde_json::{Value, json};

use super::facts::Facts;
use super::list::heading;
use super::output::{HEADING, Shown, Stop, print_json, size, stdout};

/// Count what a cassette holds: operations, models, outcomes, tokens, bytes, recordings.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay cassette stats cassettes/weekly.sqlite
  bedrock-replay cassette stats cassettes/weekly.sqlite --format json")]
pub struct Stats {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    /// What is printed
    #[arg(long, value_enum, default_value_t)]
    format: Shown,
}

impl Stats {
    pub fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::open(&self.path)?;
        let mut counts = Counts::default();
        for slot in reader.slots()? {
            if let Some(stored) = reader.exchange(&slot)? {
                counts.take(&stored);
            }
        }
        let recordings = reader.recordings()?;
        let stored = std::fs::metadata(&self.path)?.len();
        match self.format {
            Shown::Json => print_json(&counts.to_json(stored, &recordings)),
            Shown::Text => {
                let heading = heading(&self.path, &reader)?;
                print(&heading, &counts, stored, &recordings)
            }
        }
    }
}

#[derive(Default)]
struct Counts {
    scopes: BTreeSet<String>,
    attempts: usize,
    faults: usize,
    incomplete: usize,
    body_bytes: u64,
    input_tokens: u64,
    output_tokens: u64,
    operations: BTreeMap<String, u64>,
    models: BTreeMap<String, u64>,
    provenances: BTreeMap<String, u64>,
    outcomes: BTreeMap<String, u64>,
}

impl Counts {
    fn take(&mut self, stored: &StoredExchange) {
        let facts = Facts::of(stored);
        self.attempts += facts.attempts;
        self.faults += facts.faults;
        self.incomplete += usize::from(!facts.is_whole);
        self.body_bytes += body_bytes(stored);
        if let Some(tokens) = facts.tokens {
            self.input_tokens += tokens.input;
            self.output_tokens += tokens.output.unwrap_or_default();
        }
        let add = |counts: &mut BTreeMap<String, u64>, name: String| {
            *counts.entry(name).or_default() += 1;
        };
        add(&mut self.operations, facts.operation.to_owned());
        add(&mut self.models, facts.model);
        add(&mut self.provenances, facts.provenance.to_string());
        add(&mut self.outcomes, facts.outcome);
        self.scopes.insert(facts.scope);
    }

    fn tables(&self) -> [(&'static str, &BTreeMap<String, u64>); 4] {
        [
            ("operations", &self.operations),
            ("models", &self.models),
            ("outcomes", &self.outcomes),
            ("provenances", &self.provenances),
        ]
    }

    fn to_json(&self, stored: u64, recordings: &[Recording]) -> Value {
        json!({
            "exchanges": self.operations.values().sum::<u64>(),
            "scopes": self.scopes.len(),
            "attempts": self.attempts,
            "faults": self.faults,
            "incomplete": self.incomplete,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "body_bytes": self.body_bytes,
            "file_bytes": stored,
            "operations": self.operations,
            "models": self.models,
            "outcomes": self.outcomes,
            "provenances": self.provenances,
            "recordings": recordings.iter().map(recording_json).collect::<Value>(),
        })
    }
}

fn body_bytes(stored: &StoredExchange) -> u64 {
    let exchange = &stored.exchange;
    let responses = exchange.attempts.iter().filter_map(Attempt::response);
    let answered: usize = responses.map(|response| response.body.bytes.len()).sum();
    (exchange.request.body.len() + answered) as u64
}

fn recording_json(recording: &Recording) -> Value {
    json!({
        "started_at": recording.started_at.to_string(),
        "tool_version": recording.tool_version,
        "provenance": recording.provenance.to_string(),
        "host": recording.host,
        "region": recording.region,
    })
}

fn print(
    heading: &str,
    counts: &Counts,
    stored: u64,
    recordings: &[Recording],
) -> Result<(), Stop> {
    let mut out = stdout();
    writeln!(out, "{HEADING}{heading}{HEADING:#}")?;
    writeln!(
        out,
        "  {}, {}, {}, {} incomplete",
        counted(counts.scopes.len(), "scope"),
        counted(counts.attempts, "attempt"),
        counted(counts.faults, "fault"),
        counts.incomplete,
    )?;
    writeln!(
        out,
        "  {} tokens in, {} out",
        counts.input_tokens, counts.output_tokens
    )?;
    let percent = (stored * 100).checked_div(counts.body_bytes).unwrap_or(0);
    writeln!(
        out,
        "  {} of bodies in a file of {} ({percent} %)",
        size(counts.body_bytes),
        size(stored),
    )?;
    for (name, table) in counts.tables() {
        writeln!(out, "\n{HEADING}{name}{HEADING:#}")?;
        for (name, number) in by_number(table) {
            writeln!(out, "  {number:>6}  {name}")?;
        }
    }
    writeln!(out, "\n{HEADING}recordings{HEADING:#}")?;
    for recording in recordings {
        writeln!(out, "  {}", recording_line(recording))?;
    }
    Ok(out.flush()?)
}

/// The most frequent first.
fn by_number(table: &BTreeMap<String, u64>) -> Vec<(&String, &u64)> {
    let mut lines: Vec<_> = table.iter().collect();
    lines.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
    lines
}

fn recording_line(recording: &Recording) -> String {
    let mut line = format!("{:.0}  {}", recording.started_at, recording.provenance);
    for part in [Some(&recording.host), recording.region.as_ref()] {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            line = format!("{line}  {part}");
        }
    }
    format!("{line}  (bedrock-replay {})", recording.tool_version)
}
