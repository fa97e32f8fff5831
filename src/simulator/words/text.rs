//! A text cut into sentences, words and quotations.

use std::collections::BTreeSet;

use super::vocabulary::{COMMON, bare, is_in};

/// A text's sentences with their ends.
pub(in crate::simulator) fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let ends_here = matches!(character, '.' | '!' | '?' | '？' | '。' | '\n');
        let next = characters.peek().map(|(_, next)| *next);
        let goes_on = next.is_some_and(|next| !next.is_whitespace());
        if ends_here && !goes_on {
            let end = at + character.len_utf8();
            sentences.push(text[start..end].trim());
            start = end;
        }
    }
    sentences.push(text[start..].trim());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// The words that carry a text.
pub(in crate::simulator) fn content_words(text: &str) -> BTreeSet<String> {
    text.split_whitespace()
        .map(bare)
        .filter(|word| word.chars().count() > 2 && !is_in(COMMON, word))
        .collect()
}

/// The text without what it quotes.
pub(in crate::simulator) fn without_quotations(text: &str) -> String {
    let mut kept = String::new();
    let mut is_quoted = false;
    for character in text.chars() {
        match character {
            '“' | '«' => is_quoted = true,
            '”' | '»' => is_quoted = false,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            _ => kept.push(character),
        }
    }
    kept
}

/// What a text quotes.
pub(in crate::simulator) fn quotations(text: &str) -> Vec<&str> {
    let mut quotations = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['“', '"']) {
        let opened = &rest[start..];
        let length = opened.chars().next().map_or(1, char::len_utf8);
        let inside = &opened[length..];
        let Some(end) = inside.find(['”', '"']) else {
            break;
        };
        quotations.push(&inside[..end]);
        let closed = &inside[end..];
        rest = &closed[closed.chars().next().map_or(1, char::len_utf8)..];
    }
    quotations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(
            sentences("It is 3.5 now. Why? Hm…"),
            ["It is 3.5 now.", "Why?", "Hm…"]
        );
    }

    #[test]
    fn quotations_are_found_and_left_out() {
        let text = "You say “it is so” and \"never\". Why?";
        assert_eq!(quotations(text), ["it is so", "never"]);
        assert_eq!(without_quotations(text), "You say  and . Why?");
    }
}
