//! The AWS SDK's door.
//!
//! [`Cassette`] is what a Rust developer opens; `connector` is the seam in the SDK, which
//! turns its HTTP types (`wire`, `fault`) into the values that `playback` decides on;
//! `recording_body` and `replay_body` are the two directions of a body; `offline` and `live`
//! configure the client.

mod cassette;
mod connector;
mod fault;
#[cfg(feature = "live")]
mod live;
mod offline;
mod options;
mod recording_body;
mod replay_body;
mod wire;

pub use cassette::{Cassette, ClientError, OpenError};
pub use fault::ReplayedFault;
pub use options::CassetteOptions;
pub use replay_body::IncompleteRecording;
