//! A comparison of two judges: [`ComparisonText`] for a terminal, [`ComparisonMarkdown`] for a
//! pull request, [`ComparisonJson`] for programs. [`words`] and [`lines`] hold what the first
//! two share: how numbers are written, and what is said of each part.

mod json;
mod lines;
mod markdown;
mod text;
mod words;

pub use json::ComparisonJson;
pub use markdown::ComparisonMarkdown;
pub use text::ComparisonText;
