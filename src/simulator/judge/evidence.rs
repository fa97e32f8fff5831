//! What can be seen in a tutor's turn. What it quotes of the student is not held against it.

use super::super::words;

/// Something that a judge can see in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// At least one question.
    Question,
    /// At least one open question.
    OpenQuestion,
    /// A question that yes or no would answer.
    ClosedQuestion,
    /// It ends in a question.
    LastWord,
    Advice,
    /// It explains, corrects or gives the answer.
    Telling,
    Leading,
    Praise,
    /// It reaches for a definition, an assumption, evidence, an implication or an alternative.
    Probe,
    /// It stays at the surface.
    Surface,
    /// It takes up what the student said.
    Reference,
    /// It talks for too long.
    Length,
}

/// What can be seen in a turn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Evidence {
    signs: Vec<Sign>,
    pub question_count: usize,
    /// A few words to quote.
    pub excerpt: String,
}

const ADVICE: &[&str] = &[
    "you should",
    "you could try",
    "you ought",
    "you need to",
    "you must",
    "you have to try",
    "i suggest",
    "i would suggest",
    "i'd suggest",
    "i recommend",
    "i would recommend",
    "my advice",
    "i advise",
    "it might help",
    "it may help",
    "it would help",
    "why don't you",
    "why not try",
    "have you considered",
    "have you tried",
    "how about",
    "make a list",
    "start by",
    "begin by",
    "remember to",
    "the best way",
    "a good way",
    "best approach",
    "try to",
    "write down",
    "consider making",
    "consider writing",
    "take a step back",
    "keep in mind",
    "keep that in mind",
];

const TELLING: &[&str] = &[
    "actually,",
    "in reality",
    "in fact,",
    "the answer is",
    "the truth is",
    "the key is",
    "the important thing",
    "what counts is",
    "what matters is",
    "let me explain",
    "that is because",
    "this is called",
    "it is called",
    "is known as",
    "common mistake",
    "misconception",
    "misunderstanding",
    "not quite right",
    "you are wrong",
    "that's wrong",
    "it is simpler",
    "the difference is",
    "it depends on the circumstances",
    "you are right about",
];

const LEADING: &[&str] = &[
    "don't you think",
    "don't you agree",
    "would you agree",
    "do you agree",
    "wouldn't you",
    "isn't it",
    "isn't that",
    "isn't “",
    "surely",
    "obviously",
    "of course",
    "clearly",
    "you have to admit",
    "can't you",
    "doesn't that",
    "wouldn't most",
    "is it not",
    "can we agree",
    "aren't there",
    "could it be that",
    "a little too simple",
    "cannot be the whole",
];

const PRAISE: &[&str] = &[
    "great",
    "excellent",
    "good point",
    "good question",
    "well done",
    "that's right",
    "exactly right",
    "wonderful",
    "brilliant",
    "good thinking",
    "getting closer",
    "interesting point",
    "nearly there",
    "good, ",
    "perfect",
    "i like ",
];

const PROBES: &[&str] = &[
    // definition
    "mean",
    "the word",
    "define",
    "count as",
    "explain it to",
    "falls under",
    "say the same",
    "stop being",
    "carries the weight",
    "exception",
    "draw that",
    // assumption
    "taking for granted",
    "take for granted",
    "assum",
    "have to be true",
    "come first",
    "resting on",
    // evidence
    "evidence",
    "how do you know",
    "how would you know",
    "seen yourself",
    "notice",
    "would you show",
    "which case",
    "last time",
    "taught you",
    // implication
    "follow",
    "lead you",
    "one step further",
    "hardest case",
    "what happens",
    "expect next",
    // alternative
    "else account",
    "otherwise",
    "differently",
    "opposite",
    "other conclusion",
    "other side",
    "stay the same",
    "if you changed",
    // two sayings
    "beside each other",
    "side by side",
    "keep both",
    "has changed between",
    "bend the other",
    "fit together",
    "go together",
    "find out next",
    "try it out",
    "still missing",
    // a case
    "say about the thought",
    "had to be different",
    "the same in that case",
    "go together with",
    "known before",
    "come out as it did",
    "other person tell",
    "stayed with you",
    // the plainest form of it
    "plainest case",
    "the difference between",
    "leave out",
    "have to grant",
    "whose eyes",
    "count against",
    "find that out",
    "no longer say",
    "else would have to be so",
    "said against it",
    "put aside",
    "in the words",
    "ask yourself next",
    "would surprise you",
    // what would move it
    "change your mind",
];

const SURFACE: &[&str] = &[
    "how does that feel",
    "how do you feel",
    "tell me more",
    "more can you tell",
    "what do you think?",
    "anything else",
    "go on?",
    "comes to mind",
    "from here?",
    "else is there to say",
];

/// So many shared words take up what was said.
const SHARED: usize = 2;
/// A turn of more words talks for too long.
const LONGEST: usize = 60;
/// So many words of a turn are quoted.
const EXCERPT: usize = 9;

impl Evidence {
    /// Looks at a turn, and at the dialogue before it.
    pub(super) fn of(turn: &str, dialogue: &str) -> Self {
        let own = words::without_quotations(turn)
            .to_lowercase()
            .replace('’', "'");
        let has = |marks: &[&str]| marks.iter().any(|mark| own.contains(mark));
        let sentences = words::sentences(&own);
        let questions: Vec<&str> = sentences
            .iter()
            .copied()
            .filter(|sentence| sentence.ends_with(['?', '？']))
            .collect();
        let closed = questions
            .iter()
            .filter(|question| words::is_closed(question))
            .count();
        let has_open = questions.len() > closed;
        let signs = [
            (Sign::Question, !questions.is_empty()),
            (Sign::OpenQuestion, has_open),
            (Sign::ClosedQuestion, closed > 0),
            (
                Sign::LastWord,
                !questions.is_empty() && sentences.last() == questions.last(),
            ),
            (Sign::Advice, has(ADVICE)),
            (Sign::Telling, has(TELLING)),
            (Sign::Leading, has(LEADING)),
            (Sign::Praise, has(PRAISE)),
            (Sign::Probe, has_open && has(PROBES)),
            (Sign::Surface, has(SURFACE)),
            (Sign::Reference, refers(turn, dialogue)),
            (Sign::Length, turn.split_whitespace().count() > LONGEST),
        ];
        Self {
            signs: signs
                .into_iter()
                .filter_map(|(sign, is_there)| is_there.then_some(sign))
                .collect(),
            question_count: questions.len(),
            excerpt: excerpt(turn),
        }
    }

    /// Whether the turn shows it.
    pub(super) fn shows(&self, sign: Sign) -> bool {
        self.signs.contains(&sign)
    }

    /// It asks, and every question is open.
    pub(super) fn is_open_ended(&self) -> bool {
        self.shows(Sign::OpenQuestion) && !self.shows(Sign::ClosedQuestion)
    }
}

/// It quotes three words and more, or shares words that carry the student's last turn.
fn refers(turn: &str, dialogue: &str) -> bool {
    let quotes = words::quotations(turn);
    if quotes
        .iter()
        .any(|quote| quote.split_whitespace().count() >= 3)
    {
        return true;
    }
    let last = dialogue.lines().rfind(|line| !line.trim().is_empty());
    let heard = words::content_words(last.unwrap_or_default());
    let taken_up = words::content_words(turn);
    heard.intersection(&taken_up).count() >= SHARED || quotes.iter().any(|quote| !quote.is_empty())
}

/// The last question, or else the beginning.
fn excerpt(turn: &str) -> String {
    let sentences = words::sentences(turn);
    let question = sentences.iter().rfind(|sentence| sentence.ends_with('?'));
    let shown = question.or(sentences.first()).copied().unwrap_or_default();
    let words: Vec<&str> = shown.split_whitespace().collect();
    if words.len() <= EXCERPT {
        return words.join(" ");
    }
    format!("{} …", words[..EXCERPT].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(turn: &str) -> Evidence {
        Evidence::of(
            turn,
            "student: My neighbour sleeps badly because of the drums.",
        )
    }

    #[test]
    fn advice_inside_a_quotation_is_the_students() {
        assert!(
            !seen("You say “you should never lie”. What do you mean by that?").shows(Sign::Advice)
        );
        assert!(seen("You should never lie.").shows(Sign::Advice));
    }

    #[test]
    fn shared_words_take_up_what_was_said() {
        assert!(
            seen("What is it about the drums that your neighbour minds?").shows(Sign::Reference)
        );
        assert!(!seen("What makes you think so?").shows(Sign::Reference));
    }

    #[test]
    fn one_closed_question_is_enough_to_be_not_open() {
        let both = seen("What do you mean? Is it so?");
        assert_eq!((both.question_count, both.is_open_ended()), (2, false));
        assert!(both.shows(Sign::OpenQuestion));
    }

    #[test]
    fn a_turn_without_words_shows_nothing() {
        let nothing = seen("");
        assert_eq!((nothing.question_count, nothing.excerpt.as_str()), (0, ""));
        assert!(!nothing.shows(Sign::LastWord));
    }
}
