//! The cassette file of a playback: read at once, written only when there is something to
//! write, and one plain file again when it is let go.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Mode;
use super::reading::{Reading, Sharing};
use crate::cassette::{
    CassetteError, KeyedBy, Pending, Problem, Put, Reader, Session, Writer, discard_if_empty,
};

/// The file.
#[derive(Debug)]
pub struct Files {
    path: PathBuf,
    keyed_by: KeyedBy,
    session: Session,
    /// Declared before the writer, so that it is closed first: only then can the writer
    /// leave one plain file.
    reading: Reading,
    writer: Mutex<Option<Writer>>,
    /// Where the file comes from.
    made: Made,
    /// Whether an answer was asked for.
    wanted: AtomicBool,
}

/// Who made a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    /// It was there before.
    Before,
    /// This session made it, perhaps beside others.
    Here,
}

impl Files {
    /// Opens the file as the mode needs it.
    ///
    /// # Errors
    /// Whatever is wrong with the file, before anything is paid for.
    pub fn open(
        path: &Path,
        mode: Mode,
        keyed_by: KeyedBy,
        session: Session,
    ) -> Result<Self, CassetteError> {
        let sharing = match mode {
            Mode::Replay => Sharing::Moment,
            Mode::RecordMissing | Mode::RecordAll | Mode::Passthrough => Sharing::Never,
        };
        let files = Self {
            path: path.to_owned(),
            keyed_by,
            session,
            reading: Reading::new(path, sharing),
            writer: Mutex::default(),
            made: if path.exists() {
                Made::Before
            } else {
                Made::Here
            },
            wanted: AtomicBool::new(false),
        };
        match mode {
            Mode::Passthrough => {}
            Mode::Replay => files.check_keys()?,
            // The file is opened for writing with the first request that is sent on: a
            // recording that finds everything leaves it untouched.
            Mode::RecordMissing if holds_something(path) => files.check_keys()?,
            Mode::RecordMissing | Mode::RecordAll => {
                files.write(|_| ())?;
                files.check_keys()?;
            }
        }
        Ok(files)
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads.
    ///
    /// # Errors
    /// Whatever is wrong with the file.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, CassetteError>,
    ) -> Result<T, CassetteError> {
        self.reading.read(read)
    }

    /// Opens the file for writing, if it is not: what is wrong with it shows before anything
    /// is paid for.
    ///
    /// # Errors
    /// Whatever keeps the file from being opened.
    pub fn prepare(&self) -> Result<(), CassetteError> {
        self.want();
        self.write(|_| ())
    }

    /// Tells that an answer is asked for: a cassette without any is then none.
    pub fn want(&self) {
        self.wanted.store(true, Ordering::Relaxed);
    }

    /// Hands an attempt to the writer.
    ///
    /// # Errors
    /// Whatever keeps the file from being opened.
    pub fn put(&self, put: Put) -> Result<Pending, CassetteError> {
        self.write(|writer| writer.put(put))
    }

    /// Commits what waits and leaves one plain file; the next read or put opens it again.
    pub fn close(&self) {
        self.reading.close();
        self.writer().take();
    }

    fn write<T>(&self, write: impl FnOnce(&Writer) -> T) -> Result<T, CassetteError> {
        let mut guard = self.writer();
        if let Some(writer) = guard.as_ref() {
            return Ok(write(writer));
        }
        let writer = Writer::open(&self.path, &self.keyed_by, self.session.clone())?;
        Ok(write(guard.insert(writer)))
    }

    fn check_keys(&self) -> Result<(), CassetteError> {
        let found = self.read(|reader| reader.keyed_by())?;
        if found == self.keyed_by {
            return Ok(());
        }
        let problem = Problem::KeyedOtherwise {
            found: found.to_string(),
            expected: self.keyed_by.to_string(),
        };
        Err(problem.of(&self.path))
    }

    /// A panic elsewhere leaves it whole: it is only ever replaced.
    fn writer(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Files {
    /// A recording of which nothing could be sent leaves no file behind: a replay of it would
    /// look for what differs, where nothing is recorded at all. One that made no call has a
    /// cassette without an exchange, and replays.
    fn drop(&mut self) {
        self.close();
        if self.made == Made::Here && *self.wanted.get_mut() {
            // Whoever else has it open may still record into it.
            let _ = discard_if_empty(&self.path);
        }
    }
}

/// An empty file is one that another process is about to make a cassette of.
fn holds_something(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() > 0)
}
