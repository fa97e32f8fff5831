//! The AWS SDK's door.
//!
//! [`Cassette`] is what a Rust developer opens; `connector` is the seam in the SDK, which
//! turns its HTTP types (`wire`) into the values that `playback` decides on and `relay`
//! forwards or plays; `offline` and `forward` configure the client for the two sides of a
//! cassette; a `Passage` may hold a call back before it leaves, and tells which way it went.

mod cassette;
mod connector;
#[cfg(feature = "live")]
mod forward;
mod offline;
mod options;
mod passage;
mod wire;

pub use cassette::{Cassette, ClientError, OpenError};
pub use options::CassetteOptions;
pub use passage::{Gate, Passage, Waiting, Way, Whereabouts};

pub use crate::relay::{IncompleteRecording, ReplayedFault};
