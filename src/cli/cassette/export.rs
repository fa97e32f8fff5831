//! `bedrock-replay cassette export`: a cassette as text.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bedrock_replay::cassette::{Reader, export};
use clap::Args;

use super::output::{Stop, is_sqlite, raw_stdout};

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

    /// Write here instead of to standard output; never over a cassette
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::open(&self.path)?;
        match &self.output {
            None => {
                let mut out = raw_stdout();
                export(&mut reader, &mut out)?;
                Ok(out.flush()?)
            }
            Some(path) => {
                spare_cassette(path)?;
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
        }
    }
}

/// A slip of the pen must not cost a recording.
fn spare_cassette(path: &Path) -> Result<(), Stop> {
    if !is_sqlite(path) {
        return Ok(());
    }
    Err(Stop::general(format!(
        "`{}` is a cassette or another SQLite file, and an export is text (name another file)",
        path.display()
    )))
}
