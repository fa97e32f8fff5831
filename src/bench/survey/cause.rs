//! Why a call is not in a cassette, in the words of the files that a person edits.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::role::Role;
use crate::bench::plan::Plan;
use crate::bench::scenario::{Scenario, Student};
use crate::identity::{Change, Difference, Place, Sides};
use crate::playback::{MissReason, ReplayMiss};
use crate::pricing::Bill;

/// Places of a difference that are shown.
const PLACES: usize = 2;

/// One reason, and the calls that it is the reason for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What is not what it was.
    pub what: String,
    /// Calls that miss by it, those included that follow a missing one.
    pub calls: u64,
    /// What recording them costs.
    pub bill: Bill,
    /// The first such difference.
    pub example: Option<String>,
    /// How many of the calls were not compared themselves: only so many are.
    pub alike: u64,
    /// The role whose misses were not compared, where this stands for them.
    #[serde(skip)]
    pub(super) unexplained: Option<Role>,
    /// Whose calls miss first.
    #[serde(skip)]
    pub(super) role: Option<Role>,
}

/// A cause without its sums.
pub(super) struct Found {
    pub(super) what: String,
    pub(super) role: Option<Role>,
    pub(super) unexplained: Option<Role>,
    pub(super) example: Option<String>,
}

impl Found {
    pub(super) fn plain(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            role: None,
            unexplained: None,
            example: None,
        }
    }

    /// Why a request of a role missed.
    pub(super) fn of(miss: &ReplayMiss, role: Role, plan: &Plan, scenario: &Scenario) -> Self {
        match &miss.reason {
            MissReason::Differs { difference, .. } => Self {
                what: changed(difference, role, plan, scenario),
                role: Some(role),
                unexplained: None,
                example: Some(difference.text(PLACES).to_string()),
            },
            MissReason::OtherScope { scopes } => {
                let other = scopes.first().map_or("", String::as_str);
                Self::plain(format!("recorded under another name, such as {other}"))
            }
            MissReason::UsedUp { .. } => Self::plain("asked more often than it was recorded"),
            MissReason::NothingAlike => Self::plain(format!("no {} is recorded", miss.operation)),
            MissReason::Unexplained => Self {
                unexplained: Some(role),
                ..Self::plain(format!("not compared one by one ({})", role.name()))
            },
        }
    }
}

/// What was not compared is taken for the same as what was, where that has one cause alone.
pub(super) fn merged(causes: Vec<Cause>) -> Vec<Cause> {
    let (unexplained, mut causes): (Vec<Cause>, Vec<Cause>) = causes
        .into_iter()
        .partition(|cause| cause.unexplained.is_some());
    for cause in unexplained {
        let mut same = causes
            .iter_mut()
            .filter(|other| other.role == cause.unexplained);
        match (same.next(), same.next()) {
            (Some(only), None) => {
                only.calls += cause.calls;
                only.alike += cause.calls;
                only.bill += cause.bill;
            }
            _ => causes.push(cause),
        }
    }
    causes
}

fn changed(difference: &Difference, role: Role, plan: &Plan, scenario: &Scenario) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for change in difference.changes() {
        let part = part(change, role, plan, scenario);
        if seen.insert(part.clone()) {
            parts.push(part);
        }
    }
    parts.join("; ")
}

/// What a person would have to look at.
fn part(change: &Change, role: Role, plan: &Plan, scenario: &Scenario) -> String {
    match &change.place {
        Place::Operation => "another operation (streamed, or not)".to_owned(),
        Place::Label(_) => format!("the {}'s model", role.name()),
        Place::Body(location) => body(&location.to_string(), change, role, plan, scenario),
        other => other.to_string(),
    }
}

fn body(at: &str, change: &Change, role: Role, plan: &Plan, scenario: &Scenario) -> String {
    let mut steps = at.split('/').skip(1);
    match (steps.next().unwrap_or_default(), role) {
        ("system", _) => system(change, role, plan),
        ("messages", Role::Judge) => format!(
            "what the judge is shown ({}, or the dialogue)",
            shown(plan.judge.user.path())
        ),
        ("messages", _) => message(steps.next(), change, role, scenario),
        ("inferenceConfig", _) => {
            let key = match steps.next() {
                Some("maxTokens") => "max_tokens",
                Some("topP") => "top_p",
                Some(other) => other,
                None => "temperature, max_tokens",
            };
            let table = match role {
                Role::Student => "student.",
                _ => "",
            };
            format!("`{table}{key}` in {}", shown(&plan.path))
        }
        (key, Role::Judge) => format!(
            "`{key}` in {}",
            shown(&plan.judge.folder.join("judge.toml"))
        ),
        _ => at.to_owned(),
    }
}

fn system(change: &Change, role: Role, plan: &Plan) -> String {
    // A text against a text is an edit; a member that comes or goes is another form.
    if !matches!(change.sides, Sides::Changed { .. }) {
        return "the form of the system prompt (models.toml, prompt cache)".to_owned();
    }
    match role {
        Role::Tutor => format!("the tutor's prompt ({})", shown(&plan.tutor)),
        Role::Student => {
            let path = plan.player.as_ref().map(|player| shown(&player.prompt));
            format!("the student's prompt ({})", path.unwrap_or_default())
        }
        Role::Judge => format!(
            "the judge's prompt ({}) or its rubric",
            shown(plan.judge.system.path())
        ),
    }
}

/// The messages alternate: what is said to the asked role, and what it said before.
fn message(index: Option<&str>, change: &Change, role: Role, scenario: &Scenario) -> String {
    let path = shown(&scenario.path);
    let index: Option<usize> = index.and_then(|index| index.parse().ok());
    match (index, &change.sides) {
        (_, Sides::Added(_)) => "a turn further than recorded".to_owned(),
        (Some(0), _) if role == Role::Tutor => format!("the opening of {path}"),
        (Some(index), _) if role == Role::Tutor && index % 2 == 0 => match scenario.student {
            Student::Scripted(_) => format!("the replies of {path}"),
            Student::Played(_) => "what the student said before".to_owned(),
        },
        _ => "what was said before".to_owned(),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
