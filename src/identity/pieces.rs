//! Fingerprints by which values can be compared roughly, at the price of a sort.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::exchange::Json;

/// Sentences of one string that are looked at.
const MOST_SENTENCES: usize = 256;
/// Pieces of one value that are looked at.
const MOST_PIECES: usize = 2048;

/// The leaves of a value, long strings by sentence, each hashed with the member names above it
/// but without the indexes: an inserted item moves none of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pieces(Vec<u64>);

impl Pieces {
    pub(super) fn of(value: &Json) -> Self {
        let mut pieces = Vec::new();
        gather(value, 0, &mut pieces);
        pieces.sort_unstable();
        Self(pieces)
    }

    /// How many pieces only one side has.
    pub(super) fn distance(&self, other: &Self) -> usize {
        self.0.len() + other.0.len() - 2 * self.common(other)
    }

    /// From 0, nothing in common, to 1000, all.
    pub(super) fn likeness(&self, other: &Self) -> usize {
        match self.0.len() + other.0.len() {
            0 => 1000,
            all => 2000 * self.common(other) / all,
        }
    }

    fn common(&self, other: &Self) -> usize {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = 0;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => {
                    left.next();
                }
                std::cmp::Ordering::Greater => {
                    right.next();
                }
                std::cmp::Ordering::Equal => {
                    common += 1;
                    left.next();
                    right.next();
                }
            }
        }
        common
    }
}

/// A hash of the whole value.
pub(super) fn fingerprint(value: &Json) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash_value(value, &mut hasher);
    hasher.finish()
}

fn hash_value(value: &Json, hasher: &mut DefaultHasher) {
    match value {
        Json::Null => 0_u8.hash(hasher),
        Json::Bool(value) => (1_u8, value).hash(hasher),
        Json::Number(number) => (2_u8, number).hash(hasher),
        Json::String(text) => (3_u8, text).hash(hasher),
        Json::Array(items) => {
            (4_u8, items.len()).hash(hasher);
            for item in items {
                hash_value(item, hasher);
            }
        }
        Json::Object(members) => {
            (5_u8, members.len()).hash(hasher);
            for (name, value) in members {
                name.hash(hasher);
                hash_value(value, hasher);
            }
        }
    }
}

/// About how many bytes the text of a value takes.
pub(super) fn rough_length(json: &Json) -> usize {
    match json {
        Json::Null | Json::Bool(_) => 6,
        Json::Number(number) => number.as_str().len() + 1,
        Json::String(text) => text.len() + text.len() / 16 + 3,
        Json::Array(items) => 3 + items.iter().map(rough_length).sum::<usize>(),
        Json::Object(members) => members.iter().fold(3, |sum, (name, value)| {
            sum + name.len() + 3 + rough_length(value)
        }),
    }
}

fn gather(value: &Json, above: u64, pieces: &mut Vec<u64>) {
    if pieces.len() >= MOST_PIECES {
        return;
    }
    match value {
        Json::Array(items) => {
            for item in items {
                gather(item, above, pieces);
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                gather(value, hash_of(&(above, name)), pieces);
            }
        }
        Json::String(text) => pieces.extend(
            text.split(['\n', '.', '?', '!'])
                .map(str::trim)
                .filter(|sentence| !sentence.is_empty())
                .take(MOST_SENTENCES)
                .map(|sentence| hash_of(&(above, sentence))),
        ),
        leaf => pieces.push(hash_of(&(above, fingerprint(leaf)))),
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Pieces {
        Pieces::of(&Json::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn an_inserted_item_leaves_the_others_alike() {
        let one = pieces(r#"{"m":[{"t":"One. Two. Three."}]}"#);
        let other = pieces(r#"{"m":[{"t":"New."},{"t":"One. Two. Three!"}]}"#);
        assert_eq!(one.distance(&other), 1);
        assert_eq!(one.likeness(&other), 857);
    }

    #[test]
    fn one_text_under_another_name_is_another_piece() {
        assert_eq!(pieces(r#"{"a":"x"}"#).likeness(&pieces(r#"{"b":"x"}"#)), 0);
    }
}
