//! A stand-in Bedrock that speaks the true wire format, with faults on request.
//!
//! It exists so that recording can be tried and tested without AWS. No model is asked: every
//! response says so by [`SIMULATED_HEADER`](crate::exchange::SIMULATED_HEADER), and what is
//! recorded from it stays marked `simulated`.
//!
//! [`Simulator`] is a pure core: request, model and seed decide an answer, byte for byte.
//! `dialect` reads and writes the bodies, `role` decides which part is asked for, `tutor`,
//! `student`, `judge` and `assistant` play it; `guardrail` masks. [`Faults`] say what is to go wrong,
//! [`Delivery`] is an answer and what befalls it. [`Builder`] puts HTTP around all that;
//! [`Running`] is the listening whole.

mod answer;
mod asked;
mod assistant;
mod bedrock;
mod builder;
mod deck;
mod delivery;
mod desk;
mod dialect;
mod dice;
mod error_type;
mod faults;
mod guardrail;
mod http;
mod judge;
mod model;
mod ordered;
mod part;
mod prompt;
mod role;
mod running;
mod student;
mod tokens;
mod tool_call;
mod tutor;
mod words;

pub use answer::{Answer, Payload};
pub use asked::Fingerprint;
pub use bedrock::Simulator;
pub use builder::Builder;
pub use delivery::{Close, Delivery};
pub use error_type::ErrorType;
pub use faults::{ErrorFault, FAULT_HEADER, FaultError, Faults};
pub use running::Running;

pub use crate::socket::{ListenError, Reach};
