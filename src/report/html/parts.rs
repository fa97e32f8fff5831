//! What pages of every kind show in the same way.

use serde::Serialize;

/// A table with a name in each row.
#[derive(Debug, Serialize)]
pub struct TableView {
    pub title: &'static str,
    pub headings: Vec<String>,
    pub rows: Vec<(String, Vec<String>)>,
}

/// A plot with what it shows.
#[derive(Debug, Serialize)]
pub struct PlotView {
    pub caption: String,
    pub svg: String,
}

/// Longer texts get a window of their own to scroll in.
const LONG: usize = 3_000;

/// What somebody said, or why nobody did.
#[derive(Debug, Default, Serialize)]
pub struct Said<'a> {
    pub text: Option<&'a str>,
    pub is_long: bool,
    pub note: Option<String>,
}

impl<'a> Said<'a> {
    pub fn text(text: &'a str) -> Self {
        Self {
            text: Some(text),
            is_long: text.len() > LONG,
            note: None,
        }
    }

    pub fn note(note: impl Into<String>) -> Self {
        Self {
            note: Some(note.into()),
            ..Self::default()
        }
    }
}
