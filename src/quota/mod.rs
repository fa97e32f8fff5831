//! How fast a model may be asked: what Bedrock allows in a minute, counted before anything is
//! sent, so that a run stays under its quota instead of being throttled.
//!
//! [`Limit`] is an account's quota for a model, [`Size`] what a call takes of it; [`Pace`]
//! holds the two token buckets of a model and slows down where the service throttles all the
//! same. They are values over a time that is passed in; [`Turnstile`] puts a queue before one,
//! and [`Turnstiles`] keeps one for each region and model.

mod bucket;
mod limit;
mod pace;
mod turnstile;

pub use limit::{Limit, Size};
pub use pace::{Pace, Reservation};
pub use turnstile::{Turnstile, Turnstiles};
