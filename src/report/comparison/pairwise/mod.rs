//! A comparison of two pairwise judges, by the same formats as one of two rubric judges.
//! [`lines`] holds what they share; [`plots`] draws, and [`meetings`] lists every contest with what
//! was said of it.

mod contests;
mod github;
mod html;
mod json;
mod junit;
mod lines;
mod markdown;
mod meetings;
mod plots;
mod text;

pub use json::PAIRWISE_SCHEMA;
