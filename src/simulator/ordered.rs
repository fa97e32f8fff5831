//! Members in one order: the JSON library keeps the order of insertion or of the alphabet,
//! depending on what else is compiled in, and an answer's bytes must not depend on that.

use serde_json::Value;

use crate::exchange::Json;

/// The value with its members in alphabetical order, as Bedrock itself writes them.
pub(super) fn sorted(value: &Value) -> String {
    let text = value.to_string();
    Json::read(text.as_bytes()).map_or(text, |json| json.to_string())
}

/// An object with its members in this order; the values are JSON texts.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("{}: {value}", Value::from(name)))
        .collect();
    format!("{{{}}}", members.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_sorted_at_every_depth() {
        let value = json!({ "b": [{ "d": 1.5, "c": "é\n" }], "a": null });
        assert_eq!(sorted(&value), r#"{"a":null,"b":[{"c":"é\n","d":1.5}]}"#);
    }

    #[test]
    fn an_object_keeps_its_order() {
        assert_eq!(
            object([("b", "1".into()), ("a", "2".into())]),
            r#"{"b": 1, "a": 2}"#
        );
    }
}
