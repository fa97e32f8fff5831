//! Why a call is not in a cassette, in the words of the files that a person edits.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::edit::{Prompt, RUBRIC, SAID, edited};
use super::role::Role;
use crate::bench::model_ids::MODEL_IDS_VARIABLE;
use crate::bench::plan::{ModelsBy, Plan};
use crate::bench::scenario::{Scenario, Student};
use crate::exchange::{Json, Operation};
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

    /// Why a request missed.
    pub(super) fn of(miss: &ReplayMiss, asked: &Asked<'_>) -> Self {
        match &miss.reason {
            MissReason::Differs { difference, .. } => Self {
                what: asked.changed(difference),
                role: Some(asked.role),
                unexplained: None,
                example: Some(difference.text(PLACES).to_string()),
            },
            MissReason::OtherScope { scopes } => {
                let other = scopes.first().map_or("", String::as_str);
                Self::plain(format!("recorded under another name, such as {other}"))
            }
            MissReason::OtherForm { operation, .. } => Self::plain(asked.in_other_form(*operation)),
            MissReason::UsedUp { .. } => Self::plain("asked more often than it was recorded"),
            MissReason::NoAnswer { outcome } => {
                Self::plain(format!("recorded without an answer: {outcome}"))
            }
            MissReason::Older { since } => Self::plain(format!("recorded before {since}")),
            MissReason::NothingAlike => Self::plain(format!("no {} is recorded", miss.operation)),
            MissReason::Unexplained => Self {
                unexplained: Some(asked.role),
                ..Self::plain(format!("not compared one by one ({})", asked.role.name()))
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

/// A call that missed.
pub(super) struct Asked<'a> {
    pub(super) role: Role,
    pub(super) plan: &'a Plan,
    pub(super) scenario: &'a Scenario,
    /// The id of who was asked.
    pub(super) model: &'a str,
}

impl Asked<'_> {
    fn changed(&self, difference: &Difference) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for change in difference.changes() {
            let part = self.part(change);
            if seen.insert(part.clone()) {
                parts.push(part);
            }
        }
        parts.join("; ")
    }

    /// What a person would have to look at.
    fn part(&self, change: &Change) -> String {
        match &change.place {
            Place::Operation => self.another_operation(change),
            Place::Label(_) => self.another_model(),
            Place::Body(location) => self.body(&location.to_string(), change),
            other => other.to_string(),
        }
    }

    /// Only the dialogues are ever streamed.
    fn in_other_form(&self, recorded: Operation) -> String {
        if self.role == Role::Judge {
            return format!("recorded as {recorded}");
        }
        if !recorded.is_stream() {
            return format!("recorded as {recorded}: replayed without --stream");
        }
        if self.plan.quirks(self.model).streaming.may_work() {
            return format!("recorded as {recorded}: replayed with --stream");
        }
        self.quirk("streaming")
    }

    fn another_operation(&self, change: &Change) -> String {
        let recorded = match &change.sides {
            Sides::Changed { recorded, .. } => recorded.as_str().and_then(Operation::from_name),
            _ => None,
        };
        recorded.map_or_else(
            || "another operation".to_owned(),
            |recorded| self.in_other_form(recorded),
        )
    }

    fn another_model(&self) -> String {
        let plan = shown(&self.plan.path);
        match self.role {
            Role::Tutor => match self.plan.models_by {
                ModelsBy::Plan => format!("the tutor's model (`models` in {plan})"),
                ModelsBy::Variable => format!("the tutor's model ({MODEL_IDS_VARIABLE})"),
            },
            Role::Student => format!("the student's model (`student.model` in {plan})"),
            Role::Judge => format!("the judge's model (`model` in {})", self.judge_file()),
        }
    }

    fn body(&self, at: &str, change: &Change) -> String {
        let steps: Vec<&str> = at.split('/').skip(1).collect();
        if at.contains("cachePoint") || holds_cache_point(&change.sides) {
            return format!(
                "the prompt cache (--prompt-cache, `prompt_cache` in {} or {})",
                shown(&self.plan.path),
                self.registry_file()
            );
        }
        match (steps.first().copied().unwrap_or_default(), self.role) {
            ("system", _) => self.system(change),
            ("messages", Role::Judge) => self.shown_to_judge(change),
            ("messages", _) => self.message(&steps[1..], change),
            ("inferenceConfig", _) => self.sampling(steps.get(1).copied(), change),
            (key, Role::Judge) => self.parameter(key, change),
            _ => at.to_owned(),
        }
    }

    fn sampling(&self, key: Option<&str>, change: &Change) -> String {
        // A plan always names them: what comes or goes is what the registry says of a model.
        if key == Some("temperature") && !is_edit(change) {
            return self.quirk("sampling");
        }
        let key = match key {
            Some("maxTokens") => "max_tokens",
            Some("topP") => "top_p",
            Some(other) => other,
            None => "temperature, max_tokens",
        };
        let table = match self.role {
            Role::Student => "student.",
            _ => "",
        };
        format!("`{table}{key}` in {}", shown(&self.plan.path))
    }

    /// A parameter of the judge, which its model may have to do without.
    fn parameter(&self, key: &str, change: &Change) -> String {
        let parameters = &self.plan.judge.parameters;
        let is_written = match key {
            "temperature" => parameters.temperature.is_some(),
            "top_p" => parameters.top_p.is_some(),
            "top_k" => parameters.top_k.is_some(),
            _ => false,
        };
        if is_written && matches!(change.sides, Sides::Removed(_)) {
            return self.quirk("sampling");
        }
        format!("`parameters.{key}` in {}", self.judge_file())
    }

    fn system(&self, change: &Change) -> String {
        // A text against a text is an edit; a member that comes or goes is another form.
        if !is_edit(change) {
            return self.quirk("system");
        }
        match self.role {
            Role::Tutor => self.edit(Prompt::Tutor, change),
            Role::Student => self.edit(Prompt::Student, change),
            Role::Judge => self.edit(Prompt::JudgeSystem, change),
        }
    }

    fn shown_to_judge(&self, change: &Change) -> String {
        self.edit(Prompt::JudgeUser, change)
    }

    /// The messages alternate: what is said to the asked role, and what it said before.
    fn message(&self, steps: &[&str], change: &Change) -> String {
        let path = shown(&self.scenario.path);
        let index: Option<usize> = steps.first().and_then(|index| index.parse().ok());
        match (index, &change.sides) {
            // A block of a message, not a message.
            (_, Sides::Added(_) | Sides::Removed(_)) if steps.len() > 1 => self.quirk("system"),
            (_, Sides::Added(_)) => "a turn further than recorded".to_owned(),
            (Some(0), Sides::Changed { requested, .. }) if self.is_own_prompt(requested) => {
                self.system(change)
            }
            (Some(0), _) if self.role == Role::Tutor => format!("the opening of {path}"),
            (Some(index), _) if self.role == Role::Tutor && index % 2 == 0 => {
                match self.scenario.student {
                    Student::Scripted(_) => format!("the replies of {path}"),
                    Student::Played(_) => "what the student said before".to_owned(),
                }
            }
            _ => "what was said before".to_owned(),
        }
    }

    /// Whether a text is the system prompt, which some models are shown in the first message.
    fn is_own_prompt(&self, text: &Json) -> bool {
        let own = match (self.role, &self.scenario.student) {
            (Role::Tutor, _) => Some(&self.scenario.tutor_prompt),
            (Role::Student, Student::Played(prompt)) => Some(prompt),
            _ => None,
        };
        own.is_some_and(|own| text.as_str() == Some(own))
    }

    /// The file of what was edited of a prompt.
    fn edit(&self, prompt: Prompt, change: &Change) -> String {
        let names = match &change.sides {
            Sides::Changed {
                recorded: Json::String(recorded),
                requested: Json::String(requested),
            } => edited(prompt, self.plan, self.scenario, recorded, requested),
            _ => BTreeSet::new(),
        };
        if names.contains(RUBRIC) {
            return format!(
                "the judge's rubric ({})",
                shown(&self.plan.judge.rubric_path)
            );
        }
        let keys: Vec<&str> = names.iter().map(String::as_str).collect();
        let keys: Vec<&str> = keys.into_iter().filter(|key| *key != SAID).collect();
        if !keys.is_empty() {
            return format!(
                "the {} of {}",
                keys.join(" and "),
                shown(&self.scenario.path)
            );
        }
        if names.contains(SAID) {
            return "the dialogue is not the one that was judged".to_owned();
        }
        self.template(prompt)
    }

    fn template(&self, prompt: Prompt) -> String {
        let Plan { judge, player, .. } = self.plan;
        match prompt {
            Prompt::Tutor => format!("the tutor's prompt ({})", shown(&self.plan.tutor)),
            Prompt::Student => {
                let path = player.as_ref().map(|player| shown(&player.prompt));
                format!("the student's prompt ({})", path.unwrap_or_default())
            }
            Prompt::JudgeSystem => format!(
                "the judge's prompt ({}) or its rubric ({})",
                shown(judge.system.path()),
                shown(&judge.rubric_path)
            ),
            Prompt::JudgeUser => {
                format!("what the judge is shown ({})", shown(judge.user.path()))
            }
        }
    }

    /// What the registry says of the model that was asked.
    fn quirk(&self, key: &str) -> String {
        format!(
            "`quirks.{key}` of {} in {}",
            self.model,
            self.registry_file()
        )
    }

    fn registry_file(&self) -> String {
        shown(&self.plan.path.with_file_name("models.toml"))
    }

    fn judge_file(&self) -> String {
        shown(&self.plan.judge.folder.join("judge.toml"))
    }
}

const fn is_edit(change: &Change) -> bool {
    matches!(change.sides, Sides::Changed { .. })
}

fn holds_cache_point(sides: &Sides) -> bool {
    let (Sides::Added(block) | Sides::Removed(block)) = sides else {
        return false;
    };
    block.at("/cachePoint").is_some()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
