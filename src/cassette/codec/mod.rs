//! How a body is stored: [`frames`] takes an event stream apart, [`texts`] takes long texts
//! out, [`compression`] packs the rest. Each step is undone byte for byte; one that would
//! not be is left out.

mod body;
mod compression;
mod frames;
mod texts;
mod varint;

pub use body::{BodyCodec, CodecError, TextSource};
pub use compression::{Packer, Unpacker, train};
pub use texts::{Text, TextHash};
pub use varint::{read_varint, write_varint};
