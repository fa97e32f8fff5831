//! Tokens, roughly as a tokenizer would cut them: enough for usage that adds up and for limits
//! that bite.

/// Longer words are cut, as tokenizers cut rare ones.
const LONGEST: usize = 7;

/// The text in pieces of one token each; together they are the text.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last: Option<char> = None;
    let mut length = 0;
    for (at, next) in text.char_indices() {
        if last.is_some_and(|last| length >= LONGEST || starts_piece(last, next)) {
            pieces.push(&text[start..at]);
            start = at;
            length = 0;
        }
        length += 1;
        last = Some(next);
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

/// Whether a token ends between these two characters: before a space, and between a word and
/// a sign. A space belongs to the word after it.
fn starts_piece(last: char, next: char) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '\'' || c == '’';
    match (last.is_whitespace(), next.is_whitespace()) {
        (true, _) => false,
        (false, true) => true,
        (false, false) => {
            !(joins(last) && joins(next)) || !next.is_ascii() && next.is_alphanumeric()
        }
    }
}

/// How many tokens the text has.
pub(super) fn count(text: &str) -> usize {
    pieces(text).len()
}

/// The first `limit` tokens of the text.
pub(super) fn first(text: &str, limit: usize) -> &str {
    let end: usize = pieces(text)
        .iter()
        .take(limit)
        .map(|piece| piece.len())
        .sum();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_carry_their_space_and_signs_stand_alone() {
        assert_eq!(pieces("Why so, then?"), ["Why", " so", ",", " then", "?"]);
    }

    proptest! {
        #[test]
        fn pieces_make_the_text_and_no_limit_is_passed(text in any::<String>(), limit in 0_usize..40) {
            prop_assert_eq!(pieces(&text).concat(), text.clone());
            let cut = first(&text, limit);
            prop_assert!(text.starts_with(cut));
            prop_assert!(pieces(&text).len() <= limit || pieces(&text)[..limit].concat() == cut);
        }
    }
}
