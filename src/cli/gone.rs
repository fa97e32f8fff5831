//! What `plan` says of calls to models that have left Bedrock: no run records them any more.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bedrock_replay::Mode;
use bedrock_replay::bench::{MODEL_IDS_VARIABLE, ModelsBy, Plan, Role, Survey};
use bedrock_replay::registry::Remark;
use bedrock_replay::words::{counted, grouped};
use jiff::civil::Date;
use serde::Serialize;

use super::spending::calls_of;

/// Calls that nobody answers any more, and the edit that helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gone {
    calls: u64,
    role: Role,
    model: String,
    /// What has to name another model.
    named_in: String,
}

/// The calls that a mode would make of models that have left Bedrock by a day, per role and model.
pub fn gone(plan: &Plan, survey: &Survey, mode: Mode, on: Date) -> Vec<Gone> {
    let mut asked: BTreeMap<(Role, &str), u64> = BTreeMap::new();
    for line in &survey.lines {
        let calls = calls_of(line, mode);
        if let Some(model) = plan.asked_of(line).filter(|_| calls > 0) {
            *asked.entry((line.role, model)).or_default() += calls;
        }
    }
    let gone = asked
        .into_iter()
        .filter(|((_, model), _)| has_left(plan, model, on));
    gone.map(|((role, model), calls)| Gone {
        calls,
        role,
        model: model.to_owned(),
        named_in: place(plan, role),
    })
    .collect()
}

fn has_left(plan: &Plan, model: &str, on: Date) -> bool {
    let remarks = plan.registry.remarks(model, on);
    remarks
        .iter()
        .any(|own| matches!(own, Remark::Ended { .. }))
}

/// Where the model of a role is written.
fn place(plan: &Plan, role: Role) -> String {
    let file = plan.path.display();
    match role {
        Role::Tutor if plan.models_by == ModelsBy::Variable => MODEL_IDS_VARIABLE.to_owned(),
        Role::Tutor => format!("`models` in {file}"),
        Role::Student => format!("`student.model` in {file}"),
        Role::Judge => {
            let file = plan.judge.folder.join("judge.toml");
            format!("`model` in {}", file.display())
        }
    }
}

/// How many of the calls that is, whose, and what to edit.
pub fn told(all: &[Gone], asked: u64) -> String {
    let calls: u64 = all.iter().map(|own| own.calls).sum();
    let of_all = counted(asked, "call");
    let how_many = if calls == asked {
        format!("none of {of_all} can")
    } else {
        format!("{} of {of_all} cannot", grouped(calls))
    };
    let mut text = format!("\n{how_many} be recorded any more: their models have left\n");
    for own in all {
        let calls = counted(own.calls, "call");
        let _ = writeln!(text, "  {calls}: the {} {}", own.role.name(), own.model);
        let _ = writeln!(text, "    name another one first: {}", own.named_in);
    }
    text
}
