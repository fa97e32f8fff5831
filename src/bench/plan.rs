//! What a run is to do: which models play which scenarios, for how many turns, who judges.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::scenario::{NAME_RULE, Prompts, Scenario, Student, is_name};
use crate::judge::{Judge, PairwiseJudge, Template};
use crate::registry::{CacheLifetime, Quirks, Registry, Sampling};
use crate::settings::{SettingsError, Source, nearest, read_text, settings_of};

const WHAT: &str = "plan";
const HINT: &str = "run it where `scenarios/` lies, or name another with --plan FILE";

/// A model under test.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The id that is sent, as written.
    pub id: String,
    /// A short name, for scopes, file names and tables.
    pub name: String,
    /// A name for people.
    pub label: String,
}

/// Who names the models under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelsBy {
    /// The plan's file.
    Plan,
    /// [`MODEL_IDS_VARIABLE`](super::MODEL_IDS_VARIABLE).
    Variable,
}

/// The model that plays students who have no script.
#[derive(Debug, Clone, PartialEq)]
pub struct Player {
    /// The file of its prompt.
    pub prompt: PathBuf,
    /// The id that is sent.
    pub model: String,
    /// Its temperature.
    pub temperature: f32,
    /// The most tokens it may say.
    pub max_tokens: i32,
}

/// A plan with everything it names.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The name of its file, without the ending.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Tutor turns in a dialogue.
    pub turns: u32,
    /// Dialogues of each scenario with each model.
    pub samples: u32,
    /// The tutor's temperature.
    pub temperature: f32,
    /// The most tokens in a tutor turn.
    pub max_tokens: i32,
    /// The models under test.
    pub models: Vec<Model>,
    /// Who named them.
    pub models_by: ModelsBy,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// The file of the tutor's system prompt.
    pub tutor: PathBuf,
    /// Who plays the students without a script.
    pub player: Option<Player>,
    /// Who scores the tutor's turns.
    pub judge: Judge,
    /// For how long system prompts are marked for Bedrock's prompt cache, where the model has
    /// one.
    pub prompt_cache: Option<CacheLifetime>,
    /// What is known of the models.
    pub registry: Registry,
    /// The templates behind the scenarios' prompts.
    pub(crate) prompts: Prompts,
}

/// A name that the plan does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what} `{name}` in the plan ({hint})")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    turns: u32,
    #[serde(default = "one")]
    samples: u32,
    temperature: f32,
    max_tokens: i32,
    prompt_cache: Option<Caching>,
    tutor: PathBuf,
    judge: PathBuf,
    scenarios: Vec<PathBuf>,
    student: Option<StudentSettings>,
    models: Vec<Model>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StudentSettings {
    prompt: PathBuf,
    model: String,
    temperature: f32,
    max_tokens: i32,
}

/// `true` is the lifetime that every cache has.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "expected `true`, `false`, \"5m\" or \"1h\"")]
enum Caching {
    Whether(bool),
    For(CacheLifetime),
}

impl Caching {
    const fn lifetime(self) -> Option<CacheLifetime> {
        match self {
            Self::Whether(false) => None,
            Self::Whether(true) => Some(CacheLifetime::FiveMinutes),
            Self::For(lifetime) => Some(lifetime),
        }
    }
}

/// Turns of a dialogue: the last of so many is no longer shown the first by any model.
const MOST_TURNS: u32 = 1_000;
/// Dialogues of a kind: more is a slip of the finger, and would not fit into memory.
const MOST_SAMPLES: u32 = 100_000;
/// The folder of cassettes.
const CASSETTES: &str = "cassettes";

const fn one() -> u32 {
    1
}

impl Plan {
    /// Reads a plan and every file that it names, relative to its own folder.
    ///
    /// # Errors
    /// [`SettingsError`] with path and line of the first mistake.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let text = read_text(WHAT, HINT, path)?;
        let settings: Settings = settings_of(WHAT, path, &text)?;
        let checks = Checks(Source {
            what: WHAT,
            path,
            text: &text,
        });
        checks.settings(&settings)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let student = settings.student.as_ref();
        let prompts = Prompts {
            tutor: Template::load(&folder.join(&settings.tutor))?,
            student: student
                .map(|student| Template::load(&folder.join(&student.prompt)))
                .transpose()?,
        };
        let scenarios = settings
            .scenarios
            .iter()
            .map(|file| Scenario::load(&folder.join(file), &prompts, settings.turns))
            .collect::<Result<Vec<_>, _>>()?;
        let ids = scenarios.iter().map(|scenario| &scenario.id);
        checks.distinct(|index| format!("scenarios.{index}"), ids)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self {
            name: name.into_owned(),
            path: path.to_owned(),
            turns: settings.turns,
            samples: settings.samples,
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
            models: settings.models,
            models_by: ModelsBy::Plan,
            scenarios,
            tutor: folder.join(&settings.tutor),
            player: settings.student.map(|student| Player::of(student, folder)),
            judge: Judge::load(&folder.join(&settings.judge))?,
            prompt_cache: settings.prompt_cache.and_then(Caching::lifetime),
            registry: Registry::beside(path)?,
            prompts,
        })
    }

    /// The plan for some of its models (by id or name) and scenarios only; none named is all.
    ///
    /// # Errors
    /// [`UnknownName`] with the nearest or with all that there are.
    pub fn select(mut self, models: &[String], scenarios: &[String]) -> Result<Self, UnknownName> {
        for name in models {
            let names = self.models.iter().map(|model| &model.name);
            let ids = self.models.iter().map(|model| &model.id);
            expect_known("model", name, names, ids)?;
        }
        for name in scenarios {
            let ids = self.scenarios.iter().map(|scenario| &scenario.id);
            expect_known("scenario", name, ids, [].into_iter())?;
        }
        if !models.is_empty() {
            let is_named =
                |model: &Model| models.contains(&model.id) || models.contains(&model.name);
            self.models.retain(is_named);
        }
        if !scenarios.is_empty() {
            self.scenarios
                .retain(|scenario| scenarios.contains(&scenario.id));
        }
        Ok(self)
    }

    /// The cassette where none is named: `cassettes/NAME.sqlite` below the working folder, or,
    /// where none is there, beside the plan's own folder.
    #[must_use]
    pub fn cassette(&self) -> PathBuf {
        let here = Path::new(CASSETTES).join(format!("{}.sqlite", self.name));
        let folder = self.path.parent().and_then(Path::parent);
        match folder.map(|folder| folder.join(&here)) {
            Some(beside) if !here.exists() && beside.exists() => beside,
            _ => here,
        }
    }

    /// How a request to a model must look.
    #[must_use]
    pub fn quirks(&self, model: &str) -> &Quirks {
        self.registry.quirks(model)
    }

    /// The judge without the parameters that its model refuses. Who it is, its fingerprint, is
    /// told by the judge as it is written.
    #[must_use]
    pub(crate) fn judge_as_asked(&self) -> Cow<'_, Judge> {
        self.as_asked(&self.judge)
    }

    /// The same of any judge.
    pub(crate) fn as_asked<'a>(&self, judge: &'a Judge) -> Cow<'a, Judge> {
        match self.quirks(&judge.model).sampling {
            Sampling::Sent => Cow::Borrowed(judge),
            Sampling::Omitted => Cow::Owned(Judge {
                parameters: judge.parameters.without_sampling(),
                ..judge.clone()
            }),
        }
    }

    /// The same of a pairwise judge.
    pub(crate) fn pairwise_as_asked<'a>(&self, judge: &'a PairwiseJudge) -> Cow<'a, PairwiseJudge> {
        match self.quirks(&judge.model).sampling {
            Sampling::Sent => Cow::Borrowed(judge),
            Sampling::Omitted => Cow::Owned(PairwiseJudge {
                parameters: judge.parameters.without_sampling(),
                ..judge.clone()
            }),
        }
    }

    /// Every id that a run sends, each once: tutors, student, judge.
    #[must_use]
    pub fn model_ids(&self) -> Vec<&str> {
        let plays = |scenario: &Scenario| matches!(scenario.student, Student::Played(_));
        let player = self.player.as_ref();
        let player = player.filter(|_| self.scenarios.iter().any(plays));
        let mut ids: Vec<&str> = self.models.iter().map(|model| &*model.id).collect();
        ids.extend(player.map(|player| &*player.model));
        ids.push(&self.judge.model);
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(*id));
        ids
    }

    /// How many calls a whole run makes.
    #[must_use]
    pub fn calls(&self) -> u64 {
        let of_scenarios = self
            .scenarios
            .iter()
            .map(|scenario| self.calls_of(scenario));
        of_scenarios.sum::<u64>() * self.models.len() as u64 * u64::from(self.samples)
    }

    /// How many calls one dialogue of a scenario makes.
    #[must_use]
    pub(crate) fn calls_of(&self, scenario: &Scenario) -> u64 {
        let turns = u64::from(self.turns);
        match scenario.student {
            Student::Scripted(_) => 2 * turns,
            Student::Played(_) => 3 * turns - 1,
        }
    }
}

impl Player {
    fn of(settings: StudentSettings, folder: &Path) -> Self {
        Self {
            prompt: folder.join(settings.prompt),
            model: settings.model,
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
        }
    }
}

fn expect_known<'a>(
    what: &'static str,
    name: &str,
    shown: impl Iterator<Item = &'a String>,
    also: impl Iterator<Item = &'a String>,
) -> Result<(), UnknownName> {
    let shown: Vec<&str> = shown.map(String::as_str).collect();
    let also = also.map(String::as_str);
    let known: Vec<&str> = shown.iter().copied().chain(also).collect();
    if known.contains(&name) {
        return Ok(());
    }
    let hint = match nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("it has {}", shown.join(", ")),
    };
    Err(UnknownName {
        what,
        name: name.to_owned(),
        hint,
    })
}

/// What TOML's types cannot say about a plan.
struct Checks<'a>(Source<'a>);

impl Checks<'_> {
    fn settings(&self, settings: &Settings) -> Result<(), SettingsError> {
        self.count("turns", settings.turns, MOST_TURNS)?;
        self.count("samples", settings.samples, MOST_SAMPLES)?;
        self.sampling("", settings.temperature, settings.max_tokens)?;
        if let Some(student) = &settings.student {
            self.sampling("student.", student.temperature, student.max_tokens)?;
        }
        self.expect(
            !settings.models.is_empty(),
            "models",
            "at least one",
            "none",
        )?;
        self.expect(
            !settings.scenarios.is_empty(),
            "scenarios",
            "at least one",
            "none",
        )?;
        for (index, model) in settings.models.iter().enumerate() {
            let place = format!("models.{index}.name");
            self.expect(is_name(&model.name), &place, NAME_RULE, &model.name)?;
        }
        let names = settings.models.iter().map(|model| &model.name);
        self.distinct(|index| format!("models.{index}.name"), names)?;
        let ids = settings.models.iter().map(|model| &model.id);
        self.distinct(|index| format!("models.{index}.id"), ids)
    }

    fn count(&self, key: &str, found: u32, most: u32) -> Result<(), SettingsError> {
        let expected = format!("1 to {most}");
        self.expect((1..=most).contains(&found), key, &expected, found)
    }

    fn sampling(&self, of: &str, temperature: f32, max_tokens: i32) -> Result<(), SettingsError> {
        let is_temperature = (0.0..=1.0).contains(&temperature);
        let key = format!("{of}temperature");
        self.expect(
            is_temperature,
            &key,
            "0 to 1, as Converse takes it",
            temperature,
        )?;
        let key = format!("{of}max_tokens");
        self.expect(max_tokens > 0, &key, "at least 1", max_tokens)
    }

    /// Names become file names, and some file systems do not tell `A` from `a`.
    fn distinct<'a>(
        &self,
        place: impl Fn(usize) -> String,
        names: impl Iterator<Item = &'a String>,
    ) -> Result<(), SettingsError> {
        let mut seen = BTreeSet::new();
        for (index, name) in names.enumerate() {
            let is_new = seen.insert(name.to_lowercase());
            let expected = "each one once, capitals or not";
            self.expect(is_new, &place(index), expected, name)?;
        }
        Ok(())
    }

    fn expect(
        &self,
        holds: bool,
        place: &str,
        expected: &str,
        found: impl std::fmt::Display,
    ) -> Result<(), SettingsError> {
        if holds {
            return Ok(());
        }
        Err(self.0.invalid(place, expected, format!("`{found}`")))
    }
}
