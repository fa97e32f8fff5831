//! A judge is a folder: `judge.toml`, its prompt templates and its rubric.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{FILE, Files};
use super::invocation::{self, Reply};
use super::judgment::{Judgment, Rejection};
use super::kind::{Kind, WHAT};
use super::parameters::Parameters;
use super::paraphrase::Paraphrase;
use super::prompt::{JudgePrompt, Speaker, Subject, SubjectScenario, SubjectTurn, Template};
use super::rubric::Rubric;
use crate::settings::{SettingsError, Source, settings_of};

pub(super) const HINT: &str = "a judge is a folder with a judge.toml";
/// What a judge's name must look like: it becomes part of a path and of `name@fingerprint`.
const NAME_RULE: &str = "letters, digits, `-`, `_` and `.`, a letter or digit first";

/// How an answer is read: part of a judge's identity, so it has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Parser {
    /// The one JSON object in the answer's text.
    #[serde(rename = "json-1")]
    Json1,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default, skip_serializing_if = "Kind::is_rubric")]
    kind: Kind,
    name: String,
    model: String,
    rubric: PathBuf,
    system: PathBuf,
    user: PathBuf,
    parser: Parser,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    paraphrases: Vec<PathBuf>,
    parameters: Parameters,
}

/// What TOML's types cannot say of any judge.
pub(super) fn check(
    source: Source<'_>,
    name: &str,
    model: &str,
    parameters: &Parameters,
) -> Result<(), SettingsError> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    let most = parameters.max_tokens.to_string();
    let faults = [
        (
            "name",
            starts_well && name.bytes().all(is_part),
            NAME_RULE,
            name,
        ),
        (
            "model",
            !model.trim().is_empty(),
            "the id of a model",
            model,
        ),
        (
            "parameters.max_tokens",
            parameters.max_tokens > 0,
            "at least 1",
            &most,
        ),
    ];
    for (key, holds, expected, found) in faults {
        if !holds {
            return Err(source.invalid(key, expected, format!("`{found}`")));
        }
    }
    Ok(())
}

/// A judge as files: names and texts.
pub(super) struct Written {
    pub(super) files: Vec<(String, String)>,
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
    /// The rubric's file.
    pub rubric_path: PathBuf,
    /// How its answers are read.
    pub parser: Parser,
    /// The template of its system prompt.
    pub system: Template,
    /// The template of its user message.
    pub user: Template,
    /// Its system prompt in other words, for probes.
    pub paraphrases: Vec<Paraphrase>,
}

impl Judge {
    /// Reads a judge's folder and fills in its templates once, so that a mistake in them is
    /// found before anything is asked.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line.
    pub fn load(folder: &Path) -> Result<Self, SettingsError> {
        Self::read_from(folder)
    }

    /// The same from a folder that may be one of the past.
    pub(super) fn read_from(files: &(impl Files + ?Sized)) -> Result<Self, SettingsError> {
        let (path, text) = files.read(WHAT, HINT, Path::new(FILE))?;
        Kind::Rubric.expect(&path, &text)?;
        let settings: Settings = settings_of(WHAT, &path, &text)?;
        let source = Source {
            what: WHAT,
            path: &path,
            text: &text,
        };
        check(
            source,
            &settings.name,
            &settings.model,
            &settings.parameters,
        )?;
        let judge = Self {
            rubric: Rubric::read_from(files, &settings.rubric)?,
            rubric_path: files.place().join(&settings.rubric),
            system: Template::read_from(files, &settings.system)?,
            user: Template::read_from(files, &settings.user)?,
            paraphrases: paraphrases(files, source, &settings.paraphrases)?,
            name: settings.name,
            folder: files.place(),
            model: settings.model,
            parameters: settings.parameters,
            parser: settings.parser,
        };
        judge.try_out()?;
        for (_, asked) in judge.probes() {
            asked.try_out()?;
        }
        Ok(judge)
    }

    /// Fills the templates in: they say something, and what is judged.
    fn try_out(&self) -> Result<(), SettingsError> {
        let subject = trial();
        let prompt = self.prompt(&subject)?;
        self.system.expect_words(&prompt.system)?;
        self.user.expect_words(&prompt.user)?;
        let other = Subject {
            tutor_turn: "?".to_owned(),
            ..subject
        };
        if self.prompt(&other)? == prompt {
            return Err(self.user.lacks("tutor_turn", &self.system));
        }
        Ok(())
    }

    /// The judge as files of a folder of its own.
    pub(super) fn written(&self) -> Result<Written, toml::ser::Error> {
        let (rubric, system, user) = ("rubric.toml", "system.md", "user.md");
        let file = |own: &Paraphrase| format!("paraphrase-{}.md", own.name);
        let settings = Settings {
            kind: Kind::Rubric,
            name: self.name.clone(),
            model: self.model.clone(),
            rubric: rubric.into(),
            system: system.into(),
            user: user.into(),
            parser: self.parser,
            paraphrases: self
                .paraphrases
                .iter()
                .map(|own| file(own).into())
                .collect(),
            parameters: self.parameters.clone(),
        };
        let mut written = Written {
            files: vec![
                (FILE.to_owned(), toml::to_string(&settings)?),
                (rubric.to_owned(), toml::to_string(&self.rubric)?),
                (system.to_owned(), self.system.source().to_owned()),
                (user.to_owned(), self.user.source().to_owned()),
            ],
        };
        let reworded = self.paraphrases.iter();
        let reworded = reworded.map(|own| (file(own), own.system.source().to_owned()));
        written.files.extend(reworded);
        Ok(written)
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

/// System prompts in other words, each by its file's name.
fn paraphrases(
    files: &(impl Files + ?Sized),
    judge: Source<'_>,
    paths: &[PathBuf],
) -> Result<Vec<Paraphrase>, SettingsError> {
    let mut read: Vec<Paraphrase> = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.strip_prefix("paraphrase-").unwrap_or(&stem).to_owned();
        if name.is_empty() || read.iter().any(|own| own.name == name) {
            let place = format!("paraphrases.{index}");
            let found = format!("`{}`", path.display());
            return Err(judge.invalid(&place, "files with a name each", found));
        }
        let system = Template::read_from(files, path)?;
        read.push(Paraphrase { name, system });
    }
    Ok(read)
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
