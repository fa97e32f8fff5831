//! A judge of either kind, as a folder holds it.

use std::path::Path;

use super::files::{FILE, Files};
use super::folder::{HINT, Judge, Written};
use super::identity::Identity;
use super::kind::{Kind, WHAT};
use super::pairwise::PairwiseJudge;
use crate::settings::SettingsError;

/// A judge of either kind.
#[derive(Debug, Clone)]
pub enum AnyJudge {
    /// It scores one turn by a rubric.
    Rubric(Judge),
    /// It says which of two answers is better.
    Pairwise(PairwiseJudge),
}

impl AnyJudge {
    /// Reads a judge's folder, whichever kind it says it is.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line.
    pub fn load(folder: &Path) -> Result<Self, SettingsError> {
        Self::read_from(folder)
    }

    /// The same from a folder that may be one of the past.
    pub(super) fn read_from(files: &(impl Files + ?Sized)) -> Result<Self, SettingsError> {
        let (path, text) = files.read(WHAT, HINT, Path::new(FILE))?;
        Ok(match Kind::of(&path, &text)? {
            Kind::Rubric => Self::Rubric(Judge::read_from(files)?),
            Kind::Pairwise => Self::Pairwise(PairwiseJudge::read_from(files)?),
        })
    }

    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Rubric(_) => Kind::Rubric,
            Self::Pairwise(_) => Kind::Pairwise,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Rubric(judge) => &judge.name,
            Self::Pairwise(judge) => &judge.name,
        }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match self {
            Self::Rubric(judge) => &judge.folder,
            Self::Pairwise(judge) => &judge.folder,
        }
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        match self {
            Self::Rubric(judge) => judge.identity(),
            Self::Pairwise(judge) => judge.identity(),
        }
    }

    /// The judge as files of a folder of its own.
    pub(super) fn written(&self) -> Result<Written, toml::ser::Error> {
        match self {
            Self::Rubric(judge) => judge.written(),
            Self::Pairwise(judge) => judge.written(),
        }
    }
}
