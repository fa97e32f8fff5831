//! What went over the wire, as plain values; nothing here touches a disk or a socket.
//!
//! A [`Request`] names the [`Operation`] that a path stands for and keeps what may be kept of
//! it ([`Headers`] holds the allow-lists). Each transmission of it is an [`Attempt`]: a
//! [`Response`], perhaps ended early, or a [`Fault`] of the transport. [`EventStream`] reads
//! streamed bodies and tells when one is complete; [`Json`] is a body's exact value.
//! [`Exchange`] puts them together with its [`Provenance`].

mod attempt;
mod event_stream;
mod headers;
mod json;
mod operation;
mod provenance;
mod request;

pub use attempt::{Attempt, Body, Chunk, Ending, Exchange, Fault, FaultKind, Outcome, Response};
pub use event_stream::{EventStream, Frame, FrameError, StreamException, StreamWatch};
pub use headers::Headers;
pub(crate) use json::{DEEPEST as DEEPEST_JSON, write_string as write_json_string};
pub use json::{Json, JsonError, Number};
pub use operation::{Operation, Target, UnsupportedPath};
pub use provenance::{Origin, Provenance, SIMULATED_HEADER};
pub use request::{Invocation, Request, RequestParts};
