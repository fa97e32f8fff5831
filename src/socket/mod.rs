//! What everything that listens needs: who may connect, how many, and how it ends.
//!
//! [`bind`] refuses what [`Reach`] does not allow; [`Listening`] accepts, gives each connection
//! one of a limited number of `seats`, and stops gracefully; [`Connection`] can end in a TCP
//! reset, gives up on a client that reads nothing, and lets [`Heads`] see what arrives;
//! [`Spoken`] tells which HTTP a client speaks, [`http1`] and [`http2`] hold the conversation.

mod connection;
mod heads;
pub mod http1;
pub mod http2;
mod listening;
mod reach;
mod seats;

pub use connection::{CloseSwitch, Connection};
pub use heads::{Heads, Shape};
pub use http2::Spoken;
pub use listening::{Guest, Limits, Listening, Stopped};
pub use reach::{Bound, ListenError, Reach, bind};
pub use seats::{Answering, Seat};
