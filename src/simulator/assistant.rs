//! The part of an assistant without a role: it says what it was asked, that no model was, and
//! which parts a system prompt could have named.

use super::dice::Dice;
use super::prompt::Prompt;

const OPENINGS: [&str; 4] = [
    "This is a simulated reply; no model was asked.",
    "No model stands behind these words: they come from the simulator.",
    "You are talking to a simulator, so take this as a sample and not as an answer.",
    "Simulated, not thought: a reply in the right shape.",
];

const CLOSINGS: [&str; 4] = [
    "Record against Bedrock itself to hear what a model has to say about it.",
    "Its length and its tokens are real enough to try a recording with.",
    "The same request will always bring back these same words.",
    "Change one word of it and another reply will come.",
];

/// What is said to a system prompt that names no part: whoever wrote it expects one.
const NO_PART: &str =
    "Its system prompt names none of the parts that are played here: tutor, student, judge.";

/// Words of the request that are quoted.
const QUOTED: usize = 12;

/// Replies to the last turn.
pub(super) fn reply(prompt: &Prompt, dice: &mut Dice) -> String {
    let opening = if prompt.system.is_empty() {
        dice.pick(&OPENINGS).to_string()
    } else {
        format!("{} {NO_PART}", dice.pick(&OPENINGS))
    };
    let closing = dice.pick(&CLOSINGS);
    let results = prompt
        .turns
        .last()
        .map_or(&[][..], |turn| &turn.tool_results);
    if !results.is_empty() {
        let said = shortened(&results.join("; "));
        return format!("{opening} The tool answered “{said}”. {closing}");
    }
    let asked = shortened(prompt.last_text());
    if asked.is_empty() {
        return format!("{opening} {closing}");
    }
    format!("{opening} The last words were “{asked}”. {closing}")
}

fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let shown = words[..words.len().min(QUOTED)].join(" ");
    if words.len() > QUOTED {
        return format!("{shown}…");
    }
    shown
}
