//! `bedrock-replay cassette export`: a cassette as text.

use std::io::Write as _;
use std::path::PathBuf;

use bedrock_replay::cassette::{Reader, export};
use clap::Args;

use super::output::{Stop, raw_stdout};

/// Write a cassette as text, one JSON object a line in a stable order.
///
/// `import` of an export gives the same cassette. For `git diff`:
///   git config diff.cassette.textconv 'bedrock-replay cassette export'
///   echo '*.sqlite diff=cassette' >> .gitattributes
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

    /// Write here instead of to standard output
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
