//! Record Amazon Bedrock calls once, replay them for ever: offline, the same every time, byte
//! for byte.
//!
//! # Which entry point
//!
//! - **Testing your own code**: [`Cassette::open`] and [`Cassette::client`], an ordinary client
//!   of the AWS SDK.
//! - **With an SDK configuration of your own**: [`Cassette::configure`], or
//!   [`Cassette::http_client`] for the HTTP client alone.
//! - **Tasks that run at the same time**: a [`Scope`] for each, so that equal requests are
//!   counted apart.
//! - **A request that has no recording**: [`ReplayMiss::find`].
//! - **Reading a cassette file**: [`cassette::Reader`].
//! - **Another language**: the module `server`, or `bedrock-replay serve` and `exec`.
//! - **Trying it without AWS**: the module `simulator`, or `bedrock-replay simulate`.
//! - **A judge that must not move by chance**: the module `testing`, a test in one call.
//! - **Comparing models**: the module `bench`, or `bedrock-replay run`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
//! use bedrock_replay::Cassette;
//!
//! let cassette = Cassette::open("tests/cassettes/tutor.sqlite")?;
//! let client = cassette.client().await?;
//! let claim = ContentBlock::Text("Freedom means doing whatever I want.".into());
//! let message = Message::builder().role(ConversationRole::User).content(claim).build()?;
//! let call = client.converse().model_id("anthropic.claude-3-5-haiku-20241022-v1:0");
//! let reply = call.messages(message).send().await?;
//! assert_eq!(reply.stop_reason().as_str(), "end_turn");
//! assert_eq!(cassette.finish()?.replayed, 1);
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | none | replay, and recording through an HTTP client of your own |
//! | `live` | TLS and the AWS credential chain, so that [`Cassette::client`] can record |
//! | `bench` | the Socratic benchmark, its judge, and tests of it |
//! | `serve` | the endpoint for other languages, and the simulator |
//! | `cli` (default) | all of them and the program |
//!
//! A dev-dependency wants `default-features = false`.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "bench")]
pub mod bench;
pub mod cassette;
pub mod client;
pub mod clock;
pub mod environment;
pub mod exchange;
pub mod explain;
#[cfg(feature = "bench")]
pub mod iam;
pub mod identity;
#[cfg(feature = "bench")]
pub mod judge;
pub mod playback;
#[cfg(feature = "bench")]
pub mod pricing;
#[cfg(feature = "bench")]
pub mod quota;
pub mod redaction;
#[cfg(feature = "bench")]
pub mod registry;
#[cfg(feature = "bench")]
pub mod regression;
#[cfg(feature = "bench")]
pub mod rejudging;
pub mod relay;
#[cfg(feature = "bench")]
pub mod report;
#[cfg(feature = "bench")]
pub mod retry;
#[cfg(feature = "serve")]
pub mod server;
#[cfg(feature = "bench")]
pub mod settings;
#[cfg(feature = "serve")]
pub mod simulator;
#[cfg(feature = "serve")]
pub mod socket;
#[cfg(feature = "bench")]
pub mod statistics;
#[cfg(feature = "bench")]
pub mod telemetry;
#[cfg(feature = "bench")]
pub mod testing;
#[cfg(feature = "live")]
pub mod upstream;
pub mod words;

pub use client::Cassette;
pub use playback::{Mode, ReplayMiss, Scope};
