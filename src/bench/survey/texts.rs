//! How long the texts of a scenario's calls are: what the estimates rest on.

use crate::bench::plan::Plan;
use crate::bench::scenario::{Scenario, Student};
use crate::judge::Subject;

/// Characters of one scenario's prompts.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pub(super) tutor_system: u64,
    pub(super) student_system: u64,
    /// System prompt and user message around an empty dialogue.
    pub(super) judge: u64,
    /// What the student says in each turn; of a played one only the opening is known.
    pub(super) student: Vec<Option<u64>>,
}

impl Texts {
    pub(super) fn of(plan: &Plan, scenario: &Scenario) -> Self {
        let mut student = vec![Some(length(&scenario.opening))];
        let student_system = match &scenario.student {
            Student::Scripted(replies) => {
                student.extend(replies.iter().map(|reply| Some(length(reply))));
                0
            }
            Student::Played(prompt) => length(prompt),
        };
        student.resize(plan.turns as usize, None);
        Self {
            tutor_system: length(&scenario.tutor_prompt),
            student_system,
            judge: judge(plan, scenario),
            student,
        }
    }
}

/// A template that cannot be filled in was refused when the plan was read.
fn judge(plan: &Plan, scenario: &Scenario) -> u64 {
    let subject = Subject {
        scenario: scenario.subject(),
        dialogue: Vec::new(),
        tutor_turn: String::new(),
        turn: 1,
    };
    let prompt = plan.judge.prompt(&subject);
    prompt.map_or(0, |prompt| length(&prompt.system) + length(&prompt.user))
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}
