//! The decision what a request gets; knows no transport.

mod scope;

pub use scope::{InScope, Scope};
