//! One reader for many requests.
//!
//! Each read by itself would lock the file, look for journals and unlock it again: a third of
//! a replayed call. So a read transaction is held for a moment and shared by the reads of that
//! moment; a thread of its own ends it, so that an idle replay never keeps a recorder waiting.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::cassette::{CassetteError, Problem, Reader};

/// How long a read transaction is shared.
const MOMENT: Duration = Duration::from_millis(50);

/// Whether reads share a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// For a moment: what others write meanwhile is seen a moment later.
    Moment,
    /// Never: each read sees what was written before it.
    Never,
}

/// A cassette that is read, opened when it is first needed.
#[derive(Debug)]
pub struct Reading {
    path: PathBuf,
    sharing: Sharing,
    shared: Arc<Shared>,
    ender: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    reader: Option<Reader>,
    transaction: Transaction,
    /// Whether the [`Reading`] is gone.
    is_over: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Transaction {
    #[default]
    None,
    Held,
}

impl Reading {
    /// Reads of the file at a path.
    pub fn new(path: &Path, sharing: Sharing) -> Self {
        Self {
            path: path.to_owned(),
            sharing,
            shared: Arc::default(),
            ender: Mutex::default(),
        }
    }

    /// Reads.
    ///
    /// # Errors
    /// Whatever is wrong with the file.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, CassetteError>,
    ) -> Result<T, CassetteError> {
        let mut state = self.shared.state();
        if state.reader.is_none() {
            state.reader = Some(Reader::open(&self.path)?);
        }
        if self.sharing == Sharing::Moment && state.transaction == Transaction::None {
            self.hold(&mut state)?;
        }
        match &mut state.reader {
            Some(reader) => read(reader),
            None => Err(Problem::NotFound.of(&self.path)),
        }
    }

    /// Lets the file go; the next read opens it again.
    pub fn close(&self) {
        let mut state = self.shared.state();
        state.transaction = Transaction::None;
        state.reader = None;
    }

    fn hold(&self, state: &mut State) -> Result<(), CassetteError> {
        self.start_ender()?;
        if let Some(reader) = &state.reader {
            reader.begin()?;
            state.transaction = Transaction::Held;
            self.shared.changed.notify_one();
        }
        Ok(())
    }

    fn start_ender(&self) -> Result<(), CassetteError> {
        let mut ender = self.ender.lock().unwrap_or_else(PoisonError::into_inner);
        if ender.is_some() {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().name("cassette-reader".to_owned());
        let thread = thread.spawn(move || shared.end_transactions());
        *ender = Some(thread.map_err(|error| Problem::from(error).of(&self.path))?);
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.changed.notify_one();
        let ender = self
            .ender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = ender {
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// A panic elsewhere leaves the state whole: its parts are only ever replaced.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end_transactions(&self) {
        loop {
            let state = self.state();
            let idle = |state: &mut State| !state.is_over && state.transaction == Transaction::None;
            let state = self.changed.wait_while(state, idle);
            let state = state.unwrap_or_else(PoisonError::into_inner);
            let moment = self
                .changed
                .wait_timeout_while(state, MOMENT, |state| !state.is_over);
            let (mut state, _) = moment.unwrap_or_else(PoisonError::into_inner);
            if state.is_over {
                return;
            }
            let ended = match &state.reader {
                Some(reader) => reader.end(),
                None => Ok(()),
            };
            if ended.is_err() {
                // A reader that cannot end its transaction is of no more use.
                state.reader = None;
            }
            state.transaction = Transaction::None;
        }
    }
}
