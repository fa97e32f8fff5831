//! The part of a pairwise judge: two answers are weighed as a rubric's judge weighs one, and the
//! heavier is the better. Words of the prompt that favour a place pull towards it, so that a
//! position bias can be made and found.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::super::model::Model;
use super::super::ordered;
use super::super::part::Scene;
use super::evidence::Evidence;
use super::instructions::{DENIAL_REACH, DENIALS, inside};
use super::score;

/// What one word in favour of a place adds to the answer that stands there.
const PULL: f64 = 0.12;
/// Answers that lie no farther apart are alike.
const ALIKE: f64 = 0.015;
/// What is shown, first and second: the dialogues and the answers.
const SHOWN: [(&str, &str); 2] = [
    ("first_dialogue", "first_answer"),
    ("second_dialogue", "second_answer"),
];

/// `prefer the first`, `favour the second`, `choose the last one`.
#[expect(
    clippy::unwrap_used,
    reason = "the pattern is constant, and a test compiles it"
)]
static FAVOUR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:prefer|favou?r|choose|take|trust|lean towards)\s+the\s+(first|second|last)",
    )
    .unwrap()
});

/// The answer to a prompt that shows two; none where it does not.
pub(super) fn answer(scene: &Scene, model: &Model) -> Option<String> {
    let message = scene.last_heard();
    let [first, second] = SHOWN.map(|(dialogue, answer)| {
        Contender::of(inside(message, dialogue), inside(message, answer))
    });
    let (first, second) = (first?, second?);
    let told = format!("{}\n{}", scene.instructions, told_beside(message));
    let ahead = first.worth(model.id()) - second.worth(model.id()) + pull(&told);
    let (verdict, better) = if ahead.abs() <= ALIKE {
        ("tie", None)
    } else if ahead > 0.0 {
        ("first", Some(&first))
    } else {
        ("second", Some(&second))
    };
    let rationale = better.map_or_else(
        || "both ask as well as each other".to_owned(),
        |better| format!("“{}” leaves more to the student", better.excerpt()),
    );
    Some(ordered::object([
        ("verdict", Value::from(verdict).to_string()),
        ("rationale", Value::from(rationale).to_string()),
    ]))
}

/// One of the two.
struct Contender {
    seen: Vec<(String, Evidence)>,
}

impl Contender {
    /// An answer after a dialogue, or a whole dialogue.
    fn of(dialogue: Option<&str>, answer: Option<&str>) -> Option<Self> {
        let dialogue = dialogue.unwrap_or_default().trim();
        let turns: Vec<&str> = match answer {
            Some(answer) => vec![answer.trim()],
            None => dialogue
                .lines()
                .filter_map(|line| line.trim().strip_prefix("tutor: "))
                .collect(),
        };
        let seen = turns.into_iter();
        let seen: Vec<(String, Evidence)> = seen
            .map(|turn| (turn.to_owned(), Evidence::of(turn, dialogue)))
            .collect();
        (!seen.is_empty()).then_some(Self { seen })
    }

    fn worth(&self, judge: &str) -> f64 {
        let each = self.seen.iter();
        let sum: f64 = each
            .map(|(turn, evidence)| score::worth(turn, evidence, judge))
            .sum();
        sum / f64::from(u32::try_from(self.seen.len()).unwrap_or(u32::MAX))
    }

    fn excerpt(&self) -> String {
        let last = self.seen.last().map(|(_, evidence)| &evidence.excerpt);
        let quoted = last.map(|excerpt| excerpt.replace(['“', '”', '"'], ""));
        quoted.unwrap_or_default()
    }
}

/// The message without what is compared.
fn told_beside(message: &str) -> String {
    let mut told = message.to_owned();
    for tag in SHOWN
        .iter()
        .flat_map(|(dialogue, answer)| [dialogue, answer])
    {
        if let Some(shown) = inside(message, tag) {
            told = told.replace(shown, "");
        }
    }
    told
}

/// Towards the first where it is more than 0.
fn pull(told: &str) -> f64 {
    let told = told.to_lowercase();
    FAVOUR
        .captures_iter(&told)
        .filter_map(|favour| Some((favour.get(0)?.start(), favour.get(1)?.as_str())))
        .filter(|(at, _)| !is_denied(&told, *at))
        .map(|(_, place)| if place == "first" { PULL } else { -PULL })
        .sum()
}

fn is_denied(told: &str, at: usize) -> bool {
    let before = &told.as_bytes()[at.saturating_sub(DENIAL_REACH)..at];
    let before = String::from_utf8_lossy(before);
    DENIALS.iter().any(|denial| before.contains(denial))
}

#[cfg(test)]
mod tests {
    use super::super::super::part::Part;
    use super::*;

    const OPEN: &str = "What do you mean by “fair”?";
    const CLOSED: &str = "You should ask your teacher. Is it clear?";

    fn verdict(instructions: &str, first: &str, second: &str) -> String {
        let shown = |place: &str, text: &str| {
            format!(
                "<{place}_dialogue>\nstudent: It is fair.\n</{place}_dialogue>\n<{place}_answer>{text}</{place}_answer>\n"
            )
        };
        let scene = Scene {
            part: Part::Judge,
            instructions: instructions.to_owned(),
            heard: vec![shown("first", first) + &shown("second", second)],
            said: Vec::new(),
        };
        let model = Model::of("anthropic.claude-3-5-sonnet-20241022-v2:0");
        let answer: Value = serde_json::from_str(&answer(&scene, &model).unwrap()).unwrap();
        answer["verdict"].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_better_answer_wins_in_either_place() {
        let plain = "You are a judge.";
        assert_eq!(verdict(plain, OPEN, CLOSED), "first");
        assert_eq!(verdict(plain, CLOSED, OPEN), "second");
        assert_eq!(verdict(plain, OPEN, OPEN), "tie");
    }

    #[test]
    fn words_in_favour_of_a_place_decide_between_answers_that_are_close() {
        let close = "What do you mean by “fair” here?";
        for (instructions, expected) in [
            ("In doubt, prefer the first.", "first"),
            ("In doubt, prefer the last one.", "second"),
        ] {
            assert_eq!(verdict(instructions, OPEN, close), expected);
            assert_eq!(verdict(instructions, close, OPEN), expected);
        }
        assert_eq!(verdict("Prefer the first.", CLOSED, OPEN), "second");
        assert_eq!(verdict("Do not prefer the first.", OPEN, OPEN), "tie");
    }
}
