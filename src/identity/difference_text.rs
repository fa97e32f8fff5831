//! How a difference is shown: a few places, each with an excerpt of both sides.

use std::fmt;

use super::difference::{Change, Difference, Place, Sides, Suggestion};
use super::excerpt::{excerpts, opening};
use crate::exchange::Json;

/// Places shown unless the caller asks for another number.
const PLACES: usize = 5;
/// The narrowest column of places.
const NARROWEST: usize = 22;
/// The widest one; longer places stand on their own line.
const WIDEST: usize = 44;

/// A difference with a chosen number of places.
#[derive(Debug, Clone, Copy)]
pub struct DifferenceText<'a> {
    difference: &'a Difference,
    places: usize,
}

impl Difference {
    /// The text with at most so many places; `+ N more` stands for the rest.
    #[must_use]
    pub const fn text(&self, places: usize) -> DifferenceText<'_> {
        DifferenceText {
            difference: self,
            places,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text(PLACES).fmt(f)
    }
}

impl fmt::Display for DifferenceText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<(String, Vec<String>)> = self
            .difference
            .changes()
            .iter()
            .take(self.places)
            .map(|change| (change.place.to_string(), change.lines()))
            .collect();
        let widest = shown.iter().map(|(place, _)| place.chars().count());
        let width = widest
            .filter(|width| *width <= WIDEST)
            .fold(NARROWEST, usize::max);
        let mut lines = Vec::new();
        for (place, sides) in &shown {
            lines.extend(entry(place, sides, width));
        }
        let more = self.difference.count() - shown.len();
        if more > 0 {
            lines.push(format!("+ {more} more"));
        }
        f.write_str(&lines.join("\n"))
    }
}

fn entry(place: &str, sides: &[String], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut place = place;
    if place.chars().count() > width {
        lines.push(place.to_owned());
        place = "";
    }
    for side in sides {
        lines.push(format!("{place:width$}  {side}"));
        place = "";
    }
    lines
}

impl Change {
    /// The recorded side, the requested side, or both.
    fn lines(&self) -> Vec<String> {
        match &self.sides {
            Sides::Added(value) => vec![format!("+ {}", opening(&plain(value)))],
            Sides::Removed(value) => vec![format!("- {}", opening(&plain(value)))],
            Sides::Changed {
                recorded,
                requested,
            } => {
                let (old, new) = match (recorded, requested) {
                    (Json::String(old), Json::String(new)) => excerpts(old, new),
                    _ => excerpts(&recorded.to_string(), &requested.to_string()),
                };
                vec![format!("- {old}"), format!("+ {new}")]
            }
        }
    }
}

fn plain(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation => f.write_str("operation"),
            Self::Label(name) | Self::Origin(name) => f.write_str(name),
            Self::Query(name) => write!(f, "query {name}"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Body(path) if path.is_root() => f.write_str("body"),
            Self::Body(path) => path.fmt(f),
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redact(kind) => kind.fmt(f),
            Self::Replace(path) => f.write_str(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Request, RequestParts};
    use crate::identity::{CanonicalRequest, MatchOn};

    fn difference(old: (&str, &str), new: (&str, &str)) -> Difference {
        let canonical = |(path, body): (&str, &str)| {
            let request = Request::read(RequestParts {
                method: "POST",
                path_and_query: path,
                host: "",
                headers: vec![],
                body: body.to_owned().into(),
            });
            CanonicalRequest::of(&request.unwrap(), &MatchOn::new())
        };
        Difference::between(&canonical(old), &canonical(new))
    }

    #[test]
    fn the_text_shows_a_few_places_and_both_sides_of_each() {
        let rules = "Be kind. Wait for an answer. ".repeat(4_000);
        let old = format!(
            r#"{{"system":[{{"text":"{rules}Ask one question at a time."}}],"inferenceConfig":{{"temperature":0.7}},"messages":[{{"role":"user","content":[{{"text":"Is it right\nto lie?"}}]}}],"toolConfig":{{"tools":[{{"toolSpec":{{"name":"grade","inputSchema":{{"json":{{"type":"object"}}}}}}}}]}}}}"#
        );
        let new = format!(
            r#"{{"system":[{{"text":"{rules}Ask exactly one open question."}}],"inferenceConfig":{{"temperature":0.2,"stopSequences":["END"]}},"messages":[{{"role":"user","content":[{{"text":"Is it right\nto steal?"}}]}},{{"role":"assistant","content":[{{"text":"What do you think?"}}]}}],"toolConfig":{{"tools":[{{"toolSpec":{{"name":"grade","inputSchema":{{"json":{{"type":"string"}}}}}}}}]}}}}"#
        );
        let path = "/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse";
        let difference = difference((path, &old), (path, &new));
        insta::assert_snapshot!(difference);
    }

    #[test]
    fn another_operation_on_another_model_is_told_in_words() {
        let difference = difference(
            ("/model/amazon.nova-lite-v1%3A0/invoke", "{\"a\": 1}"),
            (
                "/model/amazon.nova-pro-v1:0/invoke-with-response-stream",
                "\u{7}not json",
            ),
        );
        insta::assert_snapshot!(difference.text(9));
    }
}
