//! The part that a prompt asks for, told from its system prompt; a model that takes none gets
//! it at the head of the first message.

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
const MARKS: [(&str, Part); 3] = [
    ("you are a socratic tutor", Part::Tutor),
    ("you are the student", Part::Student),
    ("you are a judge", Part::Judge),
];

impl Part {
    /// The part named first.
    fn named_in(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        MARKS
            .into_iter()
            .filter_map(|(mark, part)| Some((text.find(mark)?, part)))
            .min_by_key(|(at, _)| *at)
            .map(|(_, part)| part)
    }
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
            part: Part::named_in(&prompt.system).unwrap_or(Part::Assistant),
            instructions: prompt.system.clone(),
            heard: owned(Speaker::User),
            said: owned(Speaker::Assistant),
        };
        if prompt.system.is_empty() {
            scene.take_inlined();
        }
        scene
    }

    fn take_inlined(&mut self) {
        let Some(first) = self.heard.first_mut() else {
            return;
        };
        let Some(part) = Part::named_in(first) else {
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
