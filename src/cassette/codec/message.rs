//! The stored form of a message, its headers and its body: one byte that says whether the body
//! was an event stream, the names of the texts taken out, and the packed rest.

use super::compression::{Packer, Unpacker};
use super::frames::{reframe, unframe};
use super::texts::{Text, TextHash, join, split};
use super::varint::{read_length, take, write_varint};

mod shape {
    pub const BYTES: u8 = 0;
    pub const EVENT_STREAM: u8 = 1;
    /// The whole stored form is itself a text, because it would overflow a page.
    pub const ELSEWHERE: u8 = 2;
}

/// A larger stored form is moved to the text table, whose rows are cut into pieces: with its
/// other columns the row would overflow a page.
const LARGEST_IN_ROW: usize = 1_600;

/// Headers and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Header lines as a JSON list of pairs.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A message taken apart.
#[derive(Debug)]
pub struct EncodedMessage {
    /// What stands in the row.
    pub stored: Vec<u8>,
    /// The texts that it refers to.
    pub texts: Vec<Text>,
}

/// Why a stored message could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The form does not hold.
    #[error("the stored form of a message is damaged")]
    Damaged,
    /// A text that it refers to is gone.
    #[error("a text that a message refers to is missing or damaged")]
    TextMissing,
    /// zstd refused.
    #[error("a message could not be compressed")]
    Compression(#[from] std::io::Error),
}

/// Where texts are found by name.
pub trait TextSource {
    /// The text's bytes; `None` where it is missing or cannot be read.
    fn text(&mut self, hash: TextHash) -> Option<Vec<u8>>;
}

/// Puts messages into their stored form and back.
#[derive(Debug, Clone, Copy)]
pub struct MessageCodec;

impl MessageCodec {
    /// What compression sees of a message: the texts taken out, and the rest.
    pub fn samples(headers: &str, body: &[u8]) -> (Vec<Text>, Vec<u8>) {
        let apart = unframe(body);
        let parts = split(apart.as_deref().unwrap_or(body));
        (parts.texts, with_headers(headers, &parts.rest))
    }

    /// Takes a message apart.
    ///
    /// # Errors
    /// [`CodecError::Compression`] where zstd has no memory.
    pub fn encode(
        headers: &str,
        body: &[u8],
        packer: &mut Packer,
    ) -> Result<EncodedMessage, CodecError> {
        let apart = unframe(body);
        let parts = split(apart.as_deref().unwrap_or(body));
        let mut stored = vec![match apart {
            Some(_) => shape::EVENT_STREAM,
            None => shape::BYTES,
        }];
        write_varint(parts.texts.len() as u64, &mut stored);
        for text in &parts.texts {
            stored.extend_from_slice(&text.hash.0);
        }
        stored.extend_from_slice(&packer.pack(&with_headers(headers, &parts.rest))?);
        let mut encoded = EncodedMessage {
            stored,
            texts: parts.texts,
        };
        encoded.move_elsewhere_if_large();
        Ok(encoded)
    }

    /// Puts a message together, byte for byte.
    ///
    /// # Errors
    /// [`CodecError`] where the stored form or a text is damaged.
    pub fn decode(
        stored: &[u8],
        unpacker: &mut Unpacker,
        texts: &mut dyn TextSource,
    ) -> Result<Message, CodecError> {
        let (shape, rest) = stored.split_first().ok_or(CodecError::Damaged)?;
        if *shape == shape::ELSEWHERE {
            let elsewhere = texts.text(read_hash(&mut &rest[..])?);
            let elsewhere = elsewhere.ok_or(CodecError::TextMissing)?;
            if elsewhere.first() == Some(&shape::ELSEWHERE) {
                return Err(CodecError::Damaged);
            }
            return Self::decode(&elsewhere, unpacker, texts);
        }
        let mut rest = rest;
        let count = read_length(&mut rest).ok_or(CodecError::Damaged)?;
        let mut found = Vec::new();
        for _ in 0..count {
            let hash = read_hash(&mut rest)?;
            found.push(texts.text(hash).ok_or(CodecError::TextMissing)?);
        }
        let literals = unpacker.unpack(rest).ok_or(CodecError::Damaged)?;
        Message::read(*shape, &found, &literals).ok_or(CodecError::Damaged)
    }
}

fn with_headers(headers: &str, rest: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(headers.len() + rest.len() + 2);
    write_varint(headers.len() as u64, &mut all);
    all.extend_from_slice(headers.as_bytes());
    all.extend_from_slice(rest);
    all
}

impl Message {
    fn read(shape: u8, texts: &[Vec<u8>], mut rest: &[u8]) -> Option<Self> {
        let length = read_length(&mut rest)?;
        let headers = std::str::from_utf8(take(&mut rest, length)?).ok()?;
        let apart = join(texts, rest)?;
        Some(Self {
            headers: headers.to_owned(),
            body: match shape {
                shape::BYTES => apart,
                shape::EVENT_STREAM => reframe(&apart)?,
                _ => return None,
            },
        })
    }
}

impl EncodedMessage {
    fn move_elsewhere_if_large(&mut self) {
        if self.stored.len() <= LARGEST_IN_ROW {
            return;
        }
        let hash = TextHash::of(&self.stored);
        let mut reference = vec![shape::ELSEWHERE];
        reference.extend_from_slice(&hash.0);
        let bytes = std::mem::replace(&mut self.stored, reference);
        self.texts.push(Text { hash, bytes });
    }
}

fn read_hash(bytes: &mut &[u8]) -> Result<TextHash, CodecError> {
    let hash = take(bytes, TextHash::LENGTH).and_then(|hash| hash.first_chunk());
    hash.copied().map(TextHash).ok_or(CodecError::Damaged)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    impl TextSource for HashMap<TextHash, Vec<u8>> {
        fn text(&mut self, hash: TextHash) -> Option<Vec<u8>> {
            self.get(&hash).cloned()
        }
    }

    fn there_and_back(headers: &str, body: &[u8]) -> Result<Message, CodecError> {
        let mut packer = Packer::for_recording().unwrap();
        let encoded = MessageCodec::encode(headers, body, &mut packer).unwrap();
        assert!(encoded.stored.len() <= LARGEST_IN_ROW);
        let mut texts: HashMap<_, _> = encoded
            .texts
            .iter()
            .map(|text| (text.hash, text.bytes.clone()))
            .collect();
        let mut unpacker = Unpacker::new(&[]).unwrap();
        MessageCodec::decode(&encoded.stored, &mut unpacker, &mut texts)
    }

    proptest! {
        #[test]
        fn any_message_comes_back(headers in ".{0,50}", body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..6000),
            prop::collection::vec("[\"a-z]{0,400}", 0..8).prop_map(|parts| parts.concat().into_bytes()),
        ]) {
            prop_assert_eq!(there_and_back(&headers, &body).unwrap(), Message { headers, body });
        }

        #[test]
        fn no_stored_form_makes_the_reader_panic(stored in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut unpacker = Unpacker::new(&[]).unwrap();
            let _ = MessageCodec::decode(&stored, &mut unpacker, &mut HashMap::new());
        }
    }
}
