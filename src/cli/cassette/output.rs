//! Printing: to a reader that may stop reading, in units that people read.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::Path;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use bedrock_replay::cassette::{CassetteError, ExportError, ImportError};
use clap::ValueEnum;

use crate::cli::failure::Failure;
use crate::cli::unopened::{ELSEWHERE, unopened};

/// What is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// For people
    #[default]
    Text,
    /// One JSON value, for programs
    Json,
}

/// Why a command stopped.
#[derive(Debug)]
pub enum Stop {
    /// Whoever reads has enough: `| head`.
    Closed,
    /// It failed.
    Failed(Failure),
}

impl Stop {
    /// A failure of its own.
    pub fn with_code(code: u8, text: impl Into<String>) -> Self {
        Self::Failed(Failure::with_code(code, text.into()))
    }

    /// A failure with a text of its own.
    pub fn general(text: impl Into<String>) -> Self {
        Self::Failed(Failure::general(text.into()))
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Failed(Failure::general(error)),
        }
    }
}

impl From<CassetteError> for Stop {
    fn from(error: CassetteError) -> Self {
        Self::Failed(unopened(error, ELSEWHERE))
    }
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Self::Failed(Failure::general(error))
    }
}

impl From<ExportError> for Stop {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Write(error) => error.into(),
            ExportError::Cassette(error) => error.into(),
        }
    }
}

/// Standard output; styles reach terminals only.
pub fn stdout() -> impl Write {
    BufWriter::new(anstream::stdout().lock())
}

/// Standard output, byte for byte.
pub fn raw_stdout() -> impl Write {
    BufWriter::new(io::stdout().lock())
}

/// Prints one JSON value.
pub fn print_json(value: &serde_json::Value) -> Result<(), Stop> {
    let mut out = raw_stdout();
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// How every SQLite file begins.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Whether what begins so is an SQLite file.
pub fn begins_as_sqlite(bytes: &[u8]) -> bool {
    bytes.starts_with(SQLITE)
}

/// How every export begins.
const EXPORT: &[u8] = b"{\"cassette\":";

/// Whether what begins so is an export.
pub fn begins_as_export(bytes: &[u8]) -> bool {
    bytes.starts_with(EXPORT)
}

/// The front of a file, enough to tell what it is; nothing where there is none.
pub fn front(path: &Path) -> Vec<u8> {
    let mut front = Vec::new();
    match File::open(path).and_then(|file| file.take(64).read_to_end(&mut front)) {
        Ok(_) => front,
        Err(_) => Vec::new(),
    }
}

/// A heading.
pub const HEADING: Style = Style::new().bold();
/// What went wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What may surprise.
pub const WARNING: Style = AnsiColor::Yellow.on_default();
/// What is beside the point.
pub const FAINT: Style = Style::new().dimmed();

/// `12 kB`, `5.8 MB`.
pub fn size(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    for (unit, factor) in units {
        if bytes >= factor {
            let tenths = bytes * 10 / factor;
            return match tenths {
                100.. => format!("{} {unit}", tenths / 10),
                _ => format!("{}.{} {unit}", tenths / 10, tenths % 10),
            };
        }
    }
    format!("{bytes} B")
}

/// `1.24 s`, `85 ms`.
pub fn duration(time: Duration) -> String {
    match time.as_millis() {
        1_000.. => format!("{}.{:02} s", time.as_secs(), time.subsec_millis() / 10),
        millis => format!("{millis} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_two_or_three_digits() {
        let sizes = [0, 999, 1_000, 12_345, 5_284_000, 3_000_000_000].map(size);
        assert_eq!(
            sizes,
            ["0 B", "999 B", "1.0 kB", "12 kB", "5.2 MB", "3.0 GB"]
        );
        let times = [0, 85, 1_240, 61_009].map(|millis| duration(Duration::from_millis(millis)));
        assert_eq!(times, ["0 ms", "85 ms", "1.24 s", "61.00 s"]);
    }
}
