//! `bedrock-replay cassette list`: one line an exchange.

use std::io::Write;
use std::path::{Path, PathBuf};

use bedrock_replay::cassette::{CassetteError, Reader};
use bedrock_replay::words::counted;
use clap::Args;
use serde_json::Value;

use super::facts::Facts;
use super::lines::Lines;
use super::output::{HEADING, Shown, Stop, print_json, stdout};
use super::select::Filter;
use crate::cli::width;

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
    let exchanges = counted(reader.len()?, "exchange");
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
    let lines = Lines::of(facts, width::of_stdout());
    let mut scope = None;
    for fact in facts {
        if scope != Some(&fact.scope) {
            scope = Some(&fact.scope);
            let name = match &*fact.scope {
                "" => "(default scope)",
                name => name,
            };
            let name = lines.within(name);
            writeln!(out, "\n{HEADING}{name}{HEADING:#}")?;
        }
        writeln!(out, "{}", lines.line(fact))?;
    }
    Ok(out.flush()?)
}
