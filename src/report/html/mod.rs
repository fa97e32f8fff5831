//! One self-contained HTML page: everything it needs is in it, and it asks no host for anything.
//!
//! [`page`] is what every page has: the frame, its style and its script, and a policy that lets
//! nothing else in; [`parts`] is what pages of every kind show in the same way. [`run`] shows a
//! run with its [`dialogue`]s; a comparison's page is in `comparison`.

mod dialogue;
mod page;
mod parts;
mod run;

pub(super) use page::render;
pub(super) use parts::{PlotView, Said, TableView};
pub use run::Html;
