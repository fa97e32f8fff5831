//! A comparison of two pairwise judges, by the same formats as one of two rubric judges.
//! [`lines`] holds what they share.

mod github;
mod html;
mod json;
mod junit;
mod lines;
mod markdown;
mod text;

pub use json::PAIRWISE_SCHEMA;
