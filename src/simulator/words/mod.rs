//! Reading a turn by its words: `text` cuts it, `quoting` finds what bears repeating,
//! `question` tells open from closed; `vocabulary` looks words up.

mod question;
mod quoting;
mod text;
mod vocabulary;

pub(super) use question::is_closed;
pub(super) use quoting::{is_report, noun, quotable};
pub(super) use text::{content_words, quotations, sentences, without_quotations};
pub(super) use vocabulary::bare;
