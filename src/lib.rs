//! Record Amazon Bedrock calls once, replay them for ever.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "bench")]
pub mod bench;
pub mod cassette;
pub mod client;
pub mod clock;
pub mod environment;
pub mod exchange;
pub mod identity;
#[cfg(feature = "bench")]
pub mod judge;
pub mod playback;
pub mod redaction;
#[cfg(feature = "bench")]
pub mod report;
#[cfg(feature = "serve")]
pub mod simulator;

pub use client::Cassette;
pub use playback::{Mode, ReplayMiss, Scope};
