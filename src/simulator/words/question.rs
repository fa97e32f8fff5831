//! Tells open questions from closed ones.

use super::vocabulary::{FILLERS, bare, is_in};

/// Words that an open question begins with.
const OPEN: &str = "how how's what what's when where which who whom whose why";

/// Words that a question for yes or no begins with.
const CLOSED: &str = "am are aren't can can't could couldn't did didn't do does doesn't don't had has hasn't \
    have haven't is isn't may might must shall should shouldn't was wasn't were weren't will \
    won't would wouldn't";

/// Words that lead up to the clause that asks.
const LEADING_UP: &str = "when where while if";

/// Endings that turn a statement into a question for yes or no.
const TAGS: &[&str] = &[
    "right?",
    "no?",
    "correct?",
    "true?",
    "yes?",
    "isn't it?",
    "aren't there?",
    "aren't you?",
    "don't you?",
    "can't you?",
    "wouldn't you?",
    "doesn't it?",
    "okay?",
    "agreed?",
];

/// Whether a question can be answered by yes or no.
pub(in crate::simulator) fn is_closed(question: &str) -> bool {
    let question = question.to_lowercase().replace('’', "'");
    if TAGS
        .iter()
        .any(|tag| question.ends_with(&format!(" {tag}")))
    {
        return true;
    }
    let clauses: Vec<&str> = question.split([',', ':', ';', '–', '—']).collect();
    let deciding = clauses.iter().enumerate().find_map(|(at, clause)| {
        let word = first_word(clause)?;
        let leads_up = at + 1 < clauses.len() && is_in(LEADING_UP, &word);
        let decides = is_in(OPEN, &word) || is_in(CLOSED, &word);
        (decides && !leads_up).then_some(word)
    });
    match deciding {
        Some(word) => is_in(CLOSED, &word),
        None => !asks_inside(&question),
    }
}

/// The word that opens a clause.
fn first_word(clause: &str) -> Option<String> {
    clause
        .split_whitespace()
        .map(bare)
        .find(|word| !word.is_empty() && !is_in(FILLERS, word))
}

/// Whether a question's open word stands after a preposition: `in what way`, `for whom`.
fn asks_inside(question: &str) -> bool {
    question
        .split_whitespace()
        .take(4)
        .map(bare)
        .any(|word| is_in(OPEN, &word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_closed_if_yes_would_answer_it() {
        for closed in [
            "Don't you think so?",
            "If it rains, is it wet?",
            "When you say that, is it always so?",
            "It is late, right?",
            "So you agree?",
        ] {
            assert!(is_closed(closed), "{closed}");
        }
        for open in [
            "What is it?",
            "And if it rains, what then?",
            "In what way?",
            "So how would you know?",
            "Where does that lead you, if you take it at its word?",
        ] {
            assert!(!is_closed(open), "{open}");
        }
    }
}
