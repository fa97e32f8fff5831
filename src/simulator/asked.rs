//! What counts of a request: its body in one normal form, so that the order of keys, escapes
//! and an SDK's way to write numbers do not change the answer.

use serde_json::Value;

use crate::exchange::{Json, Request};

use super::dialect::Refusal;
use super::dice;

/// Members that are `f32` in the SDKs' models.
const F32: [&str; 8] = [
    "/inferenceConfig/temperature",
    "/inferenceConfig/topP",
    "/input/converse/inferenceConfig/temperature",
    "/input/converse/inferenceConfig/topP",
    "/temperature",
    "/top_p",
    "/textGenerationConfig/temperature",
    "/textGenerationConfig/topP",
];

/// A member that may carry a run's id, and that no model sees.
const METADATA: &str = "requestMetadata";

/// The body in its normal form.
pub(super) fn canonical_body(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let refusal = |_| {
        Refusal("Malformed input request: expected a JSON object, please reformat your input and try again.".to_owned())
    };
    let mut json = Json::read(body).map_err(refusal)?;
    for pointer in F32 {
        if let Some(Json::Number(number)) = json.at_mut(pointer) {
            *number = number.as_f32();
        }
    }
    if let Json::Object(members) = &mut json {
        members.remove(METADATA);
    }
    let mut canonical = Vec::new();
    json.write(&mut canonical);
    Ok(canonical)
}

/// The canonical body to look into.
pub(super) fn look(canonical: &[u8]) -> Result<Value, Refusal> {
    match serde_json::from_slice(canonical) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(Refusal("Malformed input request: expected a JSON object, please reformat your input and try again.".to_owned())),
    }
}

/// Which request this is: equal for equal requests, however they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Looks at operation, labels and body.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let body = canonical_body(&request.body).unwrap_or_else(|_| request.body.to_vec());
        Self(dice::digest(&[
            request.target.operation().name().as_bytes(),
            request.target.path_and_query().as_bytes(),
            &body,
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(body: &str) -> String {
        String::from_utf8(canonical_body(body.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn one_request_written_by_two_sdks_is_one() {
        let rust = r#"{"messages":[{"role":"user","content":"é"}],"inferenceConfig":{"temperature":0.699999988079071}}"#;
        let python = r#"{"inferenceConfig": {"temperature": 0.7}, "requestMetadata": {"run": "7"}, "messages": [{"content": "\u00e9", "role": "user"}]}"#;
        assert_eq!(canonical(rust), canonical(python));
        assert_ne!(canonical(rust), canonical(&rust.replace('é', "e")));
    }
}
