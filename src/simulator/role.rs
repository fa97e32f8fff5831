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
