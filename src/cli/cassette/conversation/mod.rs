//! Requests and answers as people read them, whatever the model family writes.
//!
//! [`part`] is a piece of what is said, [`asked`] reads requests, [`answer`] reads answers,
//! [`stream`] puts streamed answers together.

mod answer;
mod asked;
mod part;
mod stream;
mod tokens;

pub use answer::Answer;
pub use asked::{Asked, Turn};
pub use part::Part;
pub use tokens::Tokens;
