//! The file `models.toml`.

use std::path::Path;

use serde::Deserialize;

use super::entry::Entry;
use crate::settings::{SettingsError, read_settings, settings_of};

const WHAT: &str = "model registry";
const HINT: &str = "a models.toml beside the plan; without one the built-in registry holds";
/// The registry that ships with the program.
const SHIPPED: &str = include_str!("../../scenarios/models.toml");

/// The file's content.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    #[serde(default)]
    pub(super) models: Vec<Entry>,
    #[serde(default)]
    pub(super) profiles: Vec<ProfileRow>,
}

/// Where an inference profile's requests may go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileRow {
    pub(super) prefix: String,
    #[serde(default)]
    pub(super) destinations: Vec<String>,
    #[serde(default)]
    pub(super) anywhere: bool,
    pub(super) source: String,
}

impl Table {
    pub(super) fn shipped() -> Result<Self, SettingsError> {
        settings_of(WHAT, Path::new("(built-in) scenarios/models.toml"), SHIPPED)
    }

    pub(super) fn load(path: &Path) -> Result<Self, SettingsError> {
        let table: Self = read_settings(WHAT, HINT, path)?;
        table.check(path)?;
        Ok(table)
    }

    /// What TOML's types cannot say.
    fn check(&self, path: &Path) -> Result<(), SettingsError> {
        let mut seen = std::collections::BTreeSet::new();
        for id in self.models.iter().flat_map(ids) {
            if !seen.insert(id) {
                return Err(SettingsError::Invalid {
                    what: WHAT,
                    path: path.to_owned(),
                    key: "models.id".to_owned(),
                    expected: "each id once, as an id or as an alias".to_owned(),
                    found: format!("`{id}` again"),
                });
            }
        }
        Ok(())
    }
}

fn ids(entry: &Entry) -> impl Iterator<Item = &str> {
    let aliases = entry.aliases.iter().map(|alias| alias.id.as_str());
    std::iter::once(entry.id.as_str()).chain(aliases)
}
