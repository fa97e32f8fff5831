//! Bytes that a line holds as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::value::RawValue;

/// The value, if writing it into a line and reading it back gives the same bytes.
pub fn verbatim_json(bytes: &[u8]) -> Option<Box<RawValue>> {
    let is_one_line = !bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    // `null` is how serde says that a member is missing.
    let is_kept = bytes.trim_ascii() == bytes && bytes != b"null";
    if !is_one_line || !is_kept {
        return None;
    }
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    RawValue::from_string(text).ok()
}

/// Reads base64; what was found otherwise.
pub fn decode(text: &str) -> Result<Vec<u8>, String> {
    BASE64
        .decode(text)
        .map_err(|error| format!("what is no base64: {error}"))
}
