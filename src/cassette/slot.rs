//! Where an exchange stands in a cassette.

use std::fmt;

use crate::identity::RequestKey;

/// The primary key of an exchange: which request, in which scope, for the how-many-th time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The request key.
    pub key: RequestKey,
    /// The scope's name; empty for the default scope.
    pub scope: String,
    /// 0, 1, 2 … of the same key in the same scope.
    pub occurrence: u32,
}

impl Slot {
    /// The same request in the same scope, at another time.
    pub(super) fn at(&self, occurrence: u32) -> Self {
        Self {
            occurrence,
            ..self.clone()
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key.short())?;
        if self.occurrence > 0 {
            write!(f, "#{}", self.occurrence)?;
        }
        if !self.scope.is_empty() {
            write!(f, " in scope {}", self.scope)?;
        }
        Ok(())
    }
}
