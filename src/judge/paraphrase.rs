//! A judge's prompt in other words.

use super::prompt::Template;

/// A system prompt in other words that should mean the same. It is no part of a judge's
/// identity: no score depends on it.
#[derive(Debug, Clone)]
pub struct Paraphrase {
    /// Its name: its file's, without the ending.
    pub name: String,
    /// The template.
    pub system: Template,
}
