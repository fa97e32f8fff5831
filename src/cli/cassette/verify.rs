//! `bedrock-replay cassette verify`: is everything there, and as it was recorded?

use std::io::Write;
use std::path::PathBuf;

use bedrock_replay::cassette::{Finding, Verification};
use bedrock_replay::words::counted;
use clap::Args;
use serde_json::{Value, json};

use super::output::{BAD, Shown, Stop, WARNING, print_json, stdout};

/// Check a cassette: SQLite's own check, every digest, key and text; names what is damaged.
///
/// An answer that was recorded incomplete is a warning: replay refuses to serve it as whole.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay cassette verify cassettes/weekly.sqlite
  for cassette in cassettes/*.sqlite; do bedrock-replay cassette verify \"$cassette\"; done

Exit codes: 0 all is sound (warnings or not), 1 something is damaged")]
pub struct Verify {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    /// What is printed
    #[arg(long, value_enum, default_value_t)]
    format: Shown,
}

impl Verify {
    pub fn run(self) -> Result<(), Stop> {
        let found = Verification::of(&self.path)?;
        match self.format {
            Shown::Json => print_json(&to_json(&found))?,
            Shown::Text => self.print(&found)?,
        }
        if found.is_sound() {
            return Ok(());
        }
        Err(Stop::general(format!(
            "cassette `{}` is damaged in {} (restore it from version control, or record it again)",
            self.path.display(),
            counted(found.damaged.len(), "place"),
        )))
    }

    fn print(&self, found: &Verification) -> Result<(), Stop> {
        let mut out = stdout();
        for finding in &found.damaged {
            writeln!(out, "{BAD}damaged:{BAD:#} {}", text(finding))?;
        }
        for finding in &found.warnings {
            writeln!(out, "{WARNING}warning:{WARNING:#} {}", text(finding))?;
        }
        if found.is_sound() {
            let exchanges = counted(found.exchanges, "exchange");
            let path = self.path.display();
            writeln!(out, "{path}: {exchanges}, every digest, key and text holds")?;
        }
        Ok(out.flush()?)
    }
}

fn text(finding: &Finding) -> String {
    match &finding.slot {
        Some(slot) if !finding.what.contains(&slot.to_string()) => {
            format!("{slot}: {}", finding.what)
        }
        _ => finding.what.clone(),
    }
}

fn to_json(found: &Verification) -> Value {
    let list = |findings: &[Finding]| findings.iter().map(finding_json).collect::<Value>();
    json!({
        "exchanges": found.exchanges,
        "damaged": list(&found.damaged),
        "warnings": list(&found.warnings),
    })
}

fn finding_json(finding: &Finding) -> Value {
    let slot = finding.slot.as_ref();
    json!({
        "key": slot.map(|slot| slot.key.to_string()),
        "scope": slot.map(|slot| &slot.scope),
        "occurrence": slot.map(|slot| slot.occurrence),
        "what": finding.what,
    })
}
