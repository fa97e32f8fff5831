//! What of a prompt was edited: its template, or a value that is filled into it.

use std::collections::BTreeSet;

use super::shape::{Shape, mark};
use crate::bench::plan::Plan;
use crate::bench::scenario::{Scenario, Vector};
use crate::judge::{Judge, JudgePrompt, Speaker, Subject, SubjectTurn};

/// Stands for the number of a turn, which no mark can be.
const TURN: u32 = 4_000_000_007;
/// Values that are neither of the scenario nor of the judge.
pub(super) const SAID: &str = "what was said";
/// What is said of a judge's rubric.
pub(super) const RUBRIC: &str = "rubric";

/// Which prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    Tutor,
    Student,
    JudgeSystem,
    JudgeUser,
}

/// The values of a prompt that are not what they were; none where the template is another, or
/// where neither can be told.
pub(super) fn edited(
    prompt: Prompt,
    plan: &Plan,
    scenario: &Scenario,
    recorded: &str,
    requested: &str,
) -> BTreeSet<String> {
    let shape = |blank: &Scenario| {
        let text = filled(prompt, plan, blank)?;
        Some(Shape::of(&text.replace(&TURN.to_string(), &mark(SAID))))
    };
    let own = shape(&blank(
        scenario,
        scenario.vector,
        !scenario.notes.is_empty(),
    ));
    let own = own.as_ref().and_then(|shape| shape.values(requested));
    let Some(own) = own.map(owned) else {
        return BTreeSet::new();
    };
    for (vector, has_notes) in forms(scenario) {
        let shape = shape(&blank(scenario, vector, has_notes));
        let Some(shape) = shape else { continue };
        let Some(before) = shape.values(recorded).map(owned) else {
            continue;
        };
        let mut names = differing(&own, &before);
        if vector != scenario.vector {
            names.insert("vector".to_owned());
        }
        return names;
    }
    BTreeSet::new()
}

/// The forms that a template may branch on; the scenario's own is the first.
fn forms(scenario: &Scenario) -> impl Iterator<Item = (Vector, bool)> {
    let (vector, has_notes) = (scenario.vector, !scenario.notes.is_empty());
    let others = Vector::ALL
        .into_iter()
        .filter(move |other| *other != vector);
    let vectors = std::iter::once(vector).chain(others);
    vectors.flat_map(move |vector| [(vector, has_notes), (vector, !has_notes)])
}

/// The scenario with marks for values.
fn blank(scenario: &Scenario, vector: Vector, has_notes: bool) -> Scenario {
    Scenario {
        vector,
        title: mark("title"),
        persona: mark("persona"),
        opening: mark("opening"),
        goals: vec![mark("goals")],
        notes: if has_notes {
            mark("notes")
        } else {
            String::new()
        },
        ..scenario.clone()
    }
}

fn filled(prompt: Prompt, plan: &Plan, blank: &Scenario) -> Option<String> {
    let text = match prompt {
        Prompt::Tutor => blank.fill(&plan.prompts.tutor).ok()?,
        Prompt::Student => blank.fill(plan.prompts.student.as_ref()?).ok()?,
        Prompt::JudgeSystem => judged(&plan.judge, blank)?.system,
        Prompt::JudgeUser => judged(&plan.judge, blank)?.user,
    };
    Some(text)
}

fn judged(judge: &Judge, blank: &Scenario) -> Option<JudgePrompt> {
    let mut judge = judge.clone();
    judge.rubric.title = mark(RUBRIC);
    for dimension in &mut judge.rubric.dimensions {
        dimension.asks = mark(RUBRIC);
        for level in &mut dimension.levels {
            level.means = mark(RUBRIC);
        }
    }
    let subject = Subject {
        scenario: blank.subject(),
        dialogue: vec![SubjectTurn {
            speaker: Speaker::Student,
            text: mark(SAID),
        }],
        tutor_turn: mark(SAID),
        turn: TURN,
    };
    judge.prompt(&subject).ok()
}

fn owned(values: Vec<(&str, &str)>) -> Vec<(String, String)> {
    let values = values.into_iter();
    values
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The names whose values are others, or that only one side has.
fn differing(one: &[(String, String)], other: &[(String, String)]) -> BTreeSet<String> {
    let missing = |these: &[(String, String)], those: &[(String, String)]| -> BTreeSet<String> {
        let differs = these.iter().filter(|value| !those.contains(value));
        differs.map(|(name, _)| name.clone()).collect()
    };
    let mut names = missing(one, other);
    names.extend(missing(other, one));
    names
}
