//! Tool use: a call whose input fits the tool's schema.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::prompt::{Prompt, Speaker, Tool, ToolChoice, Utterance};

/// Deeper schemas get empty objects.
const DEEPEST: usize = 6;

/// The call that the prompt asks for: tools are offered, and the last turn brings no result.
pub(super) fn wanted(prompt: &Prompt, dice: &mut Dice) -> Option<Utterance> {
    let last = prompt.turns.last()?;
    if last.speaker == Speaker::Assistant || !last.tool_results.is_empty() {
        return None;
    }
    let tool = chosen(prompt, &last.text)?;
    Some(Utterance::Call {
        name: tool.name.clone(),
        input: example(&tool.schema, 0, dice),
    })
}

/// The tool that is asked for by name, or else the one that the turn's words are nearest to.
fn chosen<'a>(prompt: &'a Prompt, asked: &str) -> Option<&'a Tool> {
    let mentions = |tool: &Tool| {
        let asked = asked.to_lowercase();
        let words = tool.name.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| word.len() > 2 && asked.contains(&word.to_lowercase()))
            .count()
    };
    match &prompt.tool_choice {
        ToolChoice::Never => None,
        ToolChoice::Named(name) => prompt.tools.iter().find(|tool| tool.name == *name),
        // Of equals the first one wins.
        ToolChoice::Free => prompt.tools.iter().rev().max_by_key(|tool| mentions(tool)),
    }
}

/// A value that fits a JSON schema.
fn example(schema: &Value, depth: usize, dice: &mut Dice) -> Value {
    for literal in ["const", "default"] {
        if let Some(value) = schema.get(literal) {
            return value.clone();
        }
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values
            .get(dice.below(values.len()))
            .cloned()
            .unwrap_or_default();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match kind {
        Some("string") => json!(dice.pick(&["Lisbon", "blue", "tomorrow", "a short note"])),
        Some("integer" | "number") => json!(whole_number(schema, dice)),
        Some("boolean") => json!(dice.below(2) == 0),
        Some("array") if depth < DEEPEST => {
            let item = schema.get("items").unwrap_or(&Value::Null);
            json!([example(item, depth + 1, dice)])
        }
        Some("array") => json!([]),
        Some("null") => Value::Null,
        _ => Value::Object(members(schema, depth, dice)),
    }
}

fn whole_number(schema: &Value, dice: &mut Dice) -> i64 {
    let least = schema.get("minimum").and_then(Value::as_i64).unwrap_or(1);
    let most = schema.get("maximum").and_then(Value::as_i64);
    let step = i64::try_from(dice.below(9)).unwrap_or(0);
    let number = least.saturating_add(step);
    most.map_or(number, |most| number.min(most))
}

/// The required members; every member where none is said to be required.
fn members(schema: &Value, depth: usize, dice: &mut Dice) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let is_wanted = |name: &String| {
        required.is_none_or(|names| names.iter().any(|required| required == name.as_str()))
    };
    let wanted = properties.into_iter().flatten();
    wanted
        .filter(|(name, _)| depth < DEEPEST && is_wanted(name))
        .map(|(name, schema)| (name.clone(), example(schema, depth + 1, dice)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_every_required_member_in_its_type() {
        let schema = json!({
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"enum": ["celsius", "kelvin"]},
                "days": {"type": "integer", "minimum": 2, "maximum": 3},
                "note": {"type": "string"},
            },
            "required": ["city", "unit", "days"],
        });
        let input = example(&schema, 0, &mut Dice::of(&[b"x"]));
        assert!(input["city"].is_string());
        assert!(["celsius", "kelvin"].contains(&input["unit"].as_str().unwrap()));
        assert!((2..=3).contains(&input["days"].as_i64().unwrap()));
        assert_eq!(input.get("note"), None);
    }

    #[test]
    fn the_tool_that_the_turn_speaks_of_is_called() {
        let mut prompt = Prompt::default();
        prompt.add_tool("get_time", "", &json!({}));
        prompt.add_tool("get_weather", "", &json!({}));
        let name = |asked: &str| chosen(&prompt, asked).unwrap().name.clone();
        assert_eq!(name("How is the weather in Turin?"), "get_weather");
        assert_eq!(name("Hello"), "get_time");
    }
}
