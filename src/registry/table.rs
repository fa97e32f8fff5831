//! The file `models.toml`.

use std::path::Path;

use serde::Deserialize;

use super::entry::Entry;
use super::model_id::ModelId;
use crate::settings::{SettingsError, Source, read_text, settings_of};

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
        let text = read_text(WHAT, HINT, path)?;
        let table: Self = settings_of(WHAT, path, &text)?;
        table.check(Source {
            what: WHAT,
            path,
            text: &text,
        })?;
        Ok(table)
    }

    /// What TOML's types cannot say.
    fn check(&self, source: Source<'_>) -> Result<(), SettingsError> {
        let mut seen = std::collections::BTreeSet::new();
        for (index, entry) in self.models.iter().enumerate() {
            let mut prefixes = entry.profiles.iter().flatten().enumerate();
            if let Some((place, prefix)) = prefixes.find(|(_, own)| !ModelId::is_prefix(own)) {
                let place = format!("models.{index}.profiles.{place}");
                let expected = "an inference profile's prefix, such as \"us\"";
                return Err(source.invalid(&place, expected, format!("`{prefix}`")));
            }
            for (place, id) in ids(entry) {
                if !seen.insert(id) {
                    let expected = "each id once, as an id or as an alias";
                    let place = format!("models.{index}.{place}");
                    return Err(source.invalid(&place, expected, format!("`{id}` again")));
                }
            }
        }
        Ok(())
    }
}

/// Every id of a model, and where it is written.
fn ids(entry: &Entry) -> impl Iterator<Item = (String, &str)> {
    let aliases = entry.aliases.iter().enumerate();
    let aliases = aliases.map(|(index, alias)| (format!("aliases.{index}.id"), alias.id.as_str()));
    std::iter::once(("id".to_owned(), entry.id.as_str())).chain(aliases)
}
