//! How an outcome is shown: one file for each [`Format`].
//!
//! The outcome's types lie below, in `bench`, so that neither the runner knows a format nor a
//! format the runner. Every format says where the answers came from: a [`Report`] has no form
//! without it. [`write_files`] puts them into a folder.

mod conversation;
mod files;
mod format;
mod json;
mod table;

pub use conversation::Conversation;
pub use files::{OutputError, write_files};
pub use format::{Format, FormatError, Report};
pub use json::Json;
pub use table::Table;
