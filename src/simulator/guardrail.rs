//! What a guardrail says of texts: the simulator's masks e-mail addresses and lets the rest pass.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::dialect::Refusal;

/// Characters of one billed unit.
const UNIT: usize = 1_000;

#[expect(clippy::unwrap_used, reason = "a constant that the tests compile")]
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+").unwrap());

/// The body of an ApplyGuardrail answer.
pub(super) fn assess(body: &Value) -> Result<Value, Refusal> {
    let texts = texts(body)?;
    let found: Vec<&str> = texts
        .iter()
        .flat_map(|text| ADDRESS.find_iter(text))
        .map(|found| found.as_str())
        .collect();
    let characters: usize = texts.iter().map(|text| text.chars().count()).sum();
    let mut answer = json!({
        "action": "NONE",
        "actionReason": "No action.",
        "assessments": [{}],
        "guardrailCoverage": { "textCharacters": { "guarded": characters, "total": characters } },
        "outputs": [],
        "usage": usage(characters),
    });
    if !found.is_empty() {
        answer["action"] = "GUARDRAIL_INTERVENED".into();
        answer["actionReason"] = "Guardrail masked.".into();
        answer["assessments"] = json!([assessment(&found)]);
        answer["outputs"] = texts.iter().map(|text| masked(text)).collect();
    }
    Ok(answer)
}

fn texts(body: &Value) -> Result<Vec<&str>, Refusal> {
    let missing = |member: &str| {
        Refusal(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    };
    match body.get("source").and_then(Value::as_str) {
        Some("INPUT" | "OUTPUT") => {}
        Some(other) => {
            return Err(Refusal(format!(
                "1 validation error detected: Value '{other}' at 'source' failed to satisfy constraint: Member must satisfy enum value set: [INPUT, OUTPUT]"
            )));
        }
        None => return Err(missing("source")),
    }
    let blocks = body.get("content").and_then(Value::as_array);
    let blocks = blocks.ok_or_else(|| missing("content"))?;
    let texts = blocks.iter().map(|block| block.pointer("/text/text"));
    Ok(texts.filter_map(|text| text?.as_str()).collect())
}

fn masked(text: &str) -> Value {
    json!({ "text": ADDRESS.replace_all(text, "{EMAIL}") })
}

fn assessment(found: &[&str]) -> Value {
    let entities: Vec<Value> = found
        .iter()
        .map(|address| {
            json!({ "action": "ANONYMIZED", "detected": true, "match": address, "type": "EMAIL" })
        })
        .collect();
    json!({ "sensitiveInformationPolicy": { "piiEntities": entities, "regexes": [] } })
}

fn usage(characters: usize) -> Value {
    json!({
        "contentPolicyUnits": 0,
        "contextualGroundingPolicyUnits": 0,
        "sensitiveInformationPolicyFreeUnits": 0,
        "sensitiveInformationPolicyUnits": characters.div_ceil(UNIT),
        "topicPolicyUnits": 0,
        "wordPolicyUnits": 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Value {
        json!({ "source": "INPUT", "content": [{ "text": { "text": text } }] })
    }

    #[test]
    fn an_address_is_masked_and_told() {
        let answer = assess(&asked("Write to plato@academy.example and to Crito.")).unwrap();
        assert_eq!(answer["action"], "GUARDRAIL_INTERVENED");
        assert_eq!(
            answer["outputs"][0]["text"],
            "Write to {EMAIL} and to Crito."
        );
        let entity = "/assessments/0/sensitiveInformationPolicy/piiEntities/0/match";
        assert_eq!(answer.pointer(entity).unwrap(), "plato@academy.example");
    }

    #[test]
    fn a_text_without_one_passes() {
        let answer = assess(&asked("Write to Crito.")).unwrap();
        assert_eq!(answer["action"], "NONE");
        assert_eq!(answer["outputs"], json!([]));
        assert_eq!(answer["usage"]["sensitiveInformationPolicyUnits"], 1);
    }

    #[test]
    fn a_body_without_content_or_source_is_refused() {
        for (body, told) in [
            (json!({ "source": "INPUT" }), "'content'"),
            (json!({ "content": [] }), "'source'"),
            (json!({ "source": "BOTH", "content": [] }), "'BOTH'"),
        ] {
            let refusal = assess(&body).unwrap_err();
            assert!(refusal.0.contains(told), "{refusal}");
        }
    }
}
