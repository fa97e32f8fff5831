//! What a dialogue is about: who the student is, how it opens, what it is good for.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::judge::{SubjectScenario, Template};
use crate::settings::{SettingsError, Source, read_text, settings_of};

const WHAT: &str = "scenario";

/// What a dialogue tries to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Vector {
    /// It surfaces a contradiction.
    Elenchus,
    /// It scaffolds a thought that is nearly there.
    Maieutics,
    /// It undoes a misconception.
    Aporia,
}

impl Vector {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Elenchus, Self::Maieutics, Self::Aporia];
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Elenchus => "elenchus",
            Self::Maieutics => "maieutics",
            Self::Aporia => "aporia",
        })
    }
}

/// Who speaks for the student after the opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Student {
    /// These replies, in order.
    Scripted(Vec<String>),
    /// A model with this system prompt.
    Played(String),
}

/// A scenario, with its prompts filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its id, such as `EL-CIV-FREE-HARM-01`.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
    /// What it tries to do.
    pub vector: Vector,
    /// A few words for people.
    pub title: String,
    /// Who the student is.
    pub persona: String,
    /// The student's first words.
    pub opening: String,
    /// What a good dialogue does.
    pub goals: Vec<String>,
    /// What a judge should know.
    pub notes: String,
    /// Who speaks for the student.
    pub student: Student,
    /// The tutor's system prompt.
    pub tutor_prompt: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    id: String,
    vector: Vector,
    title: String,
    persona: String,
    opening: String,
    goals: Vec<String>,
    #[serde(default)]
    notes: String,
    replies: Option<Vec<String>>,
}

/// What TOML's types cannot say about a scenario.
struct Fault {
    key: &'static str,
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
}

const NOBODY: Fault = Fault {
    key: "replies",
    expected: Cow::Borrowed("the student's replies, or a `[student]` in the plan who plays them"),
    found: Cow::Borrowed("neither"),
};

impl Fault {
    fn of(self, source: Source<'_>) -> SettingsError {
        source.invalid(self.key, self.expected, self.found)
    }
}

impl Settings {
    fn check(&self, turns: u32) -> Result<(), Fault> {
        if !is_name(&self.id) {
            return Err(Fault {
                key: "id",
                expected: NAME_RULE.into(),
                found: format!("`{}`", self.id).into(),
            });
        }
        if self.opening.trim().is_empty() {
            return Err(Fault {
                key: "opening",
                expected: "the student's first words".into(),
                found: "none".into(),
            });
        }
        let needed = turns.saturating_sub(1) as usize;
        match &self.replies {
            Some(replies) if replies.len() < needed => Err(Fault {
                key: "replies",
                expected: format!("at least {needed} for the plan's {turns} turns").into(),
                found: replies.len().to_string().into(),
            }),
            _ => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct Values<'a> {
    scenario: Named<'a>,
}

/// What a template may name of a scenario.
#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
    vector: Vector,
    title: &'a str,
    persona: &'a str,
    opening: &'a str,
    goals: &'a [String],
    notes: &'a str,
}

/// The templates that a plan's scenarios share.
#[derive(Debug, Clone)]
pub(crate) struct Prompts {
    pub(crate) tutor: Template,
    pub(crate) student: Option<Template>,
}

impl Scenario {
    /// Reads a scenario file for dialogues of so many turns.
    pub(crate) fn load(path: &Path, prompts: &Prompts, turns: u32) -> Result<Self, SettingsError> {
        let hint = "the plan's `scenarios` names it";
        let text = read_text(WHAT, hint, path)?;
        let settings: Settings = settings_of(WHAT, path, &text)?;
        let source = Source {
            what: WHAT,
            path,
            text: &text,
        };
        settings.check(turns).map_err(|fault| fault.of(source))?;
        let mut scenario = Self {
            id: settings.id,
            path: path.to_owned(),
            vector: settings.vector,
            title: settings.title,
            persona: settings.persona,
            opening: settings.opening,
            goals: settings.goals,
            notes: settings.notes,
            student: Student::Scripted(Vec::new()),
            tutor_prompt: String::new(),
        };
        scenario.tutor_prompt = scenario.fill(&prompts.tutor)?;
        scenario.student = match (settings.replies, &prompts.student) {
            (Some(replies), _) => Student::Scripted(replies),
            (None, Some(template)) => Student::Played(scenario.fill(template)?),
            (None, None) => return Err(NOBODY.of(source)),
        };
        Ok(scenario)
    }

    /// Fills a template in.
    pub(crate) fn fill(&self, template: &Template) -> Result<String, SettingsError> {
        template.render(Values {
            scenario: Named {
                id: &self.id,
                vector: self.vector,
                title: &self.title,
                persona: &self.persona,
                opening: &self.opening,
                goals: &self.goals,
                notes: &self.notes,
            },
        })
    }

    /// What a judge may know of it.
    #[must_use]
    pub fn subject(&self) -> SubjectScenario {
        SubjectScenario {
            id: self.id.clone(),
            vector: self.vector.to_string(),
            persona: self.persona.clone(),
            goals: self.goals.clone(),
            notes: self.notes.clone(),
        }
    }
}

/// What an id or a model's name must look like: it becomes part of scopes and file names.
pub(crate) const NAME_RULE: &str = "letters, digits, `-`, `_` and `.`, a letter or digit first";

pub(crate) fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.bytes().all(is_part)
}
