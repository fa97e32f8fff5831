//! Event streams, frame by frame.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;

use super::splice::Splice;
use crate::exchange::{Frame, Json};

/// The length of the field that says a frame's length.
const LENGTH_FIELD: usize = 4;

/// Rewrites the frames of a stream; `None` where nothing changes.
///
/// `json` rewrites a payload, `rest` the bytes that are no sound frame.
pub(super) fn rewrite(
    bytes: &Bytes,
    json: impl Fn(&Bytes) -> Option<Bytes>,
    rest: impl Fn(&Bytes) -> Option<Bytes>,
) -> Option<(Bytes, Splice)> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut splice = Splice::default();
    let mut changed = false;
    for part in parts(bytes) {
        let new = match Frame::decode(&part) {
            Ok(frame) => rewrite_frame(&frame, &json),
            Err(_) => rest(&part),
        };
        changed |= new.is_some();
        let new = new.unwrap_or_else(|| part.clone());
        splice.push(part.len(), new.len());
        out.extend_from_slice(&new);
    }
    changed.then(|| (out.into(), splice))
}

/// The bytes of each frame as their lengths say; what is left over is the last part.
fn parts(bytes: &Bytes) -> Vec<Bytes> {
    let mut parts = Vec::new();
    let mut rest = bytes.clone();
    while let Some(length) = frame_length(&rest) {
        parts.push(rest.split_to(length));
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

fn frame_length(bytes: &Bytes) -> Option<usize> {
    let field = bytes.first_chunk::<LENGTH_FIELD>()?;
    let length = usize::try_from(u32::from_be_bytes(*field)).ok()?;
    (length > LENGTH_FIELD && length <= bytes.len()).then_some(length)
}

fn rewrite_frame(frame: &Frame, json: &impl Fn(&Bytes) -> Option<Bytes>) -> Option<Bytes> {
    let payload = match rewrite_chunk(frame, json) {
        Inside::Changed(payload) => payload,
        Inside::Unchanged => return None,
        Inside::Nothing => json(frame.payload())?,
    };
    frame.with_payload(payload).encode().ok()
}

/// What became of the JSON inside an InvokeModel chunk.
enum Inside {
    /// It is no such chunk.
    Nothing,
    Unchanged,
    Changed(Bytes),
}

/// Rewrites the JSON inside the base64 of an InvokeModel chunk; the payload's other members,
/// its padding above all, stay.
fn rewrite_chunk(frame: &Frame, json: &impl Fn(&Bytes) -> Option<Bytes>) -> Inside {
    if frame.event_type() != "chunk" {
        return Inside::Nothing;
    }
    let Ok(Json::Object(mut members)) = Json::read(frame.payload()) else {
        return Inside::Nothing;
    };
    let Some(inner) = members
        .get("bytes")
        .and_then(Json::as_str)
        .and_then(|text| BASE64.decode(text).ok())
    else {
        return Inside::Nothing;
    };
    let Some(inner) = json(&inner.into()) else {
        return Inside::Unchanged;
    };
    members.insert("bytes".to_owned(), Json::String(BASE64.encode(inner)));
    let mut payload = Vec::new();
    Json::Object(members).write(&mut payload);
    Inside::Changed(payload.into())
}
