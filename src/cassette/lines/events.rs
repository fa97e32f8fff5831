//! An event stream as its events. A frame that Bedrock would write otherwise stands there as
//! bytes, so that nothing is guessed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::verbatim::{decode, verbatim_json};
use crate::exchange::{EventStream, Frame};

/// `InvokeModel`'s event: JSON in base64.
const CHUNK: &str = "chunk";

/// One frame, or bytes that are none.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventLine {
    /// The type of an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// The type of an exception.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exception: Option<String>,
    /// A payload that is one JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<Box<RawValue>>,
    /// Any other payload that is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The JSON that a chunk holds in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chunk: Option<Box<RawValue>>,
    /// The padding of a chunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<String>,
    /// Bytes as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// The events of a stream; `None` where the bytes do not begin with one.
pub fn write_events(body: &[u8]) -> Option<Vec<EventLine>> {
    if !EventStream::begins(body) {
        return None;
    }
    let mut rest = body;
    let mut lines = Vec::new();
    while let Some((frame, after)) = split_frame(rest) {
        lines.push(EventLine::of(frame).unwrap_or_else(|| EventLine::of_bytes(frame)));
        rest = after;
    }
    if !rest.is_empty() {
        lines.push(EventLine::of_bytes(rest));
    }
    Some(lines)
}

/// The bytes of a stream; what is wrong where it has none.
pub fn read_events(lines: &[EventLine]) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let bytes = line
            .bytes()
            .map_err(|found| format!("in event {index} {found}"))?;
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

/// The next frame by the length that it states; its checksums are not looked at.
fn split_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_be_bytes(*bytes.first_chunk()?);
    let length = usize::try_from(length).ok().filter(|length| *length > 0)?;
    bytes.split_at_checked(length)
}

impl EventLine {
    /// A line that gives exactly these bytes back.
    fn of(bytes: &[u8]) -> Option<Self> {
        let frame = Frame::decode(bytes).ok()?;
        let line = Self::of_chunk(&frame).unwrap_or_else(|| Self::of_frame(&frame));
        let same = |line: &Self| line.bytes().is_ok_and(|written| written == bytes);
        if same(&line) {
            return Some(line);
        }
        Some(Self::of_frame(&frame)).filter(same)
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            base64: Some(BASE64.encode(bytes)),
            ..Self::default()
        }
    }

    fn of_frame(frame: &Frame) -> Self {
        let kind = Some(frame.event_type().to_owned());
        let is_exception = frame.exception().is_some();
        let json = verbatim_json(frame.payload());
        Self {
            event: kind.clone().filter(|_| !is_exception),
            exception: kind.filter(|_| is_exception),
            text: match json {
                Some(_) => None,
                None => String::from_utf8(frame.payload().to_vec()).ok(),
            },
            json,
            ..Self::default()
        }
    }

    fn of_chunk(frame: &Frame) -> Option<Self> {
        #[derive(Deserialize)]
        struct Payload {
            bytes: String,
            p: Option<String>,
        }
        if frame.event_type() != CHUNK {
            return None;
        }
        let payload: Payload = serde_json::from_slice(frame.payload()).ok()?;
        Some(Self {
            chunk: Some(verbatim_json(&BASE64.decode(payload.bytes).ok()?)?),
            p: payload.p,
            ..Self::default()
        })
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        match (&self.base64, &self.chunk, &self.event, &self.exception) {
            (Some(text), None, None, None) => decode(text),
            (None, Some(json), None, None) => {
                encode(&Frame::event(CHUNK, chunk_payload(json, self.p.as_deref())))
            }
            (None, None, Some(kind), None) => encode(&Frame::event(kind, self.payload()?)),
            (None, None, None, Some(kind)) => encode(&Frame::of_exception(kind, self.payload()?)),
            _ => Err("not one of `event`, `exception`, `chunk`, `base64`".to_owned()),
        }
    }

    fn payload(&self) -> Result<Vec<u8>, String> {
        match (&self.json, &self.text) {
            (Some(json), None) => Ok(json.get().as_bytes().to_vec()),
            (None, Some(text)) => Ok(text.as_bytes().to_vec()),
            _ => Err("not one of `json`, `text`".to_owned()),
        }
    }
}

fn chunk_payload(json: &RawValue, padding: Option<&str>) -> Vec<u8> {
    let bytes = BASE64.encode(json.get());
    match padding {
        Some(padding) => format!(r#"{{"bytes":"{bytes}","p":"{padding}"}}"#),
        None => format!(r#"{{"bytes":"{bytes}"}}"#),
    }
    .into_bytes()
}

fn encode(frame: &Frame) -> Result<Vec<u8>, String> {
    frame
        .encode()
        .map(|bytes| bytes.to_vec())
        .map_err(|_| "a frame that is too large".to_owned())
}
