//! What is replaced before anything is hashed or reaches disk.
//!
//! A [`Redaction`] is an ordered list of [`Rule`]s. A rule puts a value wherever a JSON path
//! finds one, or text wherever a regular expression (a filter) matches, in requests unless its
//! [`Side`] says otherwise: replay is byte for byte only as long as no rule touches responses.
//!
//! Replacements are constants. Two UUIDs in one request become the same `<uuid>`: which of
//! them was which is lost, and in exchange the result depends on nothing but the text itself.
//!
//! A filter sees each JSON string by itself: a text that a stream spreads over two events is
//! not found.

mod apply;
mod rule;
mod splice;
mod stream;
#[cfg(test)]
mod tests;
mod written;

pub use apply::Redaction;
pub use rule::{Rule, RuleError, Side};
