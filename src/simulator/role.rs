//! Who plays the part that a prompt asks for.

use super::deck::Deck;
use super::dice::Dice;
use super::model::Model;
use super::part::{Part, Scene};
use super::prompt::{Prompt, Utterance};
use super::{assistant, judge, student, tool_call, tutor};

/// What the model says to the prompt.
pub(super) fn speak(prompt: &Prompt, model: &Model, seed: u64, dice: &mut Dice) -> Utterance {
    if let Some(call) = tool_call::wanted(prompt, dice) {
        return call;
    }
    let scene = Scene::of(prompt);
    let deck = Deck::new(conversation(prompt, &scene, model, seed));
    Utterance::Text(match scene.part {
        Part::Tutor => tutor::write(&scene, model, &deck, dice),
        Part::Student => student::write(&scene, &deck, dice),
        Part::Judge => judge::write(&scene, model),
        Part::Assistant => assistant::reply(prompt, dice),
    })
}

/// What stays the same from turn to turn names the conversation.
fn conversation(prompt: &Prompt, scene: &Scene, model: &Model, seed: u64) -> Dice {
    let opening = scene.heard.first().map_or("", String::as_str);
    Dice::of(&[
        b"conversation",
        &seed.to_be_bytes(),
        model.id().as_bytes(),
        prompt.sampling.as_bytes(),
        scene.instructions.as_bytes(),
        opening.as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use serde_json::{Value, json};

    use super::super::dialect;
    use super::*;

    const OPUS: &str = "anthropic.claude-3-opus-20240229-v1:0";
    const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
    const LLAMA: &str = "meta.llama3-1-70b-instruct-v1:0";

    /// Vector, persona, opening.
    const SCENARIOS: [[&str; 3]; 3] = [
        [
            "The student holds two beliefs that do not go together.",
            "Lea, 20, argues a lot and gets heated.",
            "Everyone has their own opinion and nobody is ever wrong. People who spread rumours make me furious.",
        ],
        [
            "The student is close to something that they can work out alone.",
            "Otto, 41, tired, eight years in the same office.",
            "I have a good job and I count the hours. I cannot say what is missing.",
        ],
        [
            "The student is sure of something that is not so.",
            "Rosa, 60, likes a game of dice.",
            "The six has not come for an hour, so it is due. Luck evens out, that is a law.",
        ],
    ];

    fn say(model: &str, system: &str, messages: &[Value]) -> String {
        let body = json!({ "system": [{ "text": system }], "messages": messages });
        let prompt = dialect::read_converse(&body).unwrap();
        let text = body.to_string();
        let dice = &mut Dice::of(&[model.as_bytes(), text.as_bytes()]);
        match speak(&prompt, &Model::of(model), 0, dice) {
            Utterance::Text(text) => text,
            Utterance::Call { name, .. } => panic!("expected a text, found a call of `{name}`"),
        }
    }

    fn message(role: &str, text: &str) -> Value {
        json!({ "role": role, "content": [{ "text": text }] })
    }

    /// What was said, the student first, by turns.
    fn dialogue(model: &str, [vector, persona, opening]: [&str; 3]) -> Vec<String> {
        let tutor = format!("You are a Socratic tutor. {vector}");
        let student = format!("You are the student.\n\n{persona}\n\n\"{opening}\"");
        let mut said = vec![opening.to_owned()];
        for turn in 0..9 {
            let (system, model, own) = match turn % 2 {
                0 => (&tutor, model, 1),
                _ => (&student, HAIKU, 0),
            };
            // The student's prompt holds the opening already.
            let heard = said.iter().enumerate().skip(1 - own);
            let messages: Vec<Value> = heard
                .map(|(at, text)| {
                    let role = if at % 2 == own { "assistant" } else { "user" };
                    message(role, text)
                })
                .collect();
            said.push(say(model, system, &messages));
        }
        said
    }

    fn score(turn: &str, heard: &str) -> i64 {
        let message = message(
            "user",
            &format!("<dialogue>\nstudent: {heard}\n</dialogue>\n<tutor_turn>{turn}</tutor_turn>"),
        );
        let judgment = say(OPUS, "You are a judge.", &[message]);
        let judgment: Value = serde_json::from_str(&judgment).unwrap();
        judgment["overall_score"].as_i64().unwrap()
    }

    fn scores(model: &str) -> Vec<i64> {
        SCENARIOS
            .into_iter()
            .flat_map(|scenario| {
                let said = dialogue(model, scenario);
                let turns = said.chunks(2).map(|pair| score(&pair[1], &pair[0]));
                turns.collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn dialogues_read_like_dialogues() {
        let mut shown = String::new();
        for (model, scenario) in [OPUS, HAIKU, LLAMA].into_iter().zip(SCENARIOS) {
            writeln!(shown, "{model}").unwrap();
            for pair in dialogue(model, scenario).chunks(2) {
                let score = score(&pair[1], &pair[0]);
                writeln!(
                    shown,
                    "  student  {}\n  tutor    {} ({score})",
                    pair[0], pair[1]
                )
                .unwrap();
            }
        }
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn nothing_is_said_twice_in_a_dialogue() {
        for model in [OPUS, HAIKU, LLAMA, "amazon.titan-text-premier-v1:0"] {
            for scenario in SCENARIOS {
                let said = dialogue(model, scenario);
                let different: BTreeSet<&String> = said.iter().collect();
                assert_eq!(different.len(), said.len(), "{said:#?}");
            }
        }
    }

    #[test]
    fn the_judge_ranks_the_models_as_they_are_played() {
        let means = [OPUS, HAIKU, LLAMA].map(|model| scores(model).iter().sum::<i64>());
        assert!(means[0] > means[1] && means[1] > means[2], "{means:?}");
    }

    #[test]
    fn a_judgment_is_one_json_object_in_the_order_of_the_prompt() {
        let turn = "You say “it is due”. How would you notice if it were not so?";
        let message = message("user", &format!("<tutor_turn>{turn}</tutor_turn>"));
        let system = "You are a judge. clarity (0 to 5), purity (0 to 4), in half points.";
        insta::assert_snapshot!(say(OPUS, system, &[message]));
    }
}
