//! How a message is stored: [`frames`] takes an event stream apart, [`texts`] takes long texts
//! out, [`headers`] writes the header lines, [`compression`] packs the rest, with a dictionary that
//! is trained on [`samples`]. Each step is undone byte for byte; one that would not be is left out.

mod compression;
mod frames;
mod headers;
mod message;
mod samples;
mod texts;
mod varint;

pub use compression::{Packer, Unpacker, train};
pub use message::{CodecError, Message, MessageCodec, TextSource};
pub use samples::Samples;
pub use texts::{SharedTexts, Text, TextId};
pub use varint::{read_varint, write_varint};
