//! Titan's embeddings: one text in, one vector out.

use serde_json::{Value, json};

use super::super::dice::Dice;
use super::super::tokens;
use super::body::{self, Refusal};

/// A vector's length where the request names none.
const DIMENSIONS: u64 = 1024;

/// An embedding as it travels, and the tokens that it cost.
pub(in crate::simulator) struct Embedding {
    pub body: Value,
    pub input_tokens: usize,
}

/// Embeds what the body holds; `None` where the model gives no embeddings.
pub(in crate::simulator) fn embed(
    model: &str,
    body: &Value,
    dice: &mut Dice,
) -> Result<Option<Embedding>, Refusal> {
    if !model.contains("titan-embed") {
        return Ok(None);
    }
    let text = body::text(body, "/inputText");
    if text.is_empty() {
        return Err(Refusal::missing("inputText"));
    }
    let dimensions = match body.get("dimensions").map(Value::as_u64) {
        None => DIMENSIONS,
        Some(Some(dimensions @ (256 | 512 | 1024))) => dimensions,
        Some(_) => {
            return Err(Refusal::new(
                "Malformed input request: #/dimensions: expected one of 256, 512, 1024, please reformat your input and try again.",
            ));
        }
    };
    let input_tokens = tokens::count(text);
    let embedding: Vec<f64> = (0..dimensions).map(|_| component(dice)).collect();
    Ok(Some(Embedding {
        body: json!({ "embedding": embedding, "inputTextTokenCount": input_tokens }),
        input_tokens,
    }))
}

/// A number between -0.1 and 0.1, of as many digits as are seen.
fn component(dice: &mut Dice) -> f64 {
    let steps = u32::try_from(dice.below(200_001)).unwrap_or(0);
    (f64::from(steps) - 100_000.0) / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "amazon.titan-embed-text-v2:0";

    fn embedded(body: &Value) -> Result<Option<Embedding>, Refusal> {
        embed(MODEL, body, &mut Dice::of(&[b"x"]))
    }

    #[test]
    fn a_text_becomes_a_vector_of_the_length_asked_for() {
        for (body, length) in [
            (json!({ "inputText": "Why not?" }), 1024),
            (json!({ "inputText": "Why not?", "dimensions": 256 }), 256),
        ] {
            let embedding = embedded(&body).unwrap().unwrap();
            assert_eq!(
                embedding.body["embedding"].as_array().unwrap().len(),
                length
            );
            assert_eq!(embedding.body["inputTextTokenCount"], 3);
        }
    }

    #[test]
    fn what_has_no_text_or_another_length_is_refused() {
        assert!(embedded(&json!({})).is_err());
        assert!(embedded(&json!({ "inputText": "x", "dimensions": 3 })).is_err());
    }

    #[test]
    fn another_model_gives_no_embedding() {
        let asked = json!({ "inputText": "x" });
        let found = embed("amazon.titan-text-express-v1", &asked, &mut Dice::of(&[]));
        assert!(found.unwrap().is_none());
    }
}
