//! How a judge is asked: about one turn by a rubric, or about two answers side by side.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::settings::{SettingsError, Source, settings_of};

/// What a `judge.toml` is called in a message.
pub(super) const WHAT: &str = "judge";

/// How a judge is asked: `kind` of its `judge.toml`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It scores one turn by a rubric. What says nothing else is this.
    #[default]
    Rubric,
    /// It says which of two answers is better.
    Pairwise,
}

impl Kind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(super) fn is_rubric(&self) -> bool {
        *self == Self::Rubric
    }

    /// The kind that a `judge.toml` names, whatever else is in it.
    pub(super) fn of(path: &Path, text: &str) -> Result<Self, SettingsError> {
        #[derive(Deserialize)]
        struct Tag {
            #[serde(default)]
            kind: Kind,
        }
        Ok(settings_of::<Tag>(WHAT, path, text)?.kind)
    }

    /// Refuses a file of another kind.
    pub(super) fn expect(self, path: &Path, text: &str) -> Result<(), SettingsError> {
        let found = Self::of(path, text)?;
        if found == self {
            return Ok(());
        }
        let source = Source {
            what: WHAT,
            path,
            text,
        };
        Err(source.invalid("kind", format!("`{self}` here"), format!("`{found}`")))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rubric => "rubric",
            Self::Pairwise => "pairwise",
        })
    }
}
