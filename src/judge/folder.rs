//! A judge is a folder: `judge.toml`, its prompt templates and its rubric.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::invocation::{self, Reply};
use super::judgment::{Judgment, Rejection};
use super::parameters::Parameters;
use super::prompt::{JudgePrompt, Speaker, Subject, SubjectScenario, SubjectTurn, Template};
use super::rubric::Rubric;
use crate::settings::{SettingsError, read_settings};

const FILE: &str = "judge.toml";
const WHAT: &str = "judge";

/// How an answer is read: part of a judge's identity, so it has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Parser {
    /// The one JSON object in the answer's text.
    #[serde(rename = "json-1")]
    Json1,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    name: String,
    model: String,
    rubric: PathBuf,
    system: PathBuf,
    user: PathBuf,
    parser: Parser,
    parameters: Parameters,
}

/// A judge.
#[derive(Debug, Clone)]
pub struct Judge {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The model that is asked.
    pub model: String,
    /// What it is called with.
    pub parameters: Parameters,
    /// By what it scores.
    pub rubric: Rubric,
    /// How its answers are read.
    pub parser: Parser,
    /// The template of its system prompt.
    pub system: Template,
    /// The template of its user message.
    pub user: Template,
}

impl Judge {
    /// Reads a judge's folder and fills in its templates once, so that a mistake in them is
    /// found before anything is asked.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line.
    pub fn load(folder: &Path) -> Result<Self, SettingsError> {
        let hint = "a judge is a folder with a judge.toml";
        let settings: Settings = read_settings(WHAT, hint, &folder.join(FILE))?;
        let judge = Self {
            name: settings.name,
            folder: folder.to_owned(),
            model: settings.model,
            parameters: settings.parameters,
            rubric: Rubric::load(&folder.join(settings.rubric))?,
            parser: settings.parser,
            system: Template::load(&folder.join(settings.system))?,
            user: Template::load(&folder.join(settings.user))?,
        };
        judge.prompt(&trial())?;
        Ok(judge)
    }

    /// What the judge is asked about a subject.
    ///
    /// # Errors
    /// [`SettingsError`] where a template names what does not exist.
    pub fn prompt(&self, subject: &Subject) -> Result<JudgePrompt, SettingsError> {
        JudgePrompt::render(&self.system, &self.user, &self.rubric, subject)
    }

    /// The body of the InvokeModel call that asks it.
    ///
    /// # Errors
    /// A parameter that JSON cannot write.
    pub fn body(&self, prompt: &JudgePrompt) -> Result<Vec<u8>, serde_json::Error> {
        invocation::body(&self.parameters, prompt)
    }

    /// Reads and checks what it replied.
    ///
    /// # Errors
    /// The first check that does not hold.
    pub fn read(&self, reply: &Reply) -> Result<Judgment, Rejection> {
        match self.parser {
            Parser::Json1 => Judgment::read(reply, &self.rubric),
        }
    }
}

/// A subject with every part that a template may name.
fn trial() -> Subject {
    let said = |speaker| SubjectTurn {
        speaker,
        text: "…".to_owned(),
    };
    Subject {
        scenario: SubjectScenario {
            id: "TRIAL-01".to_owned(),
            vector: "elenchus".to_owned(),
            persona: "…".to_owned(),
            goals: vec!["…".to_owned()],
            notes: "…".to_owned(),
        },
        dialogue: vec![
            said(Speaker::Student),
            said(Speaker::Tutor),
            said(Speaker::Student),
        ],
        tutor_turn: "…".to_owned(),
        turn: 2,
    }
}
