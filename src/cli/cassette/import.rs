//! `bedrock-replay cassette import`: exchanges from elsewhere.

use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};

use bedrock_replay::cassette::{Imported, Incoming, Published, Reader, Refused, Session};
use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::identity::MatchOn;
use bedrock_replay::words::counted;
use clap::{Args, ValueEnum};
use flate2::bufread::MultiGzDecoder;

use super::output::{BAD, Stop, begins_as_export, begins_as_sqlite, stdout};

/// Take exchanges from files into a cassette, which is created where there is none.
///
/// What stands in the cassette stays. An exchange that is the same in every part is not added
/// twice; another answer to the same request gets the next free occurrence. A file is taken
/// whole or not at all, but for lines of http-jsonl that cannot be replayed: they are named.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bedrock-replay cassette import merged.sqlite ours.jsonl theirs.jsonl
  bedrock-replay cassette export theirs.sqlite | bedrock-replay cassette import ours.sqlite -
  bedrock-replay cassette import published.sqlite --from http-jsonl exchanges.jsonl.gz

A line of http-jsonl:
  {\"request\":{\"method\":\"POST\",\"url\":\"https://…/model/…/converse\",\"headers\":[[\"…\",\"…\"]],\"body_b64\":\"…\"},
   \"response\":{\"status\":200,\"headers\":[[\"…\",\"…\"]],\"body_b64\":\"…\"}}

Exit codes: 0 all was taken, 1 a file or line was refused, 2 usage")]
pub struct Import {
    /// The cassette
    #[arg(value_name = "CASSETTE")]
    path: PathBuf,

    /// Files to read, gzipped or not; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// What the files hold [default: export, if a file begins as one]
    #[arg(long, value_enum)]
    from: Option<Source>,

    /// End well although lines of http-jsonl were refused
    #[arg(long)]
    lenient: bool,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Source {
    /// What `bedrock-replay cassette export` writes
    Export,
    /// A request and a response a line, bodies in base64
    HttpJsonl,
}

/// How every gzip file begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

#[derive(Default)]
struct Sum {
    imported: Imported,
    incomplete: usize,
    refused: Vec<(String, Refused)>,
}

impl Import {
    pub fn run(self) -> Result<(), Stop> {
        let mut sum = Sum::default();
        for file in &self.files {
            self.take(file, &mut sum)?;
        }
        self.print(&sum)?;
        if sum.refused.is_empty() || self.lenient {
            return Ok(());
        }
        Err(Stop::general(format!(
            "{} could not be imported (`--lenient` accepts that)",
            counted(sum.refused.len(), "line"),
        )))
    }

    fn take(&self, file: &Path, sum: &mut Sum) -> Result<(), Stop> {
        let name = file.display().to_string();
        let unreadable = |error| Stop::general(format!("`{name}` could not be read: {error}"));
        let mut input = open(file).map_err(unreadable)?;
        let source = self.source(input.fill_buf().map_err(unreadable)?, &name)?;
        let incoming = match source {
            Source::Export => Incoming::read_export(&mut input, &name)?,
            Source::HttpJsonl => {
                let published = self.published(&mut input, file)?;
                sum.incomplete += published.incomplete;
                let refused = published.refused.into_iter();
                sum.refused.extend(refused.map(|line| (name.clone(), line)));
                if published.incoming.is_empty() {
                    // No cassette is made of a file that holds nothing.
                    return Ok(());
                }
                published.incoming
            }
        };
        let done = incoming.merge_into(&self.path)?;
        sum.imported.added += done.added;
        sum.imported.moved += done.moved;
        sum.imported.known += done.known;
        Ok(())
    }

    /// What a file that begins so holds.
    fn source(&self, front: &[u8], name: &str) -> Result<Source, Stop> {
        if begins_as_sqlite(front) {
            return Err(Stop::general(format!(
                "`{name}` is a cassette, not a text (`bedrock-replay cassette export {name} | bedrock-replay cassette import {} -` merges it)",
                self.path.display()
            )));
        }
        match self.from {
            Some(source) => Ok(source),
            None if begins_as_export(front) => Ok(Source::Export),
            None if front.trim_ascii_start().starts_with(b"{") => Ok(Source::HttpJsonl),
            None => Err(Stop::general(format!(
                "`{name}`: expected an export or http-jsonl, found another kind of file (nothing was imported from it)"
            ))),
        }
    }

    /// Keyed by the rules of the cassette where there is one.
    fn published(&self, input: &mut dyn BufRead, file: &Path) -> Result<Published, Stop> {
        let match_on = if self.path.exists() {
            Reader::open(&self.path)?.keyed_by()?.match_on.parse()
        } else {
            Ok(MatchOn::new())
        };
        let match_on = match_on.map_err(|error| Stop::general(format!("{error}")))?;
        let name = file.file_name().unwrap_or(file.as_os_str());
        let session = Session {
            started_at: SystemClock::new().now(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            largest: None,
        };
        Ok(Published::read(
            input,
            &name.to_string_lossy(),
            &match_on,
            &session,
        )?)
    }

    fn print(&self, sum: &Sum) -> Result<(), Stop> {
        let mut out = stdout();
        for (file, line) in &sum.refused {
            let id = match &line.id {
                Some(id) => format!(" ({id})"),
                None => String::new(),
            };
            let Refused { line, reason, .. } = line;
            writeln!(
                out,
                "{BAD}refused:{BAD:#} `{file}` line {line}{id}: {reason}"
            )?;
        }
        let Imported {
            added,
            moved,
            known,
        } = sum.imported;
        let mut notes = vec![format!("{} added", counted(added, "exchange"))];
        let mut note = |number: usize, what: &str| {
            if number > 0 {
                notes.push(format!("{number} {what}"));
            }
        };
        note(size_of(moved), "of them under another occurrence");
        note(size_of(known), "there already");
        note(sum.incomplete, "incomplete");
        note(sum.refused.len(), "refused");
        writeln!(out, "{}: {}", self.path.display(), notes.join(", "))?;
        Ok(out.flush()?)
    }
}

fn size_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn open(file: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut input: Box<dyn BufRead> = if file.as_os_str() == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(file)?))
    };
    if input.fill_buf()?.starts_with(&GZIP) {
        return Ok(Box::new(BufReader::new(MultiGzDecoder::new(input))));
    }
    Ok(input)
}
