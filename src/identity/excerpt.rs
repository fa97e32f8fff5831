//! The place where two long texts part, short enough for a terminal.

/// Characters shown before the place where the texts part.
const BEFORE: usize = 48;
/// Characters shown before it where no sentence begins there.
const BEFORE_WITHIN_SENTENCE: usize = 24;
/// Characters shown in all.
const WIDTH: usize = 76;

/// Both texts from shortly before the place where they part, cut and escaped.
pub(super) fn excerpts(old: &str, new: &str) -> (String, String) {
    let parting = common_prefix(old, new);
    let start = beginning(&old[..parting]);
    let shown = (cut(old, start), cut(new, start));
    if shown.0.trim() == shown.1.trim() {
        // They part in spaces, which only quotes make visible.
        return (format!("{:?}", shown.0), format!("{:?}", shown.1));
    }
    shown
}

/// A text from its beginning, cut and escaped.
pub(super) fn opening(text: &str) -> String {
    cut(text, 0)
}

/// The length in bytes of what both begin with, at a character's boundary.
pub(super) fn common_prefix(old: &str, new: &str) -> usize {
    let same = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    floor_boundary(old, same)
}

/// The length in bytes of what both end with, at a character's boundary.
pub(super) fn common_suffix(old: &str, new: &str) -> usize {
    let same = old
        .bytes()
        .rev()
        .zip(new.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut start = old.len() - same;
    while !old.is_char_boundary(start) {
        start += 1;
    }
    old.len() - start
}

fn floor_boundary(text: &str, mut index: usize) -> usize {
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// Where to begin, so that the end of what both begin with is shown: at its beginning, at the
/// last sentence, or at a word.
fn beginning(shared: &str) -> usize {
    let back = |count: usize| {
        shared
            .char_indices()
            .rev()
            .nth(count.saturating_sub(1))
            .map_or(0, |(index, _)| index)
    };
    let earliest = back(BEFORE);
    if earliest == 0 {
        return 0;
    }
    if let Some(start) = last_sentence(&shared[earliest..]) {
        return earliest + start;
    }
    let earliest = back(BEFORE_WITHIN_SENTENCE);
    shared[earliest..]
        .find(' ')
        .map_or(earliest, |space| earliest + space + 1)
}

/// Where the last sentence begins, if it begins in this text.
fn last_sentence(text: &str) -> Option<usize> {
    let after = |ending: &str| text.rfind(ending).map(|index| index + ending.len());
    [". ", "? ", "! ", "\n"]
        .iter()
        .filter_map(|ending| after(ending))
        .max()
}

fn cut(text: &str, start: usize) -> String {
    let rest = &text[start..];
    let end = rest
        .char_indices()
        .nth(WIDTH)
        .map_or(rest.len(), |(index, _)| index);
    let mut shown = String::from(if start > 0 { "…" } else { "" });
    for character in rest[..end].chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    if end < rest.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_prompt_is_shown_from_the_sentence_that_changed() {
        let history = "You are a tutor. ".repeat(9_000);
        let old = format!("{history}Ask one question at a time.");
        let new = format!("{history}Ask exactly one open question.");
        assert_eq!(
            excerpts(&old, &new),
            (
                "…Ask one question at a time.".into(),
                "…Ask exactly one open question.".into()
            )
        );
    }

    #[test]
    fn a_long_sentence_is_shown_from_a_word() {
        let words = "and so on ".repeat(100);
        let (old, new) = excerpts(&format!("{words}up{words}"), &format!("{words}down{words}"));
        assert_eq!(
            old,
            "…on and so on and so on upand so on and so on and so on and so on and so on a…"
        );
        assert!(new.starts_with("…on and so on and so on downand"), "{new}");
    }

    #[test]
    fn a_line_break_is_shown_as_one_and_a_lost_space_is_seen() {
        assert_eq!(excerpts("a\nb", "a\nc"), ("a\\nb".into(), "a\\nc".into()));
        assert_eq!(excerpts("a ", "a"), ("\"a \"".into(), "\"a\"".into()));
    }

    proptest! {
        #[test]
        fn no_two_texts_make_an_excerpt_panic(
            shared in ".{0,90}", old in ".{0,90}", new in ".{0,90}", end in ".{0,20}",
        ) {
            let (old, new) = (format!("{shared}{old}{end}"), format!("{shared}{new}{end}"));
            let (a, b) = excerpts(&old, &new);
            prop_assert_eq!(a == b, old == new);
            prop_assert!(common_suffix(&old, &new) >= end.len());
        }
    }
}
