//! One SQLite file of exchanges.
//!
//! [`Reader`] opens it without leaving a trace and reads an exchange; `contents` is what it says of
//! the whole. [`Writer`] commits attempts before it
//! acknowledges them. `header` tells what lies at a path before SQLite touches it, `schema`
//! holds the format and its number, `connection` the ways to open it, `row` the columns of an
//! attempt, `codec` the stored form of bodies, `pieces` the rows of what is long. A [`Slot`] says where an exchange stands.

mod codec;
mod connection;
mod contents;
mod digest;
mod discard;
mod error;
mod export;
mod header;
mod http_jsonl;
mod import;
mod in_order;
mod insert;
mod lease;
mod lines;
mod pack;
mod pieces;
mod prune;
mod read;
mod recording;
mod row;
mod schema;
mod slot;
mod unused;
mod verify;
mod write;

pub use connection::is_open_elsewhere;
pub use contents::StoredRequest;
pub use discard::discard_if_empty;
pub use error::{CassetteError, Problem};
pub use export::{ExportError, export, in_conversation_order};
pub use http_jsonl::{Published, Refused};
pub use import::{ImportError, Imported, Incoming};
pub use pack::{Keys, Packed, pack, pack_to};
pub use prune::prune;
pub use read::{NumberedAttempt, Reader, StoredExchange};
pub use recording::{Recording, RecordingState};
pub use schema::{FORMAT, KeyedBy};
pub use slot::Slot;
pub use unused::{UnusedList, UnusedListError};
pub use verify::{Finding, Verification};
pub use write::{Occupied, Pending, Place, Put, Session, Writer};
