//! When two requests are the same.
//!
//! A [`CanonicalRequest`] holds the parts of a request that count, in one normal form; its
//! SHA-256 is the [`RequestKey`]. [`MatchOn`] says which parts count; a [`BodyPath`] names
//! places in a JSON body.

mod body_path;
mod canonical;
mod key;
mod match_on;

pub use body_path::{BodyPath, BodyPathError};
pub use canonical::{CANONICAL_VERSION, CanonicalBody, CanonicalError, CanonicalRequest};
pub use key::{RequestKey, RequestKeyError};
pub use match_on::{MatchOn, MatchOnError, Part, PartError};
