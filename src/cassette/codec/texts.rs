//! Long texts repeat from turn to turn: history, rubrics, images. They are taken out of a body
//! and stored once, under an id that follows from their bytes.
//!
//! The split looks at quotation marks alone, so it needs no JSON that parses and is undone for
//! any bytes at all.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::varint::{read_length, take, write_varint};

/// Shorter texts cost more as a reference than they save (measured on 1,424 exchanges).
const SHORTEST: usize = 200;

/// A text's id: the front of its SHA-256, without a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextId(pub i64);

impl TextId {
    /// Bytes of an id.
    pub const LENGTH: usize = 8;

    /// The id of a text.
    pub fn of(text: &[u8]) -> Self {
        let digest = Sha256::digest(text);
        let mut front = [0; Self::LENGTH];
        front.copy_from_slice(&digest[..Self::LENGTH]);
        Self(i64::from_be_bytes(front) & i64::MAX)
    }
}

/// Which texts are taken out.
#[derive(Debug, Clone)]
pub enum SharedTexts {
    /// None.
    None,
    /// Each that is long enough: what comes may hold it again.
    Any,
    /// Those that all messages together hold more than once. Another one is found sooner, and
    /// is smaller, where it stands.
    These(HashSet<TextId>),
}

impl SharedTexts {
    fn holds(&self, id: TextId) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::These(ids) => ids.contains(&id),
        }
    }
}

/// A text to be stored once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its id.
    pub id: TextId,
    /// Its bytes, as they stood between quotation marks.
    pub bytes: Vec<u8>,
}

/// A body without its long texts.
#[derive(Debug, PartialEq, Eq)]
pub struct Split {
    /// The texts, in order; one may stand here more than once.
    pub texts: Vec<Text>,
    /// For each text the length of what stands before it, then all that remains.
    pub rest: Vec<u8>,
}

/// Takes the long texts out that are shared.
pub fn split(body: &[u8], shared: &SharedTexts) -> Split {
    let mut texts = Vec::new();
    let mut lengths = Vec::new();
    let mut literals = Vec::new();
    let mut taken = 0;
    for span in quoted_spans(body).filter(|span| span.len() >= SHORTEST) {
        let id = TextId::of(&body[span.clone()]);
        if !shared.holds(id) {
            continue;
        }
        write_varint((span.start - taken) as u64, &mut lengths);
        literals.extend_from_slice(&body[taken..span.start]);
        taken = span.end;
        let bytes = body[span].to_vec();
        texts.push(Text { id, bytes });
    }
    literals.extend_from_slice(&body[taken..]);
    lengths.extend_from_slice(&literals);
    Split {
        texts,
        rest: lengths,
    }
}

/// Puts the texts back; `None` where the lengths do not hold.
pub fn join(texts: &[impl AsRef<[u8]>], rest: &[u8]) -> Option<Vec<u8>> {
    let mut rest = rest;
    let lengths: Vec<usize> = texts
        .iter()
        .map(|_| read_length(&mut rest))
        .collect::<Option<_>>()?;
    let size: usize = texts.iter().map(|text| text.as_ref().len()).sum();
    let mut body = Vec::with_capacity(size + rest.len());
    for (text, length) in texts.iter().zip(lengths) {
        body.extend_from_slice(take(&mut rest, length)?);
        body.extend_from_slice(text.as_ref());
    }
    body.extend_from_slice(rest);
    Some(body)
}

/// What stands between quotation marks, a backslash escaping the next byte.
fn quoted_spans(body: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + memchr::memchr(b'"', body.get(next..)?)? + 1;
        let mut end = start;
        loop {
            end += memchr::memchr2(b'"', b'\\', body.get(end..)?)?;
            if body[end] == b'"' {
                next = end + 1;
                return Some(start..end);
            }
            end += 2;
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_text_leaves_only_a_reference() {
        let long = "x\\\"y".repeat(100);
        let body = format!(r#"{{"a":"short","b":"{long}","c":["{long}"]}}"#);
        let parts = split(body.as_bytes(), &SharedTexts::Any);
        assert_eq!(parts.texts.len(), 2);
        assert_eq!(parts.texts[0].id, parts.texts[1].id);
        assert!(parts.rest.len() < 40);
        let texts: Vec<_> = parts.texts.iter().map(|text| &text.bytes).collect();
        assert_eq!(join(&texts, &parts.rest).unwrap(), body.as_bytes());
    }

    #[test]
    fn a_text_that_nothing_shares_stays() {
        let [one, other] = ["a", "b"].map(|letter| letter.repeat(300));
        let body = format!(r#"{{"a":"{one}","b":"{other}"}}"#);
        let shared = SharedTexts::These([TextId::of(other.as_bytes())].into());
        let parts = split(body.as_bytes(), &shared);
        assert_eq!(parts.texts.len(), 1);
        assert_eq!(parts.texts[0].bytes, other.as_bytes());
        assert_eq!(join(&[other], &parts.rest).unwrap(), body.as_bytes());
    }

    proptest! {
        #[test]
        fn any_bytes_are_put_back(
            pieces in prop::collection::vec(prop_oneof![
                Just(b"\"".to_vec()),
                Just(b"\\".to_vec()),
                prop::collection::vec(any::<u8>(), 0..300),
                Just(vec![b'a'; 250]),
            ], 0..12)
        ) {
            let body = pieces.concat();
            let parts = split(&body, &SharedTexts::Any);
            let texts: Vec<_> = parts.texts.iter().map(|text| &text.bytes).collect();
            prop_assert_eq!(join(&texts, &parts.rest).unwrap(), body);
        }
    }
}
