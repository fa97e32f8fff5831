//! The form of a judge's answer as a JSON Schema, made from its rubric: the scale is written
//! down once.

use std::collections::BTreeMap;

use serde::Serialize;

use super::points::Points;
use super::rubric::{Dimension, Rubric};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The JSON Schema (draft 2020-12) of a judgment. Members beyond it are allowed; that the
/// overall score is the sum no schema can say, the parser checks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputSchema {
    #[serde(rename = "$schema")]
    draft: &'static str,
    #[serde(flatten)]
    object: Object,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Object {
    #[serde(rename = "type")]
    kind: &'static str,
    required: Vec<String>,
    properties: BTreeMap<String, Member>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Member {
    Score(Score),
    Object(Object),
    Text(Text),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Score {
    #[serde(rename = "type")]
    kind: &'static str,
    minimum: Points,
    maximum: Points,
    #[serde(rename = "multipleOf")]
    multiple_of: Points,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Text {
    #[serde(rename = "type")]
    kind: &'static str,
    pattern: &'static str,
}

impl OutputSchema {
    /// The form of what is scored by a rubric.
    #[must_use]
    pub fn of(rubric: &Rubric) -> Self {
        let score = |minimum, maximum| {
            Member::Score(Score {
                kind: "number",
                minimum,
                maximum,
                multiple_of: rubric.step,
            })
        };
        let each = |member: &dyn Fn(&Dimension) -> Member| {
            let named = rubric.dimensions.iter();
            named
                .map(|dimension| (dimension.name.clone(), member(dimension)))
                .collect::<BTreeMap<_, _>>()
        };
        let mut properties = each(&|dimension| score(dimension.low, dimension.high));
        let overall = score(rubric.lowest(), rubric.highest());
        properties.insert("overall_score".to_owned(), overall);
        let names: Vec<String> = rubric
            .dimensions
            .iter()
            .map(|dimension| dimension.name.clone())
            .collect();
        let rationale = Object::of(
            names.clone(),
            each(&|_| {
                Member::Text(Text {
                    kind: "string",
                    pattern: "\\S",
                })
            }),
        );
        properties.insert("rationale".to_owned(), Member::Object(rationale));
        let mut required = vec!["overall_score".to_owned()];
        required.extend(names);
        required.push("rationale".to_owned());
        Self {
            draft: DRAFT,
            object: Object::of(required, properties),
        }
    }

    /// The schema as indented JSON; always the same text for the same rubric.
    ///
    /// # Errors
    /// A number that JSON cannot write; a rubric has none.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

impl Object {
    fn of(required: Vec<String>, properties: BTreeMap<String, Member>) -> Self {
        Self {
            kind: "object",
            required,
            properties,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rubric::tests::rubric;
    use super::*;

    #[test]
    fn the_form_of_an_answer_follows_from_the_rubric() {
        insta::assert_snapshot!(OutputSchema::of(&rubric()).text().unwrap());
    }
}
