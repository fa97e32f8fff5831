//! A view of `application/vnd.amazon.eventstream` bodies: frames, exceptions, and the rule that
//! says whether a stream is whole. Framing and checksums are `aws-smithy-eventstream`'s.

use aws_smithy_eventstream::frame::{
    DecodedFrame, MessageFrameDecoder, read_message_from, write_message_to,
};
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Buf, Bytes, BytesMut};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Operation;

/// Total length, headers length and prelude checksum, then at least the message checksum.
const SMALLEST_FRAME: usize = 16;
/// Total length and headers length.
const LENGTHS: usize = 8;

/// A parsed event stream.
#[derive(Debug, Clone, PartialEq)]
pub struct EventStream {
    /// The frames in order.
    pub frames: Vec<Frame>,
    /// Bytes after the last whole frame.
    pub trailing: usize,
}

/// One frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame(Message);

/// A frame whose lengths or checksums do not hold.
#[derive(Debug, thiserror::Error)]
#[error("frame {index} of the event stream is broken (expected lengths and CRC-32s that hold)")]
pub struct FrameError {
    /// Its position, from 0.
    pub index: usize,
    #[source]
    source: aws_smithy_eventstream::error::Error,
}

/// An exception that arrived as a frame inside a 200 stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamException {
    /// Such as `modelStreamErrorException`.
    pub error_type: String,
    /// Its payload as text.
    pub message: String,
}

impl EventStream {
    /// Whether the bytes begin with a frame whose prelude checksum holds.
    #[must_use]
    pub fn begins(bytes: &[u8]) -> bool {
        // Not by the decoder: it looks at the checksum once the whole frame is there, and
        // takes a JSON body for the beginning of a very long one.
        let lengths = bytes.first_chunk::<LENGTHS>();
        let checksum = bytes.get(LENGTHS..).and_then(<[u8]>::first_chunk);
        bytes.len() >= SMALLEST_FRAME
            && lengths.zip(checksum).is_some_and(|(lengths, checksum)| {
                crc32fast::hash(lengths) == u32::from_be_bytes(*checksum)
            })
    }

    /// Reads every frame.
    ///
    /// # Errors
    /// [`FrameError`] at the first frame that does not hold.
    pub fn read(bytes: &Bytes) -> Result<Self, FrameError> {
        let mut frames = FrameReader::default();
        let read = frames.feed(bytes)?;
        Ok(Self {
            frames: read,
            trailing: frames.buffered(),
        })
    }

    /// The exception that ends the stream, where there is one.
    #[must_use]
    pub fn exception(&self) -> Option<StreamException> {
        self.frames.iter().find_map(Frame::exception)
    }
}

impl Frame {
    /// A frame of an event with a JSON payload, as Bedrock writes it.
    #[must_use]
    pub fn event(event_type: &str, payload: impl Into<Bytes>) -> Self {
        Self::with_type("event", ":event-type", event_type, payload)
    }

    /// A frame of an exception with a JSON payload.
    #[must_use]
    pub fn of_exception(exception_type: &str, payload: impl Into<Bytes>) -> Self {
        Self::with_type("exception", ":exception-type", exception_type, payload)
    }

    fn with_type(
        message_type: &str,
        type_header: &'static str,
        name: &str,
        payload: impl Into<Bytes>,
    ) -> Self {
        let text = |value: &str| HeaderValue::String(value.to_owned().into());
        let headers = vec![
            Header::new(type_header, text(name)),
            Header::new(":content-type", text("application/json")),
            Header::new(":message-type", text(message_type)),
        ];
        Self(Message::new_from_parts(headers, payload))
    }

    /// The frame's headers.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        self.0.headers()
    }

    /// The frame's payload.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        self.0.payload()
    }

    /// The same frame around another payload.
    #[must_use]
    pub fn with_payload(&self, payload: impl Into<Bytes>) -> Self {
        Self(Message::new_from_parts(self.headers().to_vec(), payload))
    }

    /// The event's or exception's type, such as `contentBlockDelta`; empty where none is named.
    #[must_use]
    pub fn event_type(&self) -> &str {
        self.header(":event-type")
            .or_else(|| self.header(":exception-type"))
            .or_else(|| self.header(":error-code"))
            .unwrap_or_default()
    }

    /// The exception, where the frame is one.
    #[must_use]
    pub fn exception(&self) -> Option<StreamException> {
        let is_exception = matches!(self.header(":message-type"), Some("exception" | "error"));
        is_exception.then(|| StreamException {
            error_type: self.event_type().to_owned(),
            message: String::from_utf8_lossy(self.payload()).into_owned(),
        })
    }

    /// The JSON inside: the payload, or for InvokeModel's `chunk` the decoded `bytes` member.
    #[must_use]
    pub fn json(&self) -> Bytes {
        self.chunk_json().unwrap_or_else(|| self.payload().clone())
    }

    fn chunk_json(&self) -> Option<Bytes> {
        #[derive(Deserialize)]
        struct Chunk {
            bytes: String,
        }
        if self.event_type() != "chunk" {
            return None;
        }
        let chunk: Chunk = serde_json::from_slice(self.payload()).ok()?;
        BASE64.decode(chunk.bytes).ok().map(Bytes::from)
    }

    /// The frame's bytes with both checksums.
    ///
    /// # Errors
    /// [`FrameError`] where headers or payload are larger than the format can say.
    pub fn encode(&self) -> Result<Bytes, FrameError> {
        let mut bytes = Vec::new();
        write_message_to(&self.0, &mut bytes).map_err(|source| FrameError { index: 0, source })?;
        Ok(bytes.into())
    }

    /// Reads one frame that fills the bytes.
    ///
    /// # Errors
    /// [`FrameError`] where it does not hold.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        read_message_from(bytes)
            .map(Self)
            .map_err(|source| FrameError { index: 0, source })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .headers()
            .iter()
            .find(|header| header.name().as_str() == name)?;
        Some(header.value().as_string().ok()?.as_str())
    }

    /// Whether a stream of that operation is whole once this frame has arrived.
    fn completes(&self, operation: Operation) -> bool {
        if self.exception().is_some() {
            return true;
        }
        match operation {
            Operation::ConverseStream => self.event_type() == "metadata",
            _ => self
                .chunk_json()
                .is_some_and(|json| LastChunk::is_in(&json)),
        }
    }
}

/// The members by which the last chunk of an InvokeModel stream is known. A guardrail that
/// blocks the input answers with one chunk that has no metrics (seen in published recordings).
#[derive(Deserialize)]
struct LastChunk {
    #[serde(rename = "amazon-bedrock-invocationMetrics")]
    metrics: Option<IgnoredAny>,
    #[serde(rename = "amazon-bedrock-guardrailAction")]
    guardrail: Option<String>,
}

impl LastChunk {
    fn is_in(json: &[u8]) -> bool {
        serde_json::from_slice(json).is_ok_and(|chunk: Self| {
            chunk.metrics.is_some() || chunk.guardrail.as_deref() == Some("INTERVENED")
        })
    }
}

/// Takes frames out of bytes that arrive in pieces.
#[derive(Debug, Default)]
struct FrameReader {
    decoder: MessageFrameDecoder,
    buffer: BytesMut,
    taken: usize,
    total: usize,
    framed: usize,
}

impl FrameReader {
    fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, FrameError> {
        self.buffer.extend_from_slice(bytes);
        self.total += bytes.len();
        let mut frames = Vec::new();
        while self.buffer.has_remaining() {
            let decoded = self.decoder.decode_frame(&mut self.buffer);
            match decoded.map_err(|source| FrameError {
                index: self.taken,
                source,
            })? {
                DecodedFrame::Complete(message) => {
                    self.taken += 1;
                    self.framed = self.total - self.buffer.remaining();
                    frames.push(Frame(message));
                }
                DecodedFrame::Incomplete => break,
            }
        }
        Ok(frames)
    }

    /// Bytes that belong to no whole frame yet.
    fn buffered(&self) -> usize {
        self.total - self.framed
    }
}

/// Watches a stream's bytes as they pass and knows whether it is whole.
///
/// A ConverseStream is whole with its `metadata` event, an InvokeModel stream with the chunk
/// that carries `amazon-bedrock-invocationMetrics`, either with an exception frame; no bytes
/// may trail.
#[derive(Debug)]
pub struct StreamWatch {
    operation: Operation,
    frames: FrameReader,
    state: WatchState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WatchState {
    Open,
    Completed,
    Broken,
}

impl StreamWatch {
    /// A watch over an answer of that operation.
    #[must_use]
    pub fn new(operation: Operation) -> Self {
        Self {
            operation,
            frames: FrameReader::default(),
            state: WatchState::Open,
        }
    }

    /// Whether these bytes are a whole stream of that operation.
    #[must_use]
    pub fn is_whole(operation: Operation, bytes: &[u8]) -> bool {
        let mut watch = Self::new(operation);
        watch.feed(bytes);
        watch.is_complete()
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.state == WatchState::Broken {
            return;
        }
        let Ok(frames) = self.frames.feed(bytes) else {
            self.state = WatchState::Broken;
            return;
        };
        if frames.iter().any(|frame| frame.completes(self.operation)) {
            self.state = WatchState::Completed;
        }
    }

    /// Whether the stream is whole if it ends here.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == WatchState::Completed && self.frames.buffered() == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_json_body_is_no_event_stream() {
        assert!(EventStream::begins(&converse_stream()));
        assert!(EventStream::begins(&converse_stream()[..20]));
        assert!(!EventStream::begins(br#"{"output":{"message":{}}}"#));
        assert!(!EventStream::begins(&converse_stream()[..12]));
    }

    fn converse_stream() -> Vec<u8> {
        [
            Frame::event("messageStart", r#"{"role":"assistant"}"#),
            Frame::event("contentBlockDelta", r#"{"delta":{"text":"Why?"}}"#),
            Frame::event("messageStop", r#"{"stopReason":"end_turn"}"#),
            Frame::event("metadata", r#"{"usage":{}}"#),
        ]
        .iter()
        .flat_map(|frame| frame.encode().unwrap())
        .collect()
    }

    fn chunk(json: &str) -> Frame {
        let payload = format!(r#"{{"bytes":"{}"}}"#, BASE64.encode(json));
        Frame::event("chunk", payload)
    }

    #[test]
    fn a_converse_stream_is_whole_only_with_its_metadata() {
        let whole = converse_stream();
        assert!(StreamWatch::is_whole(Operation::ConverseStream, &whole));
        for cut in 0..whole.len() {
            assert!(!StreamWatch::is_whole(
                Operation::ConverseStream,
                &whole[..cut]
            ));
        }
    }

    #[test]
    fn bytes_that_trail_leave_a_stream_incomplete() {
        let mut bytes = converse_stream();
        bytes.push(0);
        assert!(!StreamWatch::is_whole(Operation::ConverseStream, &bytes));
    }

    #[test]
    fn an_invoke_stream_is_whole_with_its_metrics_as_a_member_not_as_text() {
        let operation = Operation::InvokeModelWithResponseStream;
        let quoted = chunk(r#"{"text":"\"amazon-bedrock-invocationMetrics\":"}"#);
        assert!(!StreamWatch::is_whole(operation, &quoted.encode().unwrap()));
        let last = chunk(r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#);
        assert!(StreamWatch::is_whole(operation, &last.encode().unwrap()));
    }

    #[test]
    fn an_exception_frame_ends_a_stream() {
        let frame = Frame::of_exception("modelStreamErrorException", r#"{"message":"boom"}"#);
        let bytes = frame.encode().unwrap();
        assert!(StreamWatch::is_whole(Operation::ConverseStream, &bytes));
        let exception = EventStream::read(&bytes).unwrap().exception().unwrap();
        assert_eq!(exception.error_type, "modelStreamErrorException");
    }

    #[test]
    fn a_flipped_bit_is_a_broken_frame() {
        let mut bytes = converse_stream();
        bytes[40] ^= 1;
        assert!(EventStream::read(&bytes.into()).is_err());
    }

    proptest! {
        #[test]
        fn however_a_stream_is_cut_into_pieces_it_is_whole_at_its_end(
            cuts in prop::collection::vec(1_usize..60, 1..40)
        ) {
            let bytes = converse_stream();
            let mut watch = StreamWatch::new(Operation::ConverseStream);
            let mut rest = &bytes[..];
            for cut in cuts {
                let (piece, later) = rest.split_at(cut.min(rest.len()));
                watch.feed(piece);
                rest = later;
                prop_assert_eq!(watch.is_complete(), rest.is_empty());
            }
            watch.feed(rest);
            prop_assert!(watch.is_complete());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = EventStream::read(&bytes.into());
        }

        #[test]
        fn a_frame_survives_its_bytes(name in "[a-zA-Z]{1,30}", payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let frame = Frame::event(&name, payload);
            prop_assert_eq!(Frame::decode(&frame.encode().unwrap()).unwrap(), frame);
        }
    }
}
