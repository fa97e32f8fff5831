//! What a tutor's turn wants to hear.

use super::super::words;

/// The kinds of turns that a student tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A case from life.
    Memory,
    /// What a word means.
    Meaning,
    /// Why it should be so.
    Reason,
    /// What follows, what else might be, how two things go together.
    Doubt,
    /// Yes or no.
    Assent,
    /// Nothing: it told or advised.
    Nothing,
}

const MARKS: &[(Asked, &[&str])] = &[
    (
        Asked::Memory,
        &[
            "example",
            "last time",
            "one time",
            "have you seen",
            "happened",
            "which case",
            "a case",
            "remember",
            "this week",
            "a day when",
            "an occasion",
        ],
    ),
    (
        Asked::Meaning,
        &[
            "do you mean",
            "mean by",
            "the word",
            "define",
            "explain it",
            "falls under",
            "would you put",
            "call",
            "in one sentence",
            "without it",
            "exception",
            "stop being",
            "carries the weight",
            "most important part",
            "draw that",
        ],
    ),
    (
        Asked::Doubt,
        &[
            "follow",
            "lead you",
            "else",
            "opposite",
            "differently",
            "other conclusion",
            "both",
            "beside each other",
            "side by side",
            "changed",
            "change your mind",
            "give up",
            "bend",
            "if it were not",
            "hardest",
            "if you changed",
            "notice",
            "missing",
            "find out next",
            "try it out",
            "what if",
            "would happen",
            "someone who",
        ],
    ),
    (
        Asked::Reason,
        &[
            "why",
            "how do you know",
            "how did you come",
            "what makes you",
            "led you",
            "evidence",
            "taking for granted",
            "have to be true",
            "come first",
            "resting on",
            "come from",
            "speaks for",
            "behind that",
            "how sure",
            "show to",
        ],
    ),
];

impl Asked {
    /// Reads a tutor's turn: its last question decides.
    pub(super) fn of(turn: &str) -> Self {
        let own = words::without_quotations(turn).to_lowercase();
        let question = words::sentences(&own)
            .into_iter()
            .rfind(|sentence| sentence.ends_with('?'));
        let Some(question) = question else {
            return Self::Nothing;
        };
        let marked = MARKS
            .iter()
            .find(|(_, marks)| marks.iter().any(|mark| question.contains(mark)));
        match marked {
            _ if words::is_closed(question) => Self::Assent,
            Some((asked, _)) => *asked,
            None => Self::Doubt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_question_decides() {
        for (turn, asked) in [
            ("You say “never”. What do you mean by that?", Asked::Meaning),
            ("Why is that? What happened the last time?", Asked::Memory),
            ("What makes you think so?", Asked::Reason),
            ("How do the two sit beside each other?", Asked::Doubt),
            ("Don't you think that is odd?", Asked::Assent),
            ("You should read a book.", Asked::Nothing),
        ] {
            assert_eq!(Asked::of(turn), asked, "{turn}");
        }
    }
}
