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

/// `You are a Socratic tutor`, `act as the student`, `you're our impartial judge`: prompts are
/// what people edit, and other words make it no other part.
#[expect(
    clippy::unwrap_used,
    reason = "the pattern is constant, and a test compiles it"
)]
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?<denied>\b(?:never|not|don['’]t)\s+)?
        \b(?:you\ are|you['’]re|you\ will\ be|act\ as|serve\ as|speak\ as|play|the\ (?:role|part)\ of)\s+
        (?:(?:an?|the|our|one)\s+)?
        (?<between>(?:[\w'’-]+,?\s+){0,3}?)
        (?:
            (?<tutor>tutor|teacher|coach|mentor|instructor|educator)
            |(?<student>student|pupil|learner)
            |(?<judge>judge|grader|evaluator|assessor|rater|examiner|reviewer)
        )
        (?:[^\w'’-]|$)",
    )
    .unwrap()
});

/// Between the two, these make it somebody else's part: `you are the assistant of a tutor`.
const ELSES: [&str; 14] = [
    "about", "and", "by", "for", "from", "in", "never", "not", "of", "on", "to", "who", "with",
    "without",
];

/// Behind a comma, these begin with somebody else.
const ARTICLES: [&str; 4] = ["a", "an", "one", "the"];

/// A prompt that asks for it asks for a tutor.
const SOCRATIC: &str = "socratic";

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
            .or_else(|| is_socratic(system).then_some(Self::Tutor))
    }

    /// The part named first.
    fn named_in(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        NAMED.captures_iter(&text).find_map(|found| {
            let between = found.name("between").map_or("", |words| words.as_str());
            if is_elses(between) || found.name("denied").is_some() {
                return None;
            }
            let parts = [("tutor", Self::Tutor), ("student", Self::Student)];
            let part = parts
                .into_iter()
                .find(|(name, _)| found.name(name).is_some());
            Some(part.map_or(Self::Judge, |(_, part)| part))
        })
    }
}

/// Whether the words before a part make it another's.
fn is_elses(between: &str) -> bool {
    let words: Vec<&str> = between.split_whitespace().collect();
    let begins_anew = |pair: &[&str]| pair[0].ends_with(',') && ARTICLES.contains(&pair[1]);
    words.iter().any(|word| ELSES.contains(word)) || words.windows(2).any(begins_anew)
}

fn is_socratic(text: &str) -> bool {
    text.to_lowercase().contains(SOCRATIC)
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
    fn a_part_is_told_by_who_is_named_and_not_by_one_wording() {
        for (system, part) in [
            ("You are a patient, kind tutor of physics.", Part::Tutor),
            ("Act as a Socratic teacher.", Part::Tutor),
            ("You’re an experienced\ncareer coach.", Part::Tutor),
            ("Take the role of the mentor.", Part::Tutor),
            ("You are the student's tutor.", Part::Tutor),
            ("Ask by the Socratic method alone.", Part::Tutor),
            ("You are a curious student.", Part::Student),
            ("Play a pupil who talks to a teacher.", Part::Student),
            (
                "You will be the learner; never act as a tutor.",
                Part::Student,
            ),
            ("You are not the tutor. You are the student.", Part::Student),
        ] {
            assert_eq!(Scene::of(&prompt(system, "Hi")).part, part, "{system}");
        }
    }

    #[test]
    fn words_about_a_part_give_it_to_nobody_else() {
        for system in [
            "You are the assistant of a tutor.",
            "You are a bot for the teacher.",
            "You are never a judge.",
            "You are kind, a judge reads this.",
            "Do not play the tutor.",
            "You are a student-loan adviser.",
            "Write to our students.",
        ] {
            assert_eq!(
                Scene::of(&prompt(system, "Hi")).part,
                Part::Assistant,
                "{system}"
            );
        }
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
