//! The stored form of a message, its headers and its body: one byte that says whether the body
//! was an event stream, the ids of the texts taken out, and the packed rest.

use super::compression::{Packer, Unpacker};
use super::frames::{reframe, unframe};
use super::headers::{read_headers, write_headers};
use super::texts::{SharedTexts, Text, TextId, join, split};
use super::varint::{read_length, take, write_varint};
use crate::exchange::Headers;

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
    /// Header lines.
    pub headers: Headers,
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
    fn text(&mut self, id: TextId) -> Option<Vec<u8>>;
}

/// Puts messages into their stored form and back.
#[derive(Debug, Clone, Copy)]
pub struct MessageCodec;

impl MessageCodec {
    /// The long texts of a message.
    pub fn texts(body: &[u8]) -> Vec<Text> {
        let apart = unframe(body);
        split(apart.as_deref().unwrap_or(body), &SharedTexts::Any).texts
    }

    /// What compression sees of a message: the texts taken out, and the rest.
    pub fn samples(headers: &Headers, body: &[u8], shared: &SharedTexts) -> (Vec<Text>, Vec<u8>) {
        let apart = unframe(body);
        let parts = split(apart.as_deref().unwrap_or(body), shared);
        (parts.texts, with_headers(headers, &parts.rest))
    }

    /// Takes a message apart.
    ///
    /// # Errors
    /// [`CodecError::Compression`] where zstd has no memory.
    pub fn encode(
        headers: &Headers,
        body: &[u8],
        packer: &mut Packer,
    ) -> Result<EncodedMessage, CodecError> {
        let apart = unframe(body);
        let body = apart.as_deref().unwrap_or(body);
        let parts = split(body, packer.shared(body.len()));
        let mut stored = vec![match apart {
            Some(_) => shape::EVENT_STREAM,
            None => shape::BYTES,
        }];
        write_varint(parts.texts.len() as u64, &mut stored);
        for text in &parts.texts {
            stored.extend_from_slice(&text.id.0.to_be_bytes());
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
            let elsewhere = texts.text(read_id(&mut &rest[..])?);
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
            let id = read_id(&mut rest)?;
            found.push(texts.text(id).ok_or(CodecError::TextMissing)?);
        }
        let literals = unpacker.unpack(rest).ok_or(CodecError::Damaged)?;
        Message::read(*shape, &found, &literals).ok_or(CodecError::Damaged)
    }
}

fn with_headers(headers: &Headers, rest: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    write_headers(headers, &mut all);
    all.extend_from_slice(rest);
    all
}

impl Message {
    fn read(shape: u8, texts: &[Vec<u8>], mut rest: &[u8]) -> Option<Self> {
        let headers = read_headers(&mut rest)?;
        let apart = join(texts, rest)?;
        let body = match shape {
            shape::BYTES => apart,
            shape::EVENT_STREAM => reframe(&apart)?,
            _ => return None,
        };
        Some(Self { headers, body })
    }
}

impl EncodedMessage {
    fn move_elsewhere_if_large(&mut self) {
        if self.stored.len() <= LARGEST_IN_ROW {
            return;
        }
        let id = TextId::of(&self.stored);
        let mut reference = vec![shape::ELSEWHERE];
        reference.extend_from_slice(&id.0.to_be_bytes());
        let bytes = std::mem::replace(&mut self.stored, reference);
        self.texts.push(Text { id, bytes });
    }
}

fn read_id(bytes: &mut &[u8]) -> Result<TextId, CodecError> {
    let id = take(bytes, TextId::LENGTH).and_then(|id| id.first_chunk());
    let id = id.copied().map(i64::from_be_bytes);
    id.map(TextId).ok_or(CodecError::Damaged)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    impl TextSource for HashMap<TextId, Vec<u8>> {
        fn text(&mut self, id: TextId) -> Option<Vec<u8>> {
            self.get(&id).cloned()
        }
    }

    fn there_and_back(headers: &Headers, body: &[u8]) -> Result<Message, CodecError> {
        let mut packer = Packer::for_recording(&[]).unwrap();
        let encoded = MessageCodec::encode(headers, body, &mut packer).unwrap();
        assert!(encoded.stored.len() <= LARGEST_IN_ROW);
        let mut texts: HashMap<_, _> = encoded
            .texts
            .iter()
            .map(|text| (text.id, text.bytes.clone()))
            .collect();
        let mut unpacker = Unpacker::new(&[]).unwrap();
        MessageCodec::decode(&encoded.stored, &mut unpacker, &mut texts)
    }

    proptest! {
        #[test]
        fn any_message_comes_back(date in ".{0,50}", body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..6000),
            prop::collection::vec("[\"a-z]{0,400}", 0..8).prop_map(|parts| parts.concat().into_bytes()),
        ]) {
            let headers = Headers::of_response([("date", date.as_str())]);
            prop_assert_eq!(there_and_back(&headers, &body).unwrap(), Message { headers, body });
        }

        #[test]
        fn no_stored_form_makes_the_reader_panic(stored in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut unpacker = Unpacker::new(&[]).unwrap();
            let _ = MessageCodec::decode(&stored, &mut unpacker, &mut HashMap::new());
        }
    }
}
