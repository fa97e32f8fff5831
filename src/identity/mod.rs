//! When two requests are the same, and if not, where they part.
//!
//! A [`CanonicalRequest`] holds the parts of a request that count, in one normal form; the
//! SHA-256 of its text is the [`RequestKey`]. [`MatchOn`] says which parts count; a [`BodyPath`] names
//! places in a JSON body.
//!
//! A [`Difference`] lists the places where two canonical requests part, and knows the
//! [`Volatile`] texts (ids, dates) that make requests differ without a change of meaning.
//! [`Nearest`] looks for the least different of many.

mod alignment;
mod body_path;
mod canonical;
mod canonical_text;
mod difference;
mod difference_text;
mod excerpt;
mod key;
mod match_on;
mod nearest;
mod one_pass;
mod pieces;
mod volatile;

pub use body_path::{BodyPath, BodyPathError, Location};
pub use canonical::{CanonicalBody, CanonicalRequest};
pub use canonical_text::{CANONICAL_VERSION, CanonicalError};
pub use difference::{Change, Difference, Place, Sides, Suggestion};
pub use difference_text::DifferenceText;
pub use key::{RequestKey, RequestKeyError};
pub use match_on::{MatchOn, MatchOnError, Part, PartError};
pub use nearest::Nearest;
pub use volatile::Volatile;
