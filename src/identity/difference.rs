//! Where two canonical requests part.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::alignment::{Pair, align};
use super::body_path::{Location, Step};
use super::excerpt::{common_prefix, common_suffix};
use super::pieces::rough_length;
use super::volatile::explain;
use super::{CanonicalBody, CanonicalRequest, Volatile};
use crate::exchange::Json;

/// Changes that are kept; more are only counted.
const MOST_KEPT: usize = 256;
/// The weight of a change, whatever its size.
const CHANGE: u64 = 16;
/// The most that the size of one change adds.
const LARGEST_CHANGE: u64 = 4096;
/// The weight of another model or another guardrail.
const LABEL: u64 = 512;
/// The weight of a changed header, query member or origin.
const LINE: u64 = 128;
/// The weight of another operation.
const OPERATION: u64 = 20_000;

/// What a request has otherwise than a recorded one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    changes: Vec<Change>,
    unkept: usize,
    weight: u64,
}

/// One place and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// What.
    pub sides: Sides,
}

/// A place in a canonical request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The operation.
    Operation,
    /// A label of the path, such as `modelId`.
    Label(String),
    /// A query member.
    Query(String),
    /// `host` or `region`.
    Origin(String),
    /// A header.
    Header(String),
    /// A place in the body: in the request's body, or where it was removed, in the recorded one.
    Body(Location),
}

/// Both sides of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sides {
    /// Only the request has it.
    Added(Json),
    /// Only the recorded one has it.
    Removed(Json),
    /// Both have it, unequal.
    Changed {
        /// As it was recorded.
        recorded: Json,
        /// As it was asked for.
        requested: Json,
    },
}

/// A rule under which two requests would be equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suggestion {
    /// Redact a built-in kind of volatile text.
    Redact(Volatile),
    /// Replace what a JSON path finds.
    Replace(String),
}

impl Difference {
    /// What a request has otherwise than a recorded one.
    #[must_use]
    pub fn between(recorded: &CanonicalRequest, requested: &CanonicalRequest) -> Self {
        let mut found = Self::default();
        if recorded.operation() != requested.operation() {
            let name = |side: &CanonicalRequest| Json::String(side.operation().name().to_owned());
            found.note(
                Place::Operation,
                OPERATION,
                changed(name(recorded), name(requested)),
            );
        }
        found.lines(recorded.labels(), requested.labels(), LABEL, Place::Label);
        found.lines(recorded.query(), requested.query(), LINE, Place::Query);
        found.lines(recorded.origin(), requested.origin(), LINE, Place::Origin);
        found.lines(recorded.headers(), requested.headers(), LINE, Place::Header);
        found.bodies(recorded.body(), requested.body());
        found
    }

    /// Whether the two are equal.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes, in the order of the request; at most a few hundred.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How many places differ.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.changes.len() + self.unkept
    }

    /// How far apart the two are; 0 where they are equal.
    #[must_use]
    pub const fn weight(&self) -> u64 {
        self.weight
    }

    /// Where only ids, dates and the like differ: the rules under which both are equal.
    #[must_use]
    pub fn volatile(&self) -> Option<Vec<Suggestion>> {
        if self.is_empty() || self.unkept > 0 {
            return None;
        }
        let mut suggestions = Vec::new();
        for change in &self.changes {
            for suggestion in change.explain()? {
                if !suggestions.contains(&suggestion) {
                    suggestions.push(suggestion);
                }
            }
        }
        Some(suggestions)
    }

    fn note(&mut self, place: Place, weight: u64, sides: Sides) {
        self.weight = self.weight.saturating_add(weight);
        if self.changes.len() < MOST_KEPT {
            self.changes.push(Change { place, sides });
        } else {
            self.unkept += 1;
        }
    }

    fn lines<'a>(
        &mut self,
        recorded: impl Iterator<Item = (&'a str, &'a str)>,
        requested: impl Iterator<Item = (&'a str, &'a str)>,
        weight: u64,
        place: fn(String) -> Place,
    ) {
        let text = |value: &str| Json::String(value.to_owned());
        let mut recorded: BTreeMap<_, _> = recorded.collect();
        for (name, value) in requested {
            match recorded.remove(name) {
                Some(old) if old == value => {}
                Some(old) => self.note(
                    place(name.to_owned()),
                    weight,
                    changed(text(old), text(value)),
                ),
                None => self.note(place(name.to_owned()), weight, Sides::Added(text(value))),
            }
        }
        for (name, value) in recorded {
            self.note(place(name.to_owned()), weight, Sides::Removed(text(value)));
        }
    }

    fn bodies(&mut self, recorded: &CanonicalBody, requested: &CanonicalBody) {
        let mut path = Location::default();
        match (recorded, requested) {
            (CanonicalBody::Json(old), CanonicalBody::Json(new)) => {
                self.values(&mut path, old, new);
            }
            (old, new) if old == new => {}
            (CanonicalBody::Empty, new) => self.added(&path, &shown(new)),
            (old, CanonicalBody::Empty) => self.removed(&path, &shown(old)),
            (old, new) => self.leaf(&path, &shown(old), &shown(new)),
        }
    }

    fn values(&mut self, path: &mut Location, old: &Json, new: &Json) {
        match (old, new) {
            (Json::Object(old), Json::Object(new)) => self.members(path, old, new),
            (Json::Array(old), Json::Array(new)) => self.items(path, old, new),
            _ if old == new => {}
            _ => self.leaf(path, old, new),
        }
    }

    fn members(
        &mut self,
        path: &mut Location,
        old: &BTreeMap<String, Json>,
        new: &BTreeMap<String, Json>,
    ) {
        for (name, value) in new {
            path.push(Step::Name(name.clone()));
            match old.get(name) {
                Some(before) => self.values(path, before, value),
                None => self.added(path, value),
            }
            path.pop();
        }
        for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
            path.push(Step::Name(name.clone()));
            self.removed(path, value);
            path.pop();
        }
    }

    fn items(&mut self, path: &mut Location, old: &[Json], new: &[Json]) {
        for pair in align(old, new) {
            let index = match pair {
                Pair::Both(_, new) | Pair::New(new) => new,
                Pair::Old(old) => old,
            };
            path.push(Step::Index(index));
            match pair {
                Pair::Both(before, after) => self.values(path, &old[before], &new[after]),
                Pair::New(after) => self.added(path, &new[after]),
                Pair::Old(before) => self.removed(path, &old[before]),
            }
            path.pop();
        }
    }

    fn added(&mut self, path: &Location, value: &Json) {
        let weight = CHANGE + size(value);
        self.note(
            Place::Body(path.clone()),
            weight,
            Sides::Added(value.clone()),
        );
    }

    fn removed(&mut self, path: &Location, value: &Json) {
        let weight = CHANGE + size(value);
        self.note(
            Place::Body(path.clone()),
            weight,
            Sides::Removed(value.clone()),
        );
    }

    fn leaf(&mut self, path: &Location, old: &Json, new: &Json) {
        let weight = match (old, new) {
            (Json::String(old), Json::String(new)) => CHANGE + parting(old, new),
            _ => CHANGE + size(old).max(size(new)),
        };
        self.note(
            Place::Body(path.clone()),
            weight,
            changed(old.clone(), new.clone()),
        );
    }
}

const fn changed(recorded: Json, requested: Json) -> Sides {
    Sides::Changed {
        recorded,
        requested,
    }
}

/// A body as a value that can be shown.
fn shown(body: &CanonicalBody) -> Json {
    match body {
        CanonicalBody::Empty => Json::Null,
        CanonicalBody::Json(json) => json.clone(),
        CanonicalBody::Raw(bytes) => Json::String(
            std::str::from_utf8(bytes).map_or_else(|_| BASE64.encode(bytes), str::to_owned),
        ),
    }
}

/// The bytes in which two texts differ.
fn parting(old: &str, new: &str) -> u64 {
    let front = common_prefix(old, new);
    let back = common_suffix(&old[front..], &new[front..]);
    bounded(old.len().max(new.len()) - front - back)
}

fn size(value: &Json) -> u64 {
    bounded(rough_length(value))
}

fn bounded(bytes: usize) -> u64 {
    u64::try_from(bytes).map_or(LARGEST_CHANGE, |bytes| bytes.min(LARGEST_CHANGE))
}

impl Change {
    /// The rules under which both sides are equal, if they differ in volatile parts alone.
    fn explain(&self) -> Option<Vec<Suggestion>> {
        let Sides::Changed {
            recorded,
            requested,
        } = &self.sides
        else {
            return None;
        };
        let explained = match (recorded, requested) {
            (Json::String(old), Json::String(new)) => explain(old, new),
            _ => None,
        };
        if let Some(kinds) = explained {
            if matches!(self.place, Place::Label(_))
                && !kinds.iter().all(|kind| kind.occurs_in_labels())
            {
                return None;
            }
            return Some(kinds.into_iter().map(Suggestion::Redact).collect());
        }
        match &self.place {
            Place::Body(path) if is_stamp(recorded) && is_stamp(requested) => {
                Some(vec![Suggestion::Replace(path.pattern())])
            }
            Place::Body(path) if path.names_an_id() && is_short(recorded, requested) => {
                Some(vec![Suggestion::Replace(path.pattern())])
            }
            _ => None,
        }
    }
}

/// Whether a number can be seconds or milliseconds since 1970.
fn is_stamp(value: &Json) -> bool {
    let Json::Number(number) = value else {
        return false;
    };
    Volatile::Timestamps.strip(number.as_str()) == Volatile::Timestamps.replacement()
}

/// Longest value that a member named as an id is believed to hold.
const LONGEST_ID: usize = 128;

fn is_short(recorded: &Json, requested: &Json) -> bool {
    let short = |value: &Json| match value {
        Json::String(text) => text.len() <= LONGEST_ID && !text.contains(char::is_whitespace),
        Json::Number(_) => true,
        _ => false,
    };
    short(recorded) && short(requested)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Request, RequestParts};
    use crate::identity::MatchOn;

    pub(super) fn canonical(path: &str, body: &str) -> CanonicalRequest {
        let request = Request::read(RequestParts {
            method: "POST",
            path_and_query: path,
            host: "",
            headers: vec![],
            body: body.to_owned().into(),
        });
        CanonicalRequest::of(&request.unwrap(), &MatchOn::new())
    }

    fn between(old: &str, new: &str) -> Difference {
        let path = "/model/m/converse";
        Difference::between(&canonical(path, old), &canonical(path, new))
    }

    fn places(difference: &Difference) -> Vec<String> {
        let places = difference.changes().iter();
        places
            .map(|change| {
                let sign = match change.sides {
                    Sides::Added(_) => "+",
                    Sides::Removed(_) => "-",
                    Sides::Changed { .. } => "~",
                };
                format!("{sign}{}", change.place)
            })
            .collect()
    }

    #[test]
    fn equal_requests_have_no_difference() {
        let body = r#"{"messages":[{"content":[{"text":"x"}]}]}"#;
        let difference = between(body, body);
        assert!(difference.is_empty());
        assert_eq!((difference.weight(), difference.count()), (0, 0));
        assert_eq!(difference.volatile(), None);
        assert_eq!(difference.to_string(), "");
    }

    #[test]
    fn each_kind_of_change_is_named_by_its_place() {
        let difference = between(
            r#"{"a":{"old":1,"same":2},"b":[1,2,3],"c":"x"}"#,
            r#"{"a":{"new":1,"same":2},"b":[1,3],"c":"y"}"#,
        );
        assert_eq!(places(&difference), ["+/a/new", "-/a/old", "-/b/1", "~/c"]);
    }

    #[test]
    fn an_inserted_turn_leaves_the_later_ones_alone() {
        let turn = |n: usize| format!(r#"{{"role":"user","content":[{{"text":"turn {n}"}}]}}"#);
        let body = |turns: &[usize]| {
            let turns: Vec<String> = turns.iter().map(|n| turn(*n)).collect();
            format!(r#"{{"messages":[{}]}}"#, turns.join(","))
        };
        let difference = between(&body(&[1, 2, 3, 4]), &body(&[1, 9, 2, 3, 4]));
        assert_eq!(places(&difference), ["+/messages/1"]);
    }

    #[test]
    fn another_operation_model_or_kind_of_body_is_named() {
        let old = canonical("/model/a/invoke", "{\"a\":1}");
        let new = canonical("/model/b/invoke-with-response-stream", "{\"a\":");
        let difference = Difference::between(&old, &new);
        assert_eq!(places(&difference), ["~operation", "~modelId", "~body"]);
        let none = canonical("/model/a/invoke", "");
        assert_eq!(places(&Difference::between(&old, &none)), ["-body"]);
        assert_eq!(places(&Difference::between(&none, &old)), ["+body"]);
    }

    #[test]
    fn a_small_edit_weighs_less_than_another_turn() {
        let text = "Ask one question. ".repeat(500);
        let body = |text: &str| format!(r#"{{"system":[{{"text":"{text}"}}],"m":["a","b"]}}"#);
        let edit = between(&body(&text), &body(&text.replacen("one", "two", 1)));
        let other = between(&body(&text), &body("Something else. "));
        assert!(edit.weight() < other.weight(), "{edit:?}");
        assert!(edit.weight() < 100);
    }

    #[test]
    fn where_only_ids_and_dates_differ_the_rules_are_suggested() {
        let body = |uuid: &str, day: &str, stamp: u64, session: &str| {
            format!(
                r#"{{"system":[{{"text":"It is 2026-11-{day}. Run {uuid}."}}],"at":{stamp},"m":[{{"sessionId":"{session}"}}]}}"#
            )
        };
        let difference = between(
            &body(
                "9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d",
                "21",
                1_795_363_694,
                "aB3",
            ),
            &body(
                "0c8a6e1f-5d0c-4f9e-8a51-9d6f4a367b2d",
                "22",
                1_795_363_999,
                "zZ9",
            ),
        );
        assert_eq!(
            difference.volatile(),
            Some(vec![
                Suggestion::Replace("$.at".into()),
                Suggestion::Replace("$.m[*].sessionId".into()),
                Suggestion::Redact(Volatile::Uuids),
                Suggestion::Redact(Volatile::IsoDates),
            ])
        );
    }

    #[test]
    fn a_model_named_by_another_date_is_another_model() {
        let of = |path| canonical(path, "{}");
        let old = of("/model/vendor.model-2026-01-01/converse");
        let new = of("/model/vendor.model-2026-06-01/converse");
        assert_eq!(Difference::between(&old, &new).volatile(), None);
        let old =
            of("/model/arn:aws:bedrock:us-east-1:111111111111:inference-profile%2Fx/converse");
        let new =
            of("/model/arn:aws:bedrock:us-east-1:222222222222:inference-profile%2Fx/converse");
        assert_eq!(
            Difference::between(&old, &new).volatile(),
            Some(vec![Suggestion::Redact(Volatile::AccountIds)])
        );
    }

    #[test]
    fn where_anything_else_differs_no_rule_is_suggested() {
        let old = r#"{"a":"2026-11-21","b":"x"}"#;
        let new = r#"{"a":"2026-11-22","b":"y"}"#;
        assert_eq!(between(old, new).volatile(), None);
        assert_eq!(between(old, r#"{"a":"2026-11-21"}"#).volatile(), None);
    }

    #[test]
    fn arrays_of_a_hundred_thousand_unlike_items_are_compared_in_one_pass() {
        let body = |from: usize| {
            let items: Vec<String> = (from..from + 100_000).map(|n| n.to_string()).collect();
            format!("[{}]", items.join(","))
        };
        let difference = between(&body(0), &body(500_000));
        assert_eq!(difference.count(), 100_000);
        assert_eq!(difference.changes().len(), MOST_KEPT);
        assert_eq!(difference.volatile(), None);
    }
}
