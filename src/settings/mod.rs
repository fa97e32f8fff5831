//! Files that a person edits: read with the place of every mistake, and unknown words answered
//! with the nearest known one.

mod date;
mod file;
mod place;
mod suggestion;

pub use file::{SettingsError, Source, place_of, read_settings, read_text, settings_of};
pub(crate) use file::{line_text, text_of};
pub use suggestion::nearest;

pub(crate) use date::{date, optional_date};
