//! Which part a prompt asks for, and who plays it.

use super::dice::Dice;
use super::model::Model;
use super::prompt::{Prompt, Utterance};
use super::{assistant, tool_call};

/// What the model says to the prompt.
pub(super) fn speak(prompt: &Prompt, model: &Model, seed: u64, dice: &mut Dice) -> Utterance {
    let _ = (model, seed);
    if let Some(call) = tool_call::wanted(prompt, dice) {
        return call;
    }
    Utterance::Text(assistant::reply(prompt, dice))
}
