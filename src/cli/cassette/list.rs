//! `bedrock-replay cassette list`: one line an exchange.

use std::io::Write;
use std::path::{Path, PathBuf};

use bedrock_replay::cassette::{CassetteError, Reader};
use clap::Args;
use serde_json::Value;

use super::facts::Facts;
use super::output::{BAD, FAINT, HEADING, Shown, Stop, count, duration, print_json, stdout};
use super::select::Filter;

/// Where the filters leave nothing.
const NOTHING: &str = "no exchange with these filters";

/// List the exchanges of a cassette by scope, as their conversations grow.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay cassette list cassettes/weekly.sqlite
  bedrock-replay cassette list cassettes/weekly.sqlite --scope 'EL-*' --operation Converse")]
pub struct List {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    #[command(flatten)]
    filter: Filter,

    /// What is printed
    #[arg(long, value_enum, default_value_t)]
    format: Shown,
}

impl List {
    pub fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::open(&self.path)?;
        let facts = self.facts(&mut reader)?;
        match self.format {
            Shown::Json => print_json(&facts.iter().map(Facts::to_json).collect::<Value>()),
            Shown::Text => {
                let heading = heading(&self.path, &reader)?;
                let note = (facts.is_empty() && reader.len()? > 0).then_some(NOTHING);
                print(&heading, &facts, note)
            }
        }
    }

    fn facts(&self, reader: &mut Reader) -> Result<Vec<Facts>, Stop> {
        let mut facts = Vec::new();
        for slot in self.filter.slots(reader)? {
            let stored = reader.exchange(&slot)?;
            let wanted = stored.filter(|stored| self.filter.wants(stored));
            facts.extend(wanted.as_ref().map(Facts::of));
        }
        Ok(facts)
    }
}

/// `cassettes/weekly.sqlite: 480 exchanges, simulated`.
pub fn heading(path: &Path, reader: &Reader) -> Result<String, CassetteError> {
    let exchanges = count(reader.len()?, "exchange");
    let sources: Vec<String> = reader
        .provenances()?
        .iter()
        .map(ToString::to_string)
        .collect();
    let sources = match sources.len() {
        0 => "nothing recorded".to_owned(),
        1..=3 => sources.join(", "),
        number => format!("{number} sources"),
    };
    Ok(format!("{}: {exchanges}, {sources}", path.display()))
}

/// The heading, a note where there is one, and the exchanges by scope.
pub fn print(heading: &str, facts: &[Facts], note: Option<&str>) -> Result<(), Stop> {
    let mut out = stdout();
    writeln!(out, "{HEADING}{heading}{HEADING:#}")?;
    if let Some(note) = note {
        writeln!(out, "\n{note}")?;
    }
    let widths = Widths::of(facts);
    let mut scope = None;
    for fact in facts {
        if scope != Some(&fact.scope) {
            scope = Some(&fact.scope);
            let name = match &*fact.scope {
                "" => "(default scope)",
                name => name,
            };
            writeln!(out, "\n{HEADING}{name}{HEADING:#}")?;
        }
        writeln!(out, "{}", line(fact, &widths))?;
    }
    Ok(out.flush()?)
}

/// How wide the columns are.
struct Widths {
    key: usize,
    operation: usize,
    model: usize,
    outcome: usize,
}

impl Widths {
    fn of(facts: &[Facts]) -> Self {
        let widest = |width: fn(&Facts) -> usize| facts.iter().map(width).max().unwrap_or(0);
        Self {
            key: widest(|fact| fact.short_key().len()),
            operation: widest(|fact| fact.operation.len()),
            model: widest(|fact| short_model(fact).chars().count()),
            outcome: widest(|fact| fact.outcome.len()),
        }
    }
}

/// A model id, or the end of an ARN.
fn short_model(fact: &Facts) -> String {
    match fact.model.rsplit_once(':') {
        Some((_, end)) if fact.model.starts_with("arn:") && end.contains('/') => format!("…{end}"),
        _ => fact.model.clone(),
    }
}

/// Imported exchanges come without a time.
fn time(fact: &Facts) -> String {
    if fact.total.is_zero() {
        "-".to_owned()
    } else {
        duration(fact.total)
    }
}

fn line(fact: &Facts, widths: &Widths) -> String {
    let is_good = fact.outcome == "200";
    let outcome = format!("{:<width$}", fact.outcome, width = widths.outcome);
    let outcome = if is_good {
        outcome
    } else {
        format!("{BAD}{outcome}{BAD:#}")
    };
    let mut line = format!(
        "  {:<key$}  {:<operation$}  {:<model$}  {outcome}  {:>7}",
        fact.short_key(),
        fact.operation,
        short_model(fact),
        time(fact),
        key = widths.key,
        operation = widths.operation,
        model = widths.model,
    );
    if let Some(tokens) = fact.tokens {
        line = format!("{line}  {tokens}");
    }
    if fact.attempts > 1 {
        line = format!("{line}  {FAINT}{} attempts{FAINT:#}", fact.attempts);
    }
    line
}
