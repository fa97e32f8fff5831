//! The part that a prompt asks for, told from its system prompt; a model that takes none gets
//! it at the head of the first message.

use std::sync::LazyLock;

use regex::Regex;

use super::prompt::{Prompt, Speaker};

/// Who is to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Tutor,
    Student,
    Judge,
    /// No part is named.
    Assistant,
}

/// The words that name a part.
const MARKS: [(&str, Part); 2] = [
    ("you are a socratic tutor", Part::Tutor),
    ("you are the student", Part::Student),
];

/// `You are a judge`, `you're the impartial judge`, `act as an examiner`: a judge's prompt is
/// what people edit, and other words make it no other request.
#[expect(
    clippy::unwrap_used,
    reason = "the pattern is constant, and a test compiles it"
)]
static JUDGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:you are|you['’]re|you will be|act as|serve as) +(?:(?:an?|the|our|one) +)?(?:[\w-]+ +){0,3}?(?:judge|grader|evaluator|assessor|rater|examiner|reviewer)\b").unwrap()
});

/// What an answer to a judge's request holds.
const JUDGED: [&str; 2] = ["overall_score", "\"verdict\""];
/// How what is judged is shown.
const SHOWN: [&str; 4] = [
    "<tutor_turn>",
    "<first_answer>",
    "<second_answer>",
    "<second_dialogue>",
];

impl Part {
    /// The part that a system prompt gives, or else the last message.
    fn of(system: &str, message: &str) -> Option<Self> {
        let is_judge = |text: &str| asks_for_judgment(text).then_some(Self::Judge);
        is_judge(system)
            .or_else(|| Self::named_in(system))
            .or_else(|| shows_what_is_judged(message).then_some(Self::Judge))
            .or_else(|| is_judge(message))
    }

    /// The part named first.
    fn named_in(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let judge = JUDGE.find(&text).map(|found| (found.start(), Self::Judge));
        MARKS
            .into_iter()
            .filter_map(|(mark, part)| Some((text.find(mark)?, part)))
            .chain(judge)
            .min_by_key(|(at, _)| *at)
            .map(|(_, part)| part)
    }
}

/// Whether it wants a JSON object with an overall score, or with a verdict on two.
fn asks_for_judgment(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("json") && JUDGED.iter().any(|member| text.contains(member))
}

fn shows_what_is_judged(message: &str) -> bool {
    SHOWN.iter().any(|tag| message.contains(tag))
}

/// A prompt cut into its instructions and the conversation.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub part: Part,
    pub instructions: String,
    /// What the others said, oldest first: a student's words to a tutor.
    pub heard: Vec<String>,
    /// What the part itself has said so far.
    pub said: Vec<String>,
}

impl Scene {
    /// Reads the part and takes inlined instructions out of the conversation.
    pub(super) fn of(prompt: &Prompt) -> Self {
        let owned = |speaker| {
            let texts = prompt.texts_of(speaker).into_iter();
            texts.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut scene = Self {
            part: Part::Assistant,
            instructions: prompt.system.clone(),
            heard: owned(Speaker::User),
            said: owned(Speaker::Assistant),
        };
        if let Some(part) = Part::of(&prompt.system, scene.last_heard()) {
            scene.part = part;
        }
        if prompt.system.is_empty() {
            scene.take_inlined();
        }
        scene
    }

    fn take_inlined(&mut self) {
        let Some(first) = self.heard.first_mut() else {
            return;
        };
        let Some(part) = Part::of(first, first) else {
            return;
        };
        self.part = part;
        let whole = std::mem::take(first);
        let cut = whole.rsplit_once("\n\n").filter(|_| part != Part::Judge);
        let (instructions, turn) = cut.unwrap_or((&whole, &whole));
        instructions.clone_into(&mut self.instructions);
        turn.clone_into(first);
    }

    /// The last words heard.
    pub(super) fn last_heard(&self) -> &str {
        self.heard.last().map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::super::prompt::Turn;
    use super::*;

    fn prompt(system: &str, first: &str) -> Prompt {
        let mut prompt = Prompt::default();
        prompt.add_system(system);
        prompt.turns.push(Turn {
            text: first.to_owned(),
            ..Turn::default()
        });
        prompt
    }

    #[test]
    fn the_part_named_first_counts() {
        let system = "You are a judge. The tutor was told: You are a Socratic tutor.";
        assert_eq!(Scene::of(&prompt(system, "Hi")).part, Part::Judge);
        assert_eq!(Scene::of(&prompt("Be kind.", "Hi")).part, Part::Assistant);
    }

    #[test]
    fn a_judge_is_told_by_what_it_is_asked_and_not_by_one_wording() {
        for system in [
            "You are the judge of Socratic tutoring.",
            "You're an impartial judge of tutoring.",
            "YOU ARE OUR MOST EXPERIENCED EXAMINER.",
            "Act as a grader of what a Socratic tutor says.",
            "Score one turn of a tutor. Answer with JSON: {\"overall_score\": 0 to 10}",
            "Which is better? Answer with one JSON object: {\"verdict\": \"first\" or \"second\"}",
        ] {
            assert_eq!(
                Scene::of(&prompt(system, "Hi")).part,
                Part::Judge,
                "{system}"
            );
            assert_eq!(Scene::of(&prompt("", system)).part, Part::Judge, "{system}");
        }
        let shown = "Turn 2:\n<tutor_turn>Why?</tutor_turn>";
        assert_eq!(
            Scene::of(&prompt("Read with care.", shown)).part,
            Part::Judge
        );
    }

    #[test]
    fn words_about_judges_make_no_judge_of_another_part() {
        for (system, part) in [
            ("You are a Socratic tutor, not a judge. Ask.", Part::Tutor),
            ("You are the student. Never act as a judge.", Part::Student),
            ("You are kind. A judge reads this.", Part::Assistant),
            ("Answer in JSON.", Part::Assistant),
        ] {
            assert_eq!(Scene::of(&prompt(system, "Hi")).part, part, "{system}");
        }
    }

    #[test]
    fn instructions_inside_the_first_message_are_no_words_of_the_student() {
        let scene = Scene::of(&prompt(
            "",
            "You are a Socratic tutor.\n\nAsk.\n\nIt is so.",
        ));
        assert_eq!(scene.part, Part::Tutor);
        assert_eq!(scene.instructions, "You are a Socratic tutor.\n\nAsk.");
        assert_eq!(scene.heard, ["It is so."]);
    }
}
