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
