//! A comparison of two judges: [`ComparisonText`] for a terminal, [`ComparisonMarkdown`] for a
//! pull request, [`ComparisonJson`] for programs, [`ComparisonHtml`] to read with its [`plots`],
//! the turns that [`moved`] and all [`dialogues`]. [`words`] and [`lines`] hold what they share: how
//! numbers are written, and what is said of each part; [`view`] what pages share. The same formats
//! show two pairwise judges: `pairwise`, and what is not recorded yet: [`missing`].

mod dialogues;
mod github;
mod human;
mod json;
mod junit;
mod lines;
mod markdown;
mod missing;
mod moved;
mod page;
mod pairwise;
mod plots;
mod shifts;
mod text;
mod turns;
mod view;
mod words;

pub use github::ComparisonGithub;
pub use json::ComparisonJson;
pub use junit::ComparisonJunit;
pub use markdown::ComparisonMarkdown;
pub use missing::MISSING_SCHEMA;
pub use page::ComparisonHtml;
pub use pairwise::PAIRWISE_SCHEMA;
pub use text::ComparisonText;
