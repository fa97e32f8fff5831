//! `bedrock-replay cassette prune`: what no run asks for any more.

use std::io::Write as _;
use std::path::PathBuf;

use bedrock_replay::cassette::{Packed, Reader, Slot, UnusedList, UnusedListError, prune};
use bedrock_replay::words::counted;
use clap::Args;
use serde_json::Value;

use super::facts::Facts;
use super::list::{heading, print};
use super::output::{Shown, Stop, print_json, size, stdout};

/// Remove the exchanges that a run no longer asks for: stale after an edit, or later occurrences
/// that a recording of fewer calls left behind.
///
/// A replay writes what it did not ask for by --unused-file (`exec`, `serve`, `run`; also in mode
/// `record-all`). Of several lists only what all of them name is removed. Without --apply it is
/// listed, and the cassette stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay run --unused-file unused.json
  bedrock-replay cassette prune cassettes/weekly.sqlite --unused unused.json
  bedrock-replay cassette prune cassettes/weekly.sqlite --unused unused.json --apply

  A cassette that two programs share:
  bedrock-replay exec --cassette shared.sqlite --unused-file one.json -- npm test
  bedrock-replay exec --cassette shared.sqlite --unused-file two.json -- pytest
  bedrock-replay cassette prune shared.sqlite --unused one.json --unused two.json")]
pub struct Prune {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    /// What a run did not ask for; may be repeated
    #[arg(long, value_name = "FILE", required = true)]
    unused: Vec<PathBuf>,

    /// Remove them, and pack what is left
    #[arg(long)]
    apply: bool,

    /// How they are listed
    #[arg(long, value_enum, default_value_t, conflicts_with = "apply")]
    format: Shown,
}

impl Prune {
    pub fn run(self) -> Result<(), Stop> {
        let unused = UnusedList::common(&self.path, &self.unused)?;
        if self.apply {
            return self.remove(&unused);
        }
        let mut reader = Reader::open(&self.path)?;
        let facts = facts(&mut reader, &unused)?;
        if self.format == Shown::Json {
            return print_json(&facts.iter().map(Facts::to_json).collect::<Value>());
        }
        print(&heading(&self.path, &reader)?, &facts, None)?;
        let mut out = stdout();
        let named = counted(unused.len(), "exchange");
        let advice = if unused.is_empty() {
            ""
        } else {
            ", with --apply"
        };
        writeln!(out, "\n{named} would be removed{advice}")?;
        Ok(out.flush()?)
    }

    fn remove(&self, unused: &[Slot]) -> Result<(), Stop> {
        let path = self.path.display();
        let named = counted(unused.len(), "exchange");
        let mut out = stdout();
        if unused.is_empty() {
            writeln!(out, "{path}: {named} to remove")?;
            return Ok(out.flush()?);
        }
        let Packed { before, after } = prune(&self.path, unused)?;
        let left = counted(Reader::open(&self.path)?.len()?, "exchange");
        let (before, after) = (size(before), size(after));
        writeln!(
            out,
            "{path}: {named} removed, {left} left; {before} packed into {after}"
        )?;
        Ok(out.flush()?)
    }
}

impl From<UnusedListError> for Stop {
    fn from(error: UnusedListError) -> Self {
        match error {
            UnusedListError::Cassette(error) => error.into(),
            error => Self::general(error.to_string()),
        }
    }
}

/// As `list` groups them: by scope.
fn facts(reader: &mut Reader, slots: &[Slot]) -> Result<Vec<Facts>, Stop> {
    let mut slots = slots.to_vec();
    slots.sort_by(|a, b| (&a.scope, &a.key, a.occurrence).cmp(&(&b.scope, &b.key, b.occurrence)));
    let mut facts = Vec::new();
    for slot in slots {
        facts.extend(reader.exchange(&slot)?.as_ref().map(Facts::of));
    }
    Ok(facts)
}
