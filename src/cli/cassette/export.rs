//! `bedrock-replay cassette export`: a cassette as text.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bedrock_replay::cassette::{Reader, export};
use clap::Args;

use super::output::{Stop, begins_as_export, begins_as_sqlite, front, raw_stdout};

/// Write a cassette as text, one JSON object a line in a stable order.
///
/// `import` of an export gives the same cassette. For `git diff`:
///   git config diff.cassette.textconv 'bedrock-replay cassette export'
///   echo '*.sqlite binary diff=cassette' >> .gitattributes
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  bedrock-replay cassette export cassettes/weekly.sqlite | jq 'select(.exchange).exchange.body'
  bedrock-replay cassette export cassettes/weekly.sqlite --output weekly.jsonl"
)]
pub struct Export {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    /// Write here instead of to standard output, over an export if one is there
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The name of standard output.
const STANDARD_OUTPUT: &str = "-";

impl Export {
    pub fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::open(&self.path)?;
        match &self.output {
            Some(path) if path != Path::new(STANDARD_OUTPUT) => {
                spare_others(path)?;
                let mut text = Vec::new();
                export(&mut reader, &mut text)?;
                let written = std::fs::write(path, text);
                written.map_err(|error| {
                    Stop::general(format!(
                        "`{}` could not be written: {error}",
                        path.display()
                    ))
                })
            }
            _ => {
                let mut out = raw_stdout();
                export(&mut reader, &mut out)?;
                Ok(out.flush()?)
            }
        }
    }
}

/// A slip of the pen must not cost a recording, nor anything else that no export can bring back.
fn spare_others(path: &Path) -> Result<(), Stop> {
    if !path.is_file() {
        return Ok(());
    }
    let front = front(path);
    let what = if begins_as_sqlite(&front) {
        "is a cassette or another SQLite file, and an export is text"
    } else if front.is_empty() || begins_as_export(&front) {
        return Ok(());
    } else {
        "is there already, and is no export"
    };
    let path = path.display();
    Err(Stop::general(format!(
        "`{path}` {what} (name another file)"
    )))
}
