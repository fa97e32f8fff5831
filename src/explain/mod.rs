//! What an error of Bedrock means, and what to do next.
//!
//! [`Cause::of`] recognises an error by its type and its words; [`Explanation`] says of a cause
//! what happened, why, and which step comes next (`words`). Values only: nothing is asked.

mod cause;
mod explanation;
mod words;

pub use cause::{Cause, ServiceError};
pub use explanation::Explanation;
