//! Between a transport and the playback, for every door: sends on what the playback forwards,
//! and records it as it passes; plays a recorded body at its pace.
//!
//! [`forward`] ties one transmission to its ticket; `recording_body` and [`ReplayBody`] are the
//! two directions of a body; `fault` reads a transport's failures and tells them again.

mod fault;
mod forward;
mod recording_body;
mod replay_body;

pub use fault::{ReplayedFault, of_body, of_connector, to_connector};
pub use forward::forward;
pub use replay_body::{IncompleteRecording, ReplayBody, Span, is_at_once, scaled};
