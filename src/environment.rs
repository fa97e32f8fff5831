//! The process's environment, read in one place and passed in.

use std::collections::BTreeMap;
use std::fmt;

/// The variables that name a region to an SDK of AWS; the first that is set holds.
pub const REGION_VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// Environment variables.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

/// Names alone: half of the secrets of a machine are values here.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// The variables of this process; those that are not UTF-8 are left out.
    #[must_use]
    pub fn of_process() -> Self {
        let lines = std::env::vars_os();
        lines
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of a variable; an empty one counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The region that it names.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        REGION_VARIABLES.iter().find_map(|name| self.get(name))
    }

    /// Every variable that is set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let set = self.0.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same with another value of one variable; an empty one unsets it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let lines = lines.into_iter();
        Self(
            lines
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}
