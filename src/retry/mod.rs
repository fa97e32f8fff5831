//! When a failed call is made again, and how long it waits before. Values only: nothing here
//! sleeps, reads a clock or throws dice.
//!
//! [`Again`] says which failures are worth another try; [`RetryPolicy`] how many tries a call
//! has and how long it waits between them; [`RetryAfter`] reads what a server asks for.

mod again;
mod policy;
mod retry_after;

pub use again::Again;
pub use policy::{Backoff, BackoffError, RetryPolicy};
pub use retry_after::RetryAfter;
