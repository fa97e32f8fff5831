//! How an outcome is shown: one file for each [`Format`].
//!
//! The outcome's types lie below, in `bench`, so that neither the runner knows a format nor a
//! format the runner. Every format says where the answers came from: a [`Report`] has no form
//! without it. [`write_file`] and [`write_files`] put them into files. A comparison of judges has
//! formats of its own behind the same trait.

mod comparison;
mod conversation;
mod escaped;
mod files;
pub mod fit;
mod format;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod plot;
mod table;
mod test_case;
mod workflow;

pub use comparison::{
    ComparisonGithub, ComparisonHtml, ComparisonJson, ComparisonJunit, ComparisonMarkdown,
    ComparisonText, MISSING_SCHEMA, PAIRWISE_SCHEMA,
};
pub use conversation::Conversation;
pub use files::{OutputError, make_folder, remove_stale, write_file, write_files};
pub use format::{Format, FormatError, Report};
pub use github::Github;
pub use html::Html;
pub use json::Json;
pub use junit::Junit;
pub use markdown::Markdown;
pub use plot::PlotError;
pub use table::{Table, TableWithin};
