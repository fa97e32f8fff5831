//! `bedrock-replay cassette pack`: the smallest form of a cassette.

use std::io::Write as _;
use std::path::PathBuf;

use bedrock_replay::cassette::{Keys, Packed, Reader, pack, pack_to};
use bedrock_replay::identity::MatchOn;
use clap::Args;

use super::output::{Stop, size, stdout};

/// Pack a cassette: equal content gives equal bytes, and as few as possible.
///
/// Compresses with a dictionary of its own, drops what nothing refers to, orders recordings by
/// their dates. A packed cassette is what belongs into version control.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay cassette pack cassettes/weekly.sqlite
  bedrock-replay cassette pack recorded.sqlite --output cassettes/weekly.sqlite
  bedrock-replay cassette pack old.sqlite --rekey --match-on '{\"add\":[\"region\"]}'")]
pub struct Pack {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    /// Write the packed cassette here, over a cassette if one is there, and leave the other as it is
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Make the request keys anew, with this version's canonical form
    #[arg(long)]
    rekey: bool,

    /// Match-on rules for the new keys [default: those of the cassette]
    #[arg(long, value_name = "RULES", requires = "rekey")]
    match_on: Option<MatchOn>,
}

impl Pack {
    pub fn run(self) -> Result<(), Stop> {
        let keys = self.keys()?;
        let packed = match &self.output {
            Some(output) => pack_to(&self.path, output, &keys)?,
            None => pack(&self.path, &keys)?,
        };
        let Packed { before, after } = packed;
        let path = self.output.as_ref().unwrap_or(&self.path).display();
        let mut out = stdout();
        writeln!(out, "{path}: {} packed into {}", size(before), size(after))?;
        Ok(out.flush()?)
    }

    fn keys(&self) -> Result<Keys, Stop> {
        if !self.rekey {
            return Ok(Keys::AsTheyAre);
        }
        if let Some(match_on) = &self.match_on {
            return Ok(Keys::Anew(match_on.clone()));
        }
        let match_on = Reader::open(&self.path)?.keyed_by()?.match_on.parse();
        match_on
            .map(Keys::Anew)
            .map_err(|error| Stop::general(format!("{error}")))
    }
}
