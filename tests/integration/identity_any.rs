//! The same for any body: how it is written never counts, what it says always does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use bedrock_replay::exchange::{Request, RequestParts};
use bedrock_replay::identity::{CanonicalRequest, Difference, MatchOn, Place};

/// How one writer puts JSON on the wire.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
struct Style {
    spaces: &'static str,
    ascii: bool,
    reversed: bool,
    solidus: bool,
    decimals: bool,
}

fn any_style() -> impl Strategy<Value = Style> {
    (
        prop::sample::select(vec!["", " ", "\n\t", " \r\n"]),
        any::<[bool; 4]>(),
    )
        .prop_map(|(spaces, [ascii, reversed, solidus, decimals])| Style {
            spaces,
            ascii,
            reversed,
            solidus,
            decimals,
        })
}

impl Style {
    fn write(&self, value: &Value, out: &mut String) {
        match value {
            Value::String(text) => self.write_string(text, out),
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(self.spaces);
                    self.write(item, out);
                }
                out.push_str(self.spaces);
                out.push(']');
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if self.reversed {
                    members.reverse();
                }
                out.push('{');
                for (index, (name, value)) in members.into_iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(self.spaces);
                    self.write_string(name, out);
                    out.push_str(self.spaces);
                    out.push(':');
                    self.write(value, out);
                }
                out.push('}');
            }
            Value::Number(number) if self.decimals && number.is_i64() => {
                write!(out, "{number}0.0e-1").unwrap();
            }
            leaf => out.push_str(&leaf.to_string()),
        }
    }

    fn write_string(&self, text: &str, out: &mut String) {
        out.push('"');
        for character in text.chars() {
            let mut units = [0; 2];
            match character {
                '"' | '\\' => out.extend(['\\', character]),
                '/' if self.solidus => out.push_str("\\/"),
                _ if character < ' ' || (self.ascii && !character.is_ascii()) => {
                    for unit in character.encode_utf16(&mut units) {
                        write!(out, "\\u{unit:04X}").unwrap();
                    }
                }
                _ => out.push(character),
            }
        }
        out.push('"');
    }
}

fn any_body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Into::into),
        "(\\PC|[\n\t\"\\\\/é🦉]){0,12}".prop_map(Value::String),
    ];
    let value = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map("[a-eé/~]{1,2}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-e]{1,2}", value, 1..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// The pointer of every leaf, empty arrays and objects among them.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) if !members.is_empty() => {
            for (name, item) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(item, &format!("{pointer}/{name}"), found);
            }
        }
        _ => found.push(pointer.to_owned()),
    }
}

fn canonical(operation: &str, body: impl Into<Bytes>) -> CanonicalRequest {
    let request = Request::read(RequestParts {
        method: "POST",
        path_and_query: &format!("/model/m/{operation}"),
        host: "",
        headers: Vec::new(),
        body: body.into(),
    });
    CanonicalRequest::of(&request.unwrap(), &MatchOn::new())
}

fn operation() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "converse",
        "converse-stream",
        "invoke",
        "count-tokens",
    ])
}

proptest! {
    #[test]
    fn how_a_body_is_written_never_changes_its_key(
        operation in operation(), body in any_body(), one in any_style(), other in any_style()
    ) {
        let written = |style: &Style| {
            let mut text = String::new();
            style.write(&body, &mut text);
            canonical(operation, text)
        };
        let (one, other) = (written(&one), written(&other));
        prop_assert_eq!(one.key(), other.key());
        prop_assert!(Difference::between(&one, &other).is_empty());
        prop_assert_eq!(one, canonical(operation, body.to_string()));
    }

    #[test]
    fn a_changed_leaf_changes_the_key_and_is_the_one_difference(
        operation in operation(), body in any_body(), pick in any::<prop::sample::Index>()
    ) {
        let mut pointers = Vec::new();
        leaves(&body, "", &mut pointers);
        let pointer = pick.get(&pointers);
        let mut changed = body.clone();
        *changed.pointer_mut(pointer).unwrap() = "something that was not there".into();
        let before = canonical(operation, body.to_string());
        let after = canonical(operation, changed.to_string());
        prop_assert_ne!(before.key(), after.key());
        let difference = Difference::between(&before, &after);
        prop_assert_eq!(difference.count(), 1);
        let change = &difference.changes()[0];
        prop_assert!(matches!(&change.place, Place::Body(place) if place.to_string() == *pointer));
        prop_assert!(difference.weight() > 0);
    }

    #[test]
    fn differences_of_any_two_bodies_are_found_and_shown(one in any_body(), other in any_body()) {
        let (one, other) = (
            canonical("converse", one.to_string()),
            canonical("converse", other.to_string()),
        );
        let difference = Difference::between(&one, &other);
        prop_assert_eq!(difference.is_empty(), one.key() == other.key());
        prop_assert_eq!(difference.to_string().is_empty(), difference.is_empty());
        prop_assert!(difference.to_string().lines().count() <= 16);
        let back = Difference::between(&other, &one);
        prop_assert_eq!(back.is_empty(), difference.is_empty());
    }
}
