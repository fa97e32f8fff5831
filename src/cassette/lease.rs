//! The handles by which this process looks at cassettes.
//!
//! As soon as a process closes any handle of a file, POSIX drops every lock that it holds on
//! that file (`fcntl(2)`), those of its SQLite connections too. The handle that looked at a
//! cassette is therefore shared, and closed only after the last connection to it.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::Problem;

/// What a file is known by, whatever its name.
type Identity = Option<(u64, u64)>;

/// Every handle that is open; a lease is a clone of one of these.
static HANDLES: Mutex<Vec<Arc<Handle>>> = Mutex::new(Vec::new());

#[derive(Debug)]
struct Handle {
    file: File,
    identity: Identity,
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

/// The front of a file.
#[derive(Debug)]
pub struct Front {
    /// As many of its first bytes as were asked for, or all.
    pub bytes: Vec<u8>,
    /// How many it has.
    pub length: u64,
}

impl Lease {
    /// Opens a file.
    ///
    /// # Errors
    /// No such file, a directory, no permission.
    pub fn new(path: &Path, purpose: Purpose) -> Result<Self, Problem> {
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
        if known.is_none() {
            handles.push(Arc::clone(&handle));
        }
        Ok(Self {
            handle: Some(handle),
        })
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

    /// Whether the path still leads to this file: `pack` gives its name to another.
    pub fn is_at(&self, path: &Path) -> bool {
        let Some(handle) = &self.handle else {
            return false;
        };
        std::fs::metadata(path).is_ok_and(|metadata| identity(&metadata) == handle.identity)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Closed under the lock, so that nobody meanwhile opens the same file.
        let mut handles = table();
        self.handle.take();
        handles.retain(|handle| Arc::strong_count(handle) > 1);
    }
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
        })
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
        assert!(first.is_at(&path));
        std::fs::rename(&path, folder.path().join("b")).unwrap();
        std::fs::write(&path, "another").unwrap();
        assert!(!first.is_at(&path));
        let third = Lease::new(&path, Purpose::Read).unwrap();
        assert_eq!(third.front(4).unwrap().bytes, b"anot");
        assert_eq!(third.front(4).unwrap().length, 7);
    }
}
