//! One self-contained HTML page: everything it needs is in it, and it asks no host for anything.
//!
//! [`page`] is what every page has: the frame, its style and its script, and a policy that lets
//! nothing else in. [`run`] shows a run with its [`dialogue`]s.

mod dialogue;
mod page;
mod run;

pub use run::Html;
