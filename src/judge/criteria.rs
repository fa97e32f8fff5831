//! By what two answers are held against each other: versioned data, without a scale.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::Files;
use crate::settings::{SettingsError, Source, settings_of};

const WHAT: &str = "list of criteria";

/// What makes an answer the better one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// Name and version, such as `sdp-1`: other criteria are another id.
    pub id: String,
    /// What they look for, in a line.
    pub title: String,
    /// Each of them.
    pub criteria: Vec<Criterion>,
}

/// One thing that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its name.
    pub name: String,
    /// What it asks of an answer.
    pub asks: String,
}

impl Criteria {
    /// Reads them from a folder that may be one of the past.
    pub(super) fn read_from(
        files: &(impl Files + ?Sized),
        name: &Path,
    ) -> Result<Self, SettingsError> {
        let (path, text) = files.read(WHAT, "the judge's `criteria` names it", name)?;
        let criteria: Self = settings_of(WHAT, &path, &text)?;
        criteria.check(Source {
            what: WHAT,
            path: &path,
            text: &text,
        })?;
        Ok(criteria)
    }

    fn check(&self, source: Source<'_>) -> Result<(), SettingsError> {
        if self.criteria.is_empty() {
            return Err(source.invalid("criteria", "at least one", "none"));
        }
        let mut names = BTreeSet::new();
        for (index, criterion) in self.criteria.iter().enumerate() {
            let name = criterion.name.trim();
            if name.is_empty() || !names.insert(name) {
                let found = format!("`{}`", criterion.name);
                let place = format!("criteria.{index}.name");
                return Err(source.invalid(&place, "a name of its own", found));
            }
        }
        Ok(())
    }
}
