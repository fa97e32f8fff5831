//! The handles by which this process looks at cassettes, and the lock that says who has one open.
//!
//! As soon as a process closes any handle of a file, POSIX drops every lock that it holds on
//! that file (`fcntl(2)`), those of its SQLite connections too. The handle that looked at a
//! cassette is therefore shared, and closed only after the last connection to it.
//!
//! SQLite finds `-wal` and `-shm` by the file's name. Two files that have had the same name, the
//! one that `pack` replaces and the new one, would share them. So whoever opens a cassette holds
//! a shared lock on it (`flock(2)`, which SQLite does not use), and only who is alone with it may
//! give its name to another.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::Problem;

/// How long somebody who is alone with a file is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(5);

/// What a file is known by, whatever its name.
type Identity = Option<(u64, u64)>;

/// Every handle that is open; a lease is a clone of one of these.
static HANDLES: Mutex<Vec<Arc<Handle>>> = Mutex::new(Vec::new());

#[derive(Debug)]
struct Handle {
    file: File,
    identity: Identity,
    /// Locks belong to the handle: its leases count as one.
    locked: Mutex<Locked>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Locked {
    Not,
    Shared,
    Alone,
}

/// What a lease is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The file must exist.
    Read,
    /// The file is created where there is none.
    Write,
}

/// A file that is open; to be dropped after every connection that was opened under it.
#[derive(Debug)]
pub struct Lease {
    /// Present until the lease is dropped.
    handle: Option<Arc<Handle>>,
}

/// A lease while which no other one begins, in any process that keeps to these locks.
#[derive(Debug)]
pub struct Alone(Lease);

/// The front of a file.
#[derive(Debug)]
pub struct Front {
    /// As many of its first bytes as were asked for, or all.
    pub bytes: Vec<u8>,
    /// How many it has.
    pub length: u64,
}

impl Lease {
    /// Opens the file that has this name, and keeps the name its own.
    ///
    /// # Errors
    /// No such file, a directory, no permission; [`Problem::Busy`] if another process is alone
    /// with it for too long.
    pub fn new(path: &Path, purpose: Purpose) -> Result<Self, Problem> {
        for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
            if let Some(lease) = Self::unless_somebody_is_alone(path, purpose)? {
                return Ok(lease);
            }
            std::thread::sleep(PAUSE);
        }
        Err(Problem::Busy)
    }

    fn unless_somebody_is_alone(path: &Path, purpose: Purpose) -> Result<Option<Self>, Problem> {
        let mut handles = table();
        let open = std::fs::metadata(path).ok();
        if let Some(metadata) = &open {
            check_kind(metadata)?;
        }
        let open = open.as_ref().and_then(identity);
        let known = handles
            .iter()
            .find(|handle| open.is_some() && handle.identity == open);
        let handle = match known {
            Some(handle) => Arc::clone(handle),
            None => Arc::new(Handle::open(path, purpose)?),
        };
        // Its name may have been given to another before it was locked.
        if !handle.share() || !handle.is_at(path) {
            return Ok(None);
        }
        if known.is_none() {
            handles.push(Arc::clone(&handle));
        }
        Ok(Some(Self {
            handle: Some(handle),
        }))
    }

    /// Ends this lease; if it was the last one, nobody else begins one until the answer is
    /// dropped. Of several that end at once the last is answered.
    #[must_use]
    pub fn alone(mut self) -> Option<Alone> {
        let mut handles = table();
        let handle = self.handle.take()?;
        // One in the table, one here.
        if Arc::strong_count(&handle) > 2 || !handle.lock_alone() {
            close(&mut handles, handle);
            return None;
        }
        self.handle = Some(handle);
        Some(Alone(self))
    }

    /// Reads the first bytes.
    ///
    /// # Errors
    /// The file system's.
    pub fn front(&self, most: u64) -> std::io::Result<Front> {
        let _one_at_a_time = table();
        let Some(handle) = &self.handle else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        let mut file = &handle.file;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.take(most).read_to_end(&mut bytes)?;
        Ok(Front {
            bytes,
            length: file.metadata()?.len(),
        })
    }
}

impl Alone {
    /// Whether the path leads to this file.
    pub fn is_at(&self, path: &Path) -> bool {
        let handle = self.0.handle.as_ref();
        handle.is_some_and(|handle| handle.is_at(path))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Closed under the lock, so that nobody meanwhile opens the same file.
        let mut handles = table();
        if let Some(handle) = self.handle.take() {
            close(&mut handles, handle);
        }
    }
}

impl std::ops::Deref for Alone {
    type Target = Lease;

    fn deref(&self) -> &Lease {
        &self.0
    }
}

/// The file is closed, and so unlocked, with its last lease.
fn close(handles: &mut Vec<Arc<Handle>>, handle: Arc<Handle>) {
    drop(handle);
    handles.retain(|handle| Arc::strong_count(handle) > 1);
}

impl Handle {
    fn open(path: &Path, purpose: Purpose) -> std::io::Result<Self> {
        let file = match purpose {
            Purpose::Read => File::open(path)?,
            Purpose::Write => OpenOptions::new()
                .read(true)
                .append(true)
                .create(true)
                .open(path)?,
        };
        Ok(Self {
            identity: identity(&file.metadata()?),
            file,
            locked: Mutex::new(Locked::Not),
        })
    }

    /// Whether the path leads to this file: `pack` gives its name to another.
    fn is_at(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|metadata| identity(&metadata) == self.identity)
    }

    fn share(&self) -> bool {
        let mut locked = self.locked();
        if *locked == Locked::Not && flock::share(&self.file) {
            *locked = Locked::Shared;
        }
        *locked == Locked::Shared
    }

    fn lock_alone(&self) -> bool {
        let mut locked = self.locked();
        if flock::alone(&self.file) {
            *locked = Locked::Alone;
        }
        *locked == Locked::Alone
    }

    fn locked(&self) -> MutexGuard<'_, Locked> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Found before anything is opened: opening a pipe waits for its other end.
fn check_kind(metadata: &Metadata) -> Result<(), Problem> {
    if metadata.is_dir() {
        return Err(Problem::IsDirectory);
    }
    if !metadata.is_file() {
        return Err(Problem::NotACassette {
            found: "no ordinary file".to_owned(),
        });
    }
    Ok(())
}

/// Locks beside SQLite's. Where a file system knows none, SQLite's own must do.
#[cfg(unix)]
mod flock {
    use std::fs::{File, TryLockError};

    pub fn share(file: &File) -> bool {
        is_granted(&file.try_lock_shared())
    }

    pub fn alone(file: &File) -> bool {
        // Two that end at once would refuse each other if both kept what they share.
        let _ = file.unlock();
        is_granted(&file.try_lock())
    }

    fn is_granted(tried: &Result<(), TryLockError>) -> bool {
        !matches!(tried, Err(TryLockError::WouldBlock))
    }
}

/// Elsewhere a lock would keep SQLite from reading, and an open file keeps its name.
#[cfg(not(unix))]
mod flock {
    use std::fs::File;

    pub fn share(_file: &File) -> bool {
        true
    }

    pub fn alone(_file: &File) -> bool {
        true
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere locks belong to handles, and nothing needs to be shared.
#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> Identity {
    None
}

fn table() -> MutexGuard<'static, Vec<Arc<Handle>>> {
    HANDLES.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_has_one_handle_however_often_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert!(Lease::new(&path, Purpose::Read).is_err());
        let first = Lease::new(&path, Purpose::Write).unwrap();
        let second = Lease::new(&path, Purpose::Read).unwrap();
        let handle = |lease: &Lease| Arc::as_ptr(lease.handle.as_ref().unwrap());
        assert_eq!(handle(&first), handle(&second));
        std::fs::rename(&path, folder.path().join("b")).unwrap();
        std::fs::write(&path, "another").unwrap();
        let third = Lease::new(&path, Purpose::Read).unwrap();
        assert_ne!(handle(&first), handle(&third));
        assert_eq!(third.front(4).unwrap().bytes, b"anot");
        assert_eq!(third.front(4).unwrap().length, 7);
    }

    #[test]
    fn whoever_ends_last_is_alone_and_the_next_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let first = Lease::new(&path, Purpose::Write).unwrap();
        let second = Lease::new(&path, Purpose::Read).unwrap();
        assert!(first.alone().is_none());
        let alone = second.alone().unwrap();
        let one_try = || Lease::unless_somebody_is_alone(&path, Purpose::Read).unwrap();
        assert!(one_try().is_none());
        drop(alone);
        assert!(one_try().is_some());
    }

    #[test]
    fn a_lease_of_another_process_keeps_this_one_from_being_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let lease = Lease::new(&path, Purpose::Write).unwrap();
        // A lock belongs to a handle, so that another one is as good as another process.
        let other = File::open(&path).unwrap();
        other.lock_shared().unwrap();
        assert!(lease.alone().is_none());
        other.unlock().unwrap();
        let lease = Lease::new(&path, Purpose::Write).unwrap();
        assert!(lease.alone().is_some());
    }
}
