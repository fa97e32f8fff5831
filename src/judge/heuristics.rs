//! What can be counted in a turn without a judge. Rough by nature: shown beside the scores,
//! never part of them.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

/// Properties of a tutor's text that need no model to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, none a state"
)]
pub struct Heuristics {
    /// It asks something.
    pub has_question: bool,
    /// Sentences that end in a question mark.
    pub question_count: u32,
    /// A question asks what, how, why …, not for a yes or no.
    pub open_ended: bool,
    /// It tells what to do or to think.
    pub has_advice: bool,
    /// A question carries the answer that it wants.
    pub is_leading: bool,
}

const OPENERS: &str = r"(?ix)
    (?: ^ | [,;:—–(] \s* | \b(?:and|but|so|then|if\ so|or) \s+ )
    (?: (?:in|to|by|under|for|from|at|on|of|with|about|through) \s+ )?
    (?: what | how | why | which | where | when | who | whom | whose )\b";

const ADVICE: &str = r"(?ix)
    \byou (?:\s+(?:really|probably|might\ want\ to|may\ want\ to|just))? \s+
        (?: should | ought\ to | must | need\ to | had\ better )\b
    | \byou(?:'|’)d \s+ better\b
    | \byou \s+ (?: could | might | may ) \s+ (?: try | want\ to | consider )\b
    | \bit \s+ (?: might | may | would | could ) \s+ help\b
    | \bhave \s+ you \s+ (?: tried | considered | thought\ about )\b
    | \bwhy \s+ (?: not\ (?:try|start|make) | don(?:'|’)t\ you )\b
    | \bI (?:'d|’d|\ would)? \s+ (?: recommend | suggest | advise )\b
    | \bmy \s+ advice\b
    | \bthe \s+ (?:right|correct|real|short) \s+ answer \s+ is\b
    | (?: ^ | [.!?]\s+ ) (?: try | remember | make\ sure | start\ by | focus\ on )\s
    | \btry \s+ \w+ing\b";

const LEADING: &str = r#"(?ix)
    (?: ^ | [.!?;:,]["”’]?\s+ | \b(?:and|but|so|then)\s+ )
        (?: don | doesn | didn | isn | aren | wasn | weren | won | wouldn | can | couldn | shouldn | haven | hasn )(?:'|’)t
        \b [^.!?]* \?
    | , \s* (?: right | correct | no | surely | wouldn(?:'|’)t\ you\ say ) \s* \?
    | \b(?: surely | obviously | of\ course ) \b [^.!?]* \?
    | \b(?: is\ it\ not | would\ you\ not\ agree | do\ you\ agree\ that )\b [^.!?]* \?"#;

static OPENER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(OPENERS).ok());
static ADVISES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ADVICE).ok());
static LEADS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(LEADING).ok());

impl Heuristics {
    /// Counts them in a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let questions = questions(text);
        Self {
            has_question: !questions.is_empty(),
            question_count: u32::try_from(questions.len()).unwrap_or(u32::MAX),
            open_ended: questions.iter().any(|question| finds(&OPENER, question)),
            has_advice: finds(&ADVISES, text),
            is_leading: finds(&LEADS, text),
        }
    }
}

fn finds(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// The sentences that end in a question mark; `?!` and `??` end one sentence.
fn questions(text: &str) -> Vec<&str> {
    text.split_inclusive(['.', '!', '?', '？', '\n'])
        .filter(|sentence| sentence.ends_with(['?', '？']))
        .map(str::trim)
        .filter(|sentence| sentence.chars().any(char::is_alphanumeric))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_a_pattern() {
        assert!(OPENER.is_some() && ADVISES.is_some() && LEADS.is_some());
    }

    #[test]
    fn one_open_question_is_seen_as_that() {
        let expected = Heuristics {
            has_question: true,
            question_count: 1,
            open_ended: true,
            has_advice: false,
            is_leading: false,
        };
        for text in [
            "What would count as harm here?",
            "You said the law binds everyone. By what is it bound itself?",
            "If heat and temperature were one thing, how would a spark differ from a bath?!",
        ] {
            assert_eq!(Heuristics::of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_yes_or_no_question_is_not_open() {
        let heuristics = Heuristics::of("Is that always so? Do you know what it is called?");
        assert_eq!(heuristics.question_count, 2);
        assert!(!heuristics.open_ended);
    }

    #[test]
    fn advice_and_leading_are_seen() {
        for text in [
            "You should tell her. What holds you back?",
            "I’d suggest a list of reasons.",
            "Good. Try drawing it.",
            "The right answer is that both fall alike.",
            "You could try to talk it over. Have you done that before?",
            "Have you considered asking her?",
        ] {
            assert!(Heuristics::of(text).has_advice, "{text}");
        }
        for text in [
            "Isn't it clear that harm matters more?",
            "So a promise is only a habit, right?",
            "Wouldn’t you agree?",
            "I understand. Doesn't “free never meant that” show that you were wrong?",
        ] {
            assert!(Heuristics::of(text).is_leading, "{text}");
        }
    }

    #[test]
    fn a_text_without_a_question_has_none() {
        let heuristics = Heuristics::of("Temperature is an average. Nothing more. ?");
        assert_eq!(heuristics.question_count, 0);
        assert!(!heuristics.has_question && !heuristics.open_ended);
    }
}
