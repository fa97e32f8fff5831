//! The file that a run writes its metrics into, a line for each try.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::telemetry::{EmbeddedMetrics, Meter};

use super::failure::Failure;

const STANDARD_OUTPUT: &str = "-";

/// Whether a path stands for standard output.
pub fn is_standard_output(path: &Path) -> bool {
    path == Path::new(STANDARD_OUTPUT)
}

/// An open file of metrics.
pub struct MetricsFile {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    /// What kept a line out of the file; after it none is written.
    failed: Option<io::Error>,
}

impl MetricsFile {
    /// Opens a file to write behind what is in it, as whoever follows a log expects.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if is_standard_output(path) {
            return Ok(Self::of(path, Box::new(io::stdout())));
        }
        let opened = OpenOptions::new().append(true).create(true).open(path);
        let file = opened.map_err(|error| Failure::general(words(path, &error)))?;
        Ok(Self::of(path, Box::new(file)))
    }

    fn of(path: &Path, out: Box<dyn Write + Send>) -> Self {
        Self {
            path: path.to_owned(),
            state: Mutex::new(State { out, failed: None }),
        }
    }

    /// Writes each line at once: whoever follows the file sees it.
    pub fn meter(self: &Arc<Self>) -> Meter {
        let (file, clock) = (Arc::clone(self), SystemClock::new());
        Arc::new(
            move |transmission| match EmbeddedMetrics::of(transmission, clock.now()).line() {
                Ok(line) => file.write(line),
                Err(error) => tracing::warn!("a line of metrics could not be made: {error}"),
            },
        )
    }

    /// In one piece, so that lines of two programs do not mix.
    fn write(&self, mut line: String) {
        line.push('\n');
        let mut state = self.state();
        if state.failed.is_some() {
            return;
        }
        let out = &mut state.out;
        let written = out.write_all(line.as_bytes()).and_then(|()| out.flush());
        state.failed = written.err();
    }

    /// Whether every line is in the file.
    pub fn check(&self) -> Result<(), Failure> {
        self.unwritten()
            .map_or(Ok(()), |text| Err(Failure::general(text)))
    }

    /// What kept a line out. A reader that has seen enough is no failure.
    fn unwritten(&self) -> Option<String> {
        let state = self.state();
        let error = state.failed.as_ref()?;
        (error.kind() != ErrorKind::BrokenPipe).then(|| words(&self.path, error))
    }

    /// A panic elsewhere leaves it whole: a line is written in one step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn words(path: &Path, error: &io::Error) -> String {
    let place = if is_standard_output(path) {
        "standard output".to_owned()
    } else {
        format!("`{}`", path.display())
    };
    format!("cannot write the metrics to {place}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn checked(path: &str, kind: ErrorKind) -> Option<String> {
        let file = MetricsFile::of(Path::new(path), Box::new(Failing(kind)));
        file.write("{}".to_owned());
        file.write("{}".to_owned());
        file.unwritten()
    }

    #[test]
    fn a_line_that_could_not_be_written_is_told_with_the_files_name() {
        let told = checked("m.jsonl", ErrorKind::StorageFull).unwrap();
        assert_eq!(
            told,
            "cannot write the metrics to `m.jsonl`: no storage space"
        );
        let told = checked("-", ErrorKind::StorageFull).unwrap();
        assert!(told.contains("to standard output: "), "{told}");
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        assert_eq!(checked("-", ErrorKind::BrokenPipe), None);
    }

    #[test]
    fn lines_come_behind_those_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.jsonl");
        for line in ["{}", "[]"] {
            MetricsFile::open(&path).unwrap().write(line.to_owned());
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), "{}\n[]\n");
    }
}
