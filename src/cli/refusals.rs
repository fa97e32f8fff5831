//! What `plan` says of calls that got an error for an answer: a run replays it, and asks them
//! again only if it is told to.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bedrock_replay::Mode;
use bedrock_replay::bench::{Line, Plan, Refusal, Survey};
use bedrock_replay::words::counted;

use super::output::{indented, paragraph};
use super::recording_command::RecordingCommand;

/// Kinds that are shown.
const KINDS: usize = 8;
/// Characters of a line.
const LINE: usize = 72;

/// The errors, and the command that asks anew.
pub fn refusals(survey: &Survey, anew: &str) -> String {
    let mut text = format!(
        "\n{} got an error for an answer, which is kept as any answer is\n",
        counted(survey.refused, "recorded call")
    );
    for refusal in survey.refusals.iter().take(KINDS) {
        text.push_str(&told(refusal));
    }
    if let more @ 1.. = survey.refusals.len().saturating_sub(KINDS) {
        let _ = writeln!(text, "  {more} other kinds (--format json has all)");
    }
    let _ = writeln!(
        text,
        "an edit of what was refused asks it anew; so does, with all of its dialogues,\n  {anew}"
    );
    text
}

fn told(refusal: &Refusal) -> String {
    let Refusal {
        role,
        model,
        message,
        calls,
        ..
    } = refusal;
    let calls = counted(*calls, "call");
    let mut text = format!("  {calls}: the {} {model}\n", role.name());
    text.push_str(&indented(&paragraph(message, LINE).join("\n"), 4));
    text
}

/// The command that asks them all anew, and as little else as can be.
pub fn asking_anew(command: &RecordingCommand, plan: &Plan, survey: &Survey) -> String {
    let refused = |line: &&Line| line.recorded.refused > 0;
    let lines = || survey.lines.iter().filter(refused);
    let models: BTreeSet<usize> = lines().map(|line| line.model).collect();
    let scenarios: BTreeSet<usize> = lines().map(|line| line.scenario).collect();
    let models = some_of(&models, plan.models.len(), |own| &plan.models[own].name);
    let scenarios = some_of(&scenarios, plan.scenarios.len(), |own| {
        &plan.scenarios[own].id
    });
    command
        .clone()
        .in_mode(Mode::RecordAll)
        .only("model", &models)
        .only("scenario", &scenarios)
        .line()
}

/// The names, where they are not all.
fn some_of<'a>(
    chosen: &BTreeSet<usize>,
    all: usize,
    name: impl Fn(usize) -> &'a str,
) -> Vec<String> {
    if chosen.len() == all {
        return Vec::new();
    }
    chosen.iter().map(|&own| name(own).to_owned()).collect()
}
