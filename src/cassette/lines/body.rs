//! A body as a person can read and `git diff` can compare it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::events::{EventLine, read_events, write_events};
use super::verbatim::{decode, verbatim_json};

/// A body in the first of these forms that gives its bytes back.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyLine {
    /// One JSON value, its bytes verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<Box<RawValue>>,
    /// The events of a stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events: Option<Vec<EventLine>>,
    /// Any other text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Any other bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl BodyLine {
    /// Writes a body.
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::default();
        }
        if let Some(json) = verbatim_json(bytes) {
            return Self {
                json: Some(json),
                ..Self::default()
            };
        }
        if let Some(events) = write_events(bytes) {
            return Self {
                events: Some(events),
                ..Self::default()
            };
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self {
                text: Some(text.to_owned()),
                ..Self::default()
            },
            Err(_) => Self {
                base64: Some(BASE64.encode(bytes)),
                ..Self::default()
            },
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.json.is_none() && self.events.is_none() && self.text.is_none() && self.base64.is_none()
    }

    /// The body's bytes; what is wrong where there are none.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        match (&self.json, &self.events, &self.text, &self.base64) {
            (None, None, None, None) => Ok(Vec::new()),
            (Some(json), None, None, None) => Ok(json.get().as_bytes().to_vec()),
            (None, Some(events), None, None) => read_events(events),
            (None, None, Some(text), None) => Ok(text.as_bytes().to_vec()),
            (None, None, None, Some(text)) => decode(text),
            _ => Err("a body in more than one form".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exchange::Frame;

    fn there_and_back(bytes: &[u8]) -> Vec<u8> {
        let line = serde_json::to_string(&BodyLine::of(bytes)).unwrap();
        assert!(!line.contains('\n'), "{line}");
        let read: BodyLine = serde_json::from_str(&line).unwrap();
        read.bytes().unwrap()
    }

    #[test]
    fn json_stands_in_the_line_as_it_was_sent() {
        let body = br#"{ "b":1.50, "a":"\u00e9\/", "a":null }"#;
        let line = serde_json::to_string(&BodyLine::of(body)).unwrap();
        assert_eq!(
            line,
            format!(r#"{{"json":{}}}"#, String::from_utf8_lossy(body))
        );
    }

    #[test]
    fn json_that_a_line_would_change_is_kept_as_text() {
        for body in ["null", " {}", "{}\n", "{\n}", "{} {}", "{\"a\":1"] {
            let line = BodyLine::of(body.as_bytes());
            assert!(line.text.is_some(), "{body:?}");
            assert_eq!(there_and_back(body.as_bytes()), body.as_bytes());
        }
    }

    #[test]
    fn deep_json_comes_back() {
        let body = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(there_and_back(body.as_bytes()), body.as_bytes());
    }

    fn any_payload() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[{}\":a-z,\\\\ 0-9]{0,30}".prop_map(String::into_bytes),
            ".{0,20}".prop_map(|text| serde_json::to_vec(&text).unwrap()),
            ("[{}\"a-z]{0,12}", "[a-zA-Z\"\\\\]{0,8}").prop_map(|(inner, p)| {
                format!(r#"{{"bytes":"{}","p":"{p}"}}"#, BASE64.encode(inner)).into_bytes()
            }),
        ]
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in any_payload()) {
            prop_assert_eq!(there_and_back(&bytes), bytes);
        }

        #[test]
        fn any_stream_comes_back(
            payloads in prop::collection::vec((any_payload(), 0..3_u8), 1..6),
            rest in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let mut body = Vec::new();
            for (payload, kind) in payloads {
                let frame = match kind {
                    0 => Frame::event("chunk", payload),
                    1 => Frame::event("contentBlockDelta", payload),
                    _ => Frame::of_exception("validationException", payload),
                };
                body.extend_from_slice(&frame.encode().unwrap());
            }
            body.extend_from_slice(&rest);
            prop_assert!(BodyLine::of(&body).events.is_some());
            prop_assert_eq!(there_and_back(&body), body);
        }
    }
}
