//! An event stream taken apart: checksums and lengths follow from the rest, header blocks
//! repeat, and InvokeModel's chunks hide JSON in base64. What is left compresses well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::varint::{read_length, take, write_varint};

/// Total length, headers length, checksum of both.
const PRELUDE: usize = 12;
/// The checksum of a whole frame.
const CHECKSUM: usize = 4;

/// How many beginnings of frames are remembered: looking through more takes as long as a new one.
const BEGINNINGS: usize = 64;

/// The base64 member of InvokeModel's chunk, always the first.
const BYTES_MEMBER: &[u8] = br#"{"bytes":""#;

struct RawFrame<'a> {
    headers: &'a [u8],
    payload: &'a [u8],
}

/// Takes a stream apart; `None` where it would not come back byte for byte.
pub fn unframe(body: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Parts::default();
    let frames = read_frames(body)?;
    for frame in &frames {
        parts.add(frame);
    }
    let apart = parts.join(frames.len())?;
    (reframe(&apart)? == body).then_some(apart)
}

/// What is alike in all frames, each kind by itself.
#[derive(Default)]
struct Parts<'a> {
    /// Header blocks, each once.
    blocks: Vec<&'a [u8]>,
    payloads: Vec<u8>,
    /// What follows the base64 of chunks.
    tails: Vec<u8>,
    /// Per frame: which block, whether it is a chunk, and lengths.
    marks: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn add(&mut self, frame: &RawFrame<'a>) {
        let block = self.block(frame.headers);
        let chunk = decode_chunk(frame.payload);
        let is_chunk = usize::from(chunk.is_some());
        write_varint((block << 1 | is_chunk) as u64, &mut self.marks);
        let inner = match &chunk {
            Some((json, _)) => json,
            None => frame.payload,
        };
        write_varint(inner.len() as u64, &mut self.marks);
        self.payloads.extend_from_slice(inner);
        if let Some((_, tail)) = chunk {
            write_varint(tail.len() as u64, &mut self.marks);
            self.tails.extend_from_slice(tail);
        }
    }

    fn block(&mut self, headers: &'a [u8]) -> usize {
        let known = self.blocks.iter().position(|block| *block == headers);
        known.unwrap_or_else(|| {
            self.blocks.push(headers);
            self.blocks.len() - 1
        })
    }

    fn join(&self, frames: usize) -> Option<Vec<u8>> {
        let mut apart = Vec::new();
        write_varint(self.blocks.len() as u64, &mut apart);
        for block in &self.blocks {
            write_varint(block.len() as u64, &mut apart);
            apart.extend_from_slice(block);
        }
        write_varint(frames as u64, &mut apart);
        write_varint(self.payloads.len() as u64, &mut apart);
        apart.extend_from_slice(&self.payloads);
        apart.extend_from_slice(&self.tails);
        // At the end: numbers between two quotation marks would cut a text in two.
        apart.extend_from_slice(&self.marks);
        apart.extend_from_slice(&u32::try_from(self.marks.len()).ok()?.to_le_bytes());
        Some(apart)
    }
}

/// Puts a stream together again; `None` where the parts do not hold.
pub fn reframe(apart: &[u8]) -> Option<Vec<u8>> {
    let (apart, marks_length) = apart.split_last_chunk::<4>()?;
    let marks_length = usize::try_from(u32::from_le_bytes(*marks_length)).ok()?;
    let (mut rest, mut marks) = apart.split_at_checked(apart.len().checked_sub(marks_length)?)?;
    let mut blocks = Vec::new();
    for _ in 0..read_length(&mut rest)? {
        let length = read_length(&mut rest)?;
        blocks.push(take(&mut rest, length)?);
    }
    let frames = read_length(&mut rest)?;
    let payloads_length = read_length(&mut rest)?;
    let mut payloads = take(&mut rest, payloads_length)?;
    let mut writer = FrameWriter::with_capacity(apart.len() * 2);
    for _ in 0..frames {
        let mark = read_length(&mut marks)?;
        let length = read_length(&mut marks)?;
        let inner = take(&mut payloads, length)?;
        let headers = blocks.get(mark >> 1)?;
        if mark & 1 == 0 {
            writer.write(headers, inner.len(), |body| body.extend_from_slice(inner))?;
            continue;
        }
        let tail_length = read_length(&mut marks)?;
        let tail = take(&mut rest, tail_length)?;
        let length = chunk_length(inner, tail)?;
        writer.write(headers, length, |body| write_chunk(inner, tail, body))?;
    }
    Some(writer.body)
}

fn read_frames(body: &[u8]) -> Option<Vec<RawFrame<'_>>> {
    let mut rest = body;
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let total = be_length(rest)?;
        let headers = be_length(rest.get(4..)?)?;
        let frame = take(&mut rest, total)?;
        let payload_end = total.checked_sub(CHECKSUM)?;
        frames.push(RawFrame {
            headers: frame.get(PRELUDE..PRELUDE.checked_add(headers)?)?,
            payload: frame.get(PRELUDE + headers..payload_end)?,
        });
    }
    (!frames.is_empty()).then_some(frames)
}

fn be_length(bytes: &[u8]) -> Option<usize> {
    let first = bytes.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*first)).ok()
}

/// Writes frames one after the other. Those of a stream have few headers and few lengths, so that
/// most begin as an earlier one did: what a frame has before its payload is half of its bytes, and
/// its checksum half of the work.
struct FrameWriter {
    body: Vec<u8>,
    beginnings: Vec<Beginning>,
}

/// What a frame of a length has before its payload.
struct Beginning {
    /// Where it stands in the body.
    place: std::ops::Range<usize>,
    /// Of the whole frame.
    total: usize,
    checksum: crc32fast::Hasher,
}

impl FrameWriter {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            body: Vec::with_capacity(capacity),
            beginnings: Vec::new(),
        }
    }

    fn write(
        &mut self,
        headers: &[u8],
        payload: usize,
        write_payload: impl FnOnce(&mut Vec<u8>),
    ) -> Option<()> {
        let mut checksum = self.begin(headers, payload)?;
        let start = self.body.len();
        write_payload(&mut self.body);
        checksum.update(&self.body[start..]);
        self.body
            .extend_from_slice(&checksum.finalize().to_be_bytes());
        Some(())
    }

    /// Writes all up to the payload; its checksum.
    fn begin(&mut self, headers: &[u8], payload: usize) -> Option<crc32fast::Hasher> {
        let total = PRELUDE + headers.len() + payload + CHECKSUM;
        let known = self.beginnings.iter().find(|known| {
            known.total == total && self.body[known.place.clone()][PRELUDE..] == *headers
        });
        if let Some(known) = known {
            self.body.extend_from_within(known.place.clone());
            return Some(known.checksum.clone());
        }
        let start = self.body.len();
        let checksum = write_beginning(headers, total, &mut self.body)?;
        if self.beginnings.len() < BEGINNINGS {
            self.beginnings.push(Beginning {
                place: start..self.body.len(),
                total,
                checksum: checksum.clone(),
            });
        }
        Some(checksum)
    }
}

fn write_beginning(headers: &[u8], total: usize, out: &mut Vec<u8>) -> Option<crc32fast::Hasher> {
    let start = out.len();
    out.extend_from_slice(&u32::try_from(total).ok()?.to_be_bytes());
    out.extend_from_slice(&u32::try_from(headers.len()).ok()?.to_be_bytes());
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&out[start..]);
    let prelude = checksum.clone().finalize();
    let checked = out.len();
    out.extend_from_slice(&prelude.to_be_bytes());
    out.extend_from_slice(headers);
    checksum.update(&out[checked..]);
    Some(checksum)
}

/// The decoded `bytes` member and what follows it.
fn decode_chunk(payload: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let rest = payload.strip_prefix(BYTES_MEMBER)?;
    let end = memchr::memchr(b'"', rest)?;
    Some((BASE64.decode(&rest[..end]).ok()?, &rest[end..]))
}

fn chunk_length(inner: &[u8], tail: &[u8]) -> Option<usize> {
    Some(BYTES_MEMBER.len() + base64::encoded_len(inner.len(), true)? + tail.len())
}

fn write_chunk(inner: &[u8], tail: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(BYTES_MEMBER);
    let start = out.len();
    let length = base64::encoded_len(inner.len(), true).unwrap_or_default();
    out.resize(start + length, 0);
    // The room is exactly what the encoding takes.
    let _ = BASE64.encode_slice(inner, &mut out[start..]);
    out.extend_from_slice(tail);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exchange::Frame;

    fn encode_chunk(inner: &[u8], tail: &[u8]) -> Vec<u8> {
        let mut chunk = Vec::new();
        write_chunk(inner, tail, &mut chunk);
        assert_eq!(Some(chunk.len()), chunk_length(inner, tail));
        chunk
    }

    fn stream(payloads: &[Vec<u8>]) -> Vec<u8> {
        payloads
            .iter()
            .flat_map(|payload| Frame::event("chunk", payload.clone()).encode().unwrap())
            .collect()
    }

    #[test]
    fn a_chunk_is_stored_as_the_json_that_it_hides() {
        let payload = encode_chunk(br#"{"delta":"Why?"}"#, br#"","p":"abc"}"#);
        let body = stream(&vec![payload; 20]);
        let apart = unframe(&body).unwrap();
        assert!(apart.windows(4).any(|window| window == b"Why?"));
        assert!(apart.len() < body.len() / 2);
        assert_eq!(reframe(&apart).unwrap(), body);
    }

    #[test]
    fn a_stream_that_would_not_come_back_is_left_alone() {
        let mut body = stream(&[b"{}".to_vec()]);
        assert!(unframe(&body).is_some());
        body.push(1);
        assert_eq!(unframe(&body), None);
        body.pop();
        body[9] ^= 1;
        assert_eq!(unframe(&body), None);
    }

    proptest! {
        #[test]
        fn any_stream_comes_back(payloads in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            prop::collection::vec(any::<u8>(), 0..60).prop_map(|inner| encode_chunk(&inner, b"\"}")),
            "[{}\":a-zA-Z+/=]{0,40}".prop_map(|text| format!("{{\"bytes\":\"{text}").into_bytes()),
        ], 1..10)) {
            let body = stream(&payloads);
            prop_assert_eq!(reframe(&unframe(&body).unwrap()).unwrap(), body);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = reframe(&bytes);
            let _ = unframe(&bytes);
        }
    }
}
