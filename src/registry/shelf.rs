//! The registry: finds what is known of an id.

use std::path::Path;

use super::entry::{Alias, Entry};
use super::model_id::ModelId;
use super::quirks::Quirks;
use super::slip::slip;
use super::table::{ProfileRow, Table};
use crate::settings::{SettingsError, nearest};

/// The file's name beside a plan.
const FILE: &str = "models.toml";
/// Letters of a word that tells a model.
const WORD: usize = 4;

/// What is known of models and inference profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    entries: Vec<Entry>,
    profiles: Vec<ProfileRow>,
    /// What holds for a model of which nothing is known.
    unknown: Quirks,
}

/// What a registry says of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised<'a> {
    /// A model of the registry.
    Known(&'a Entry),
    /// An id that is written where another one is meant.
    Alias(&'a Entry, &'a Alias),
    /// Not in the registry; perhaps this one was meant.
    Unknown {
        /// The id most like it.
        nearest: Option<&'a str>,
    },
}

impl<'a> Recognised<'a> {
    /// The model that is meant.
    #[must_use]
    pub const fn entry(self) -> Option<&'a Entry> {
        match self {
            Self::Known(entry) | Self::Alias(entry, _) => Some(entry),
            Self::Unknown { .. } => None,
        }
    }
}

/// Where an inference profile sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile<'a> {
    /// To one of these regions.
    Regions(&'a [String]),
    /// To any commercial region.
    Anywhere,
}

impl Registry {
    /// The registry that ships with the program.
    ///
    /// # Errors
    /// None, unless the program was built from a broken file.
    pub fn shipped() -> Result<Self, SettingsError> {
        Table::shipped().map(Self::of)
    }

    /// The shipped registry with a file's models over it.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        Ok(Self::shipped()?.over(Table::load(path)?))
    }

    /// The shipped registry, with the `models.toml` of a plan's folder over it if there is one.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line.
    pub fn beside(plan: &Path) -> Result<Self, SettingsError> {
        let path = plan.with_file_name(FILE);
        if path.exists() {
            return Self::load(&path);
        }
        Self::shipped()
    }

    fn of(table: Table) -> Self {
        Self {
            entries: table.models,
            profiles: table.profiles,
            unknown: Quirks::default(),
        }
    }

    fn over(mut self, table: Table) -> Self {
        for entry in table.models {
            match self.entries.iter_mut().find(|old| old.id == entry.id) {
                Some(old) => *old = entry,
                None => self.entries.push(entry),
            }
        }
        for row in table.profiles {
            self.profiles.retain(|old| old.prefix != row.prefix);
            self.profiles.push(row);
        }
        self
    }

    /// Its models, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is known of an id: the model's own, an ARN, or one with a profile's prefix.
    #[must_use]
    pub fn recognise(&self, id: &ModelId) -> Recognised<'_> {
        let base = id.base();
        if let Some(entry) = self.entries.iter().find(|entry| entry.id == base) {
            return Recognised::Known(entry);
        }
        for entry in &self.entries {
            if let Some(alias) = entry.aliases.iter().find(|alias| alias.id == base) {
                return Recognised::Alias(entry, alias);
            }
        }
        Recognised::Unknown {
            nearest: self.nearest(id),
        }
    }

    /// The id that may have been meant: the one that it is a slip of or, of what names no
    /// provider, the one of a model whose name, or a word of it, is like it.
    fn nearest(&self, id: &ModelId) -> Option<&str> {
        let ids = self.entries.iter().map(|entry| entry.id.as_str());
        if id.names_a_provider() {
            let slips = ids.filter_map(|own| Some((slip(id.base(), own)?, own)));
            return slips.min_by_key(|(far, _)| *far).map(|(_, own)| own);
        }
        let mut whose = ids.filter(|own| {
            let name = own.split_once('.').map(|(_, name)| name);
            name.is_some_and(|name| slip(id.base(), name).is_some())
        });
        whose.next().or_else(|| self.named_like(id.base()))
    }

    /// The id of the model whose name, or a word of it, is like one.
    fn named_like(&self, text: &str) -> Option<&str> {
        let numbers = |text: &str| -> String { text.matches(char::is_numeric).collect() };
        let names = self.entries.iter().map(|entry| entry.name.as_str());
        let words = names.clone().flat_map(|name| name.split('-'));
        let words = words.filter(|word| word.len() >= WORD);
        let by_name = nearest(text, names.filter(|name| numbers(name) == numbers(text)));
        let meant = by_name.or_else(|| nearest(text, words))?;
        let mut meaning = self.entries.iter().filter(|entry| {
            entry.name == meant
                || (by_name.is_none() && entry.name.split('-').any(|word| word == meant))
        });
        // A word that several models share means none of them.
        match (meaning.next(), meaning.next()) {
            (Some(entry), None) => Some(&entry.id),
            _ => None,
        }
    }

    /// The id that prices are written under: an alias costs what the model costs that is meant.
    #[must_use]
    pub fn priced_as(&self, id: &str) -> String {
        let parsed = ModelId::parse(id);
        match (self.recognise(&parsed), parsed.profile()) {
            (Recognised::Alias(entry, _), Some(profile)) => format!("{profile}.{}", entry.id),
            (Recognised::Alias(entry, _), None) => entry.id.clone(),
            _ => id.to_owned(),
        }
    }

    /// The model that an id, or a short name, means.
    #[must_use]
    pub fn find(&self, id_or_name: &str) -> Option<&Entry> {
        let by_name = self.entries.iter().find(|entry| entry.name == id_or_name);
        by_name.or_else(|| self.recognise(&ModelId::parse(id_or_name)).entry())
    }

    /// How a request to a model must look; of an unknown one nothing is assumed.
    #[must_use]
    pub fn quirks(&self, id: &str) -> &Quirks {
        let found = self.recognise(&ModelId::parse(id)).entry();
        found.map_or(&self.unknown, |entry| &entry.quirks)
    }

    /// The id of the inference profile that a model has for a region, as far as is known: one
    /// of its own part of the world before one of all of it.
    #[must_use]
    pub fn profile_for(&self, id: &str, region: &str) -> Option<String> {
        let entry = self.recognise(&ModelId::parse(id)).entry()?;
        let serves = |prefix: &&String| match self.profile(prefix) {
            Some(Profile::Anywhere) => true,
            Some(Profile::Regions(regions)) if regions.iter().any(|own| own == region) => true,
            _ => ModelId::profiles_around(region).any(|own| own == **prefix),
        };
        let is_of_all = |prefix: &&String| self.profile(prefix) == Some(Profile::Anywhere);
        let all = entry.profiles.iter().flatten().filter(serves);
        let own = all.min_by_key(is_of_all)?;
        Some(format!("{own}.{}", entry.id))
    }

    /// Where an inference profile's requests go, by its prefix.
    #[must_use]
    pub fn profile(&self, prefix: &str) -> Option<Profile<'_>> {
        let row = self.profiles.iter().find(|row| row.prefix == prefix)?;
        Some(if row.anywhere {
            Profile::Anywhere
        } else {
            Profile::Regions(&row.destinations)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

    #[test]
    fn a_region_is_served_by_the_profile_of_its_own_part_of_the_world() {
        let registry = Registry::shipped().unwrap();
        for (region, expected) in [
            ("us-east-1", Some("us")),
            ("us-west-1", Some("us")),
            ("ca-central-1", Some("us")),
            ("us-gov-west-1", Some("us-gov")),
            ("eu-west-2", Some("eu")),
            ("ap-northeast-1", Some("jp")),
            ("ap-southeast-2", Some("au")),
            ("ap-southeast-1", Some("global")),
            ("sa-east-1", Some("global")),
        ] {
            let expected = expected.map(|prefix| format!("{prefix}.{SONNET}"));
            assert_eq!(registry.profile_for(SONNET, region), expected, "{region}");
        }
    }

    #[test]
    fn no_profile_is_guessed() {
        let registry = Registry::shipped().unwrap();
        for (id, region) in [
            ("meta.llama3-1-70b-instruct-v1:0", "eu-west-1"),
            ("amazon.titan-text-premier-v1:0", "us-east-1"),
            ("acme.big-v1:0", "us-east-1"),
        ] {
            assert_eq!(registry.profile_for(id, region), None, "{id}");
        }
    }
}
