//! `--unused-file`: what a run left over, for `cassette prune`.

use std::io;
use std::path::{Path, PathBuf};

use bedrock_replay::Mode;
use bedrock_replay::cassette::{Slot, UnusedList};
use bedrock_replay::words::counted;
use clap::Args;

use super::exit_code;
use super::failure::Failure;

/// Where the list goes.
#[derive(Debug, Clone, Args)]
pub struct UnusedFile {
    /// Also write which recorded exchanges no call asked for, for `cassette prune`
    #[arg(long = "unused-file", value_name = "FILE", value_parser = list_file, help_heading = "Replay")]
    path: Option<PathBuf>,
}

/// The file of a list, told before anything is done for it: a list is never written over a file
/// of another kind.
pub fn list_file(text: &str) -> Result<PathBuf, String> {
    if text == "-" {
        return Err("expected a file: standard output is the command's own".to_owned());
    }
    let path = PathBuf::from(text);
    let is_empty = path.metadata().map_or(true, |metadata| metadata.len() == 0);
    if is_empty || UnusedList::read(&path).is_ok() {
        return Ok(path);
    }
    Err("it is there already, and is no list of unused exchanges (name another file)".to_owned())
}

/// Whether a run came to all of its calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// To all.
    Whole,
    /// It did not, for this reason: what it never came to is not left over.
    CutShort(String),
}

impl Course {
    /// The same, but a run with misses did not come to what follows from the answers.
    pub fn or_missed(self, misses: u64) -> Self {
        match misses {
            0 => self,
            _ => self.or_cut_short(&format!("{} missed", counted(misses, "call"))),
        }
    }

    /// The same, but cut short where nothing else did that.
    pub fn or_cut_short(self, why: &str) -> Self {
        match self {
            Self::Whole => Self::CutShort(why.to_owned()),
            Self::CutShort(_) => self,
        }
    }
}

impl UnusedFile {
    /// Told before a run: only a mode that asks for everything leaves something over.
    pub fn check(&self, mode: Mode) -> Result<(), Failure> {
        match (mode, &self.path) {
            (Mode::Replay | Mode::RecordAll, _) | (_, None) => Ok(()),
            (Mode::RecordMissing | Mode::Passthrough, Some(_)) => Err(Failure::with_code(
                exit_code::USAGE,
                format!(
                    "expected mode `replay` or `record-all` with --unused-file, found `{mode}` (replay the run afterwards: that costs nothing)"
                ),
            )),
        }
    }

    /// Whether a list is asked for.
    pub const fn is_asked_for(&self) -> bool {
        self.path.is_some()
    }

    /// Writes the list, where one is asked for. A run that was cut short has none, and the list
    /// of an earlier one goes: it would speak for a program that is no more.
    pub fn write(&self, cassette: &Path, unused: &[Slot], course: Course) -> Result<(), Failure> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if let Course::CutShort(why) = course {
            anstream::eprintln!(
                "note: no list of unused exchanges was written to `{}`: {why} (only a run that comes to all its calls leaves something over)",
                path.display()
            );
            return removed(path).map_err(Failure::general);
        }
        let list = UnusedList::of(cassette, unused).map_err(Failure::general)?;
        list.write(path).map_err(Failure::general)
    }
}

/// Only a list is removed, whatever else may have this name.
fn removed(path: &Path) -> io::Result<()> {
    match UnusedList::read(path) {
        Ok(_) => std::fs::remove_file(path),
        Err(_) => Ok(()),
    }
}
