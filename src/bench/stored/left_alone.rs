//! What is no part of a stored run, and why.

use std::fmt;
use std::path::PathBuf;

/// A file or folder that was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftAlone {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub why: WhyLeftAlone,
}

/// Why it was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyLeftAlone {
    /// Its name is neither a turn's nor a judgment's.
    OtherName,
    /// Its number is too far beyond those of the run's other turns.
    FarBeyond,
    /// A judgment in whose folder no turn can be read.
    NoTurns,
    /// A curated run that is there raw as well.
    ThereRaw,
}

impl fmt::Display for WhyLeftAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherName => "its name is no turn's and no judgment's",
            Self::FarBeyond => "its number comes after too wide a gap",
            Self::NoTurns => "a judgment without a turn that can be read beside it",
            Self::ThereRaw => "the same run is there raw",
        })
    }
}

impl WhyLeftAlone {
    /// These, for this reason.
    pub(super) fn all(
        self,
        paths: impl IntoIterator<Item = PathBuf>,
    ) -> impl Iterator<Item = LeftAlone> {
        let own = move |path| LeftAlone { path, why: self };
        paths.into_iter().map(own)
    }
}
