//! What can be wrong with a cassette: what was expected, what was found, what to do.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::codec::CodecError;

/// A failure of a cassette file.
#[derive(Clone, thiserror::Error)]
#[error("cassette `{}`: {problem}", path.display())]
pub struct CassetteError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: Problem,
}

/// A test that ends with `?` prints this form: it has to read like the other.
impl fmt::Debug for CassetteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong with a cassette.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is no such file. How one is recorded, whoever opens it knows.
    #[error("there is no such file")]
    NotFound,
    /// A file without a byte.
    #[error("the file is empty")]
    Empty,
    /// A directory.
    #[error("expected a file, found a directory (name a file inside it)")]
    IsDirectory,
    /// There is no such place to write to.
    #[error("its folder does not exist (make it first, or name another file)")]
    NoFolder,
    /// The file system refuses.
    #[error("permission denied (check the owner and mode of the file and its folder)")]
    PermissionDenied,
    /// Some other file.
    #[error(
        "this is no cassette: expected an SQLite file with the application id `BdRp`, found {found} (the file was left as it is)"
    )]
    NotACassette {
        /// What it seems to be.
        found: String,
    },
    /// Written by a later version.
    #[error(
        "format {found} is newer than this version reads (expected at most {known}; upgrade bedrock-replay)"
    )]
    NewerFormat {
        /// The file's format.
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// Written before the first release.
    #[error(
        "format {found} was never released (expected {oldest} or later; record it again, or import an export that the version that wrote it makes)"
    )]
    OlderFormat {
        /// The file's format.
        found: i64,
        /// The oldest that is read.
        oldest: i64,
    },
    /// Shorter than its own header says.
    #[error(
        "the file is truncated: its header says {expected} bytes, found {found} (restore it from version control or record it again)"
    )]
    Truncated {
        /// Bytes, from the header.
        expected: u64,
        /// Bytes on disk.
        found: u64,
    },
    /// Bytes have changed since they were written.
    #[error(
        "the file is damaged: {what} (`bedrock-replay cassette verify` names every damaged exchange; restore the file from version control)"
    )]
    Damaged {
        /// Which part.
        what: String,
    },
    /// Keyed by other rules than those asked for.
    #[error(
        "its keys were made with {found}, this run asks for {expected} (use the cassette's own rules, or re-key it with `bedrock-replay cassette pack --rekey`)"
    )]
    KeyedOtherwise {
        /// The cassette's rules.
        found: String,
        /// The rules of this run.
        expected: String,
    },
    /// A recording was interrupted, and its journal cannot be settled.
    #[error(
        "a recording was interrupted, and what it left beside the file (`-wal` or `-journal`) cannot be settled here (open the cassette once where its folder can be written)"
    )]
    Unsettled,
    /// No space left.
    #[error(
        "the disk or the file's size limit is full; what was recorded before is safe (free some space and run again with mode `record-missing`: only what is missing is recorded)"
    )]
    Full,
    /// Another process holds it.
    #[error("another process is using the file (wait until its recording or replay ends)")]
    Busy,
    /// Anything else SQLite says.
    #[error("SQLite: {message}")]
    Sqlite {
        /// In its own words.
        message: String,
    },
    /// The file system failed.
    #[error("{source}")]
    Io {
        /// In the system's words.
        #[source]
        source: Arc<std::io::Error>,
    },
}

impl Problem {
    /// Attaches the file's name; with the folder that was looked in, where there is no such file.
    #[must_use]
    pub fn of(self, path: &Path) -> CassetteError {
        let whole = match self {
            Self::NotFound => std::path::absolute(path).ok(),
            _ => None,
        };
        CassetteError {
            path: whole.unwrap_or_else(|| path.to_owned()),
            problem: self,
        }
    }

    /// Whether there is nothing yet that could be replayed: to record mends it.
    #[must_use]
    pub const fn is_unrecorded(&self) -> bool {
        matches!(self, Self::NotFound | Self::Empty)
    }

    /// A damaged part.
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::PermissionDenied,
            ErrorKind::IsADirectory => Self::IsDirectory,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io {
                source: Arc::new(error),
            },
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotACassette {
                found: "no SQLite file".to_owned(),
            },
            Some(ErrorCode::DatabaseCorrupt) => Self::damaged(error.to_string()),
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
                Self::PermissionDenied
            }
            _ => Self::Sqlite {
                message: error.to_string(),
            },
        }
    }
}

impl From<CodecError> for Problem {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Compression(source) => source.into(),
            CodecError::Damaged | CodecError::TextMissing => Self::damaged(error.to_string()),
        }
    }
}
