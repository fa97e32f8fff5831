//! Stored runs as transcripts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::files::{Found, RunFolder, StoredError, TurnFile};
use super::left_alone::LeftAlone;
use super::mistaken::Mistaken;
use crate::bench::call::{CallFailure, Reach};
use crate::bench::model_ids;
use crate::bench::outcome::{Outcome, Setup};
use crate::bench::plan::{Model, Plan};
use crate::bench::scenario::Vector;
use crate::bench::transcript::{
    Answer, Judging, NOT_STORED, StudentKind, StudentTurn, Transcript, Turn, TutorTurn, Unscored,
};
use crate::judge::{Heuristics, Reply, Tokens};

/// What becomes of a text for which the model was charged nothing.
const NO_TOKENS: &str = "no output tokens";
/// What becomes of a turn whose file is not there.
const NO_FILE: &str = "turn not stored";
/// What becomes of a turn whose file cannot be read.
const UNREAD: &str = "stored turn cannot be read";
/// The model of a run that does not tell it.
const UNTOLD: &str = "untold-model";

/// Stored runs.
#[derive(Debug, Clone)]
pub struct StoredRuns {
    /// The folder.
    pub path: PathBuf,
    /// One for each run, in the order of their folders.
    pub transcripts: Vec<Transcript>,
    /// Personas, by scenario.
    pub(super) personas: BTreeMap<String, String>,
    /// What was mixed up there, and is told apart here.
    pub findings: Vec<Finding>,
    /// Files that cannot be read; the rest was.
    pub problems: Vec<StoredError>,
    /// Files of other names, and curated runs that are there raw.
    pub left_alone: Vec<LeftAlone>,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The run's files.
    Run,
    /// What the tutor said.
    Answer,
    /// What the judge said, or did not.
    Judgment,
}

/// Something in a stored run that is not what it seems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The run and the turn.
    pub place: String,
    /// What it is about.
    pub about: About,
    /// What it is.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl StoredRuns {
    /// Reads every run below a folder. Judgments are checked by the plan's rubric; the titles
    /// of its scenarios are taken over. Files of another form are left out as
    /// [`problems`](Self::problems).
    ///
    /// # Errors
    /// [`StoredError`]: no run, or none that can be read.
    pub fn read(path: &Path, plan: &Plan) -> Result<Self, StoredError> {
        let found = Found::below(path)?;
        let mut runs = Self {
            path: path.to_owned(),
            transcripts: Vec::new(),
            personas: BTreeMap::new(),
            findings: Vec::new(),
            problems: found.problems,
            left_alone: found.left_alone,
        };
        for folder in found.runs {
            let transcript = runs.run(&folder, plan);
            runs.transcripts.push(transcript);
        }
        Ok(runs)
    }

    /// As the outcome of a run, so that every report can show it.
    #[must_use]
    pub fn outcome(&self, plan: &Plan) -> Outcome {
        let mut models: Vec<Model> = Vec::new();
        for transcript in &self.transcripts {
            if !models.iter().any(|model| model.name == transcript.model) {
                let mut model = model_ids::model(&plan.registry, &transcript.model_id);
                model.name.clone_from(&transcript.model);
                models.push(model);
            }
        }
        let turns = self.transcripts.iter().map(|own| own.turns.len()).max();
        let scenarios = self.transcripts.iter().map(|own| &own.scenario);
        let scenarios: std::collections::BTreeSet<&String> = scenarios.collect();
        let samples = self.transcripts.iter().map(|own| own.sample + 1).max();
        Outcome {
            setup: Setup {
                plan: self.path.display().to_string(),
                scenarios: scenarios.len(),
                turns: turns
                    .and_then(|turns| u32::try_from(turns).ok())
                    .unwrap_or_default(),
                samples: samples.unwrap_or_default(),
                temperature: None,
                max_tokens: None,
                models,
                ..Setup::of(plan)
            },
            transcripts: self.transcripts.clone(),
            is_simulated: false,
        }
    }

    fn run(&mut self, folder: &RunFolder, plan: &Plan) -> Transcript {
        let first = &folder.turns[0].1;
        let run = folder.name();
        let known = plan
            .scenarios
            .iter()
            .find(|own| own.id == first.scenario_id);
        self.personas
            .insert(first.scenario_id.clone(), first.persona.clone());
        let model_id = first.model_id.clone().unwrap_or_else(|| {
            self.find(&run, About::Run, "the run does not tell its model");
            UNTOLD.to_owned()
        });
        let model = model_ids::model(&plan.registry, &model_id);
        let same = |own: &&Transcript| own.scenario == first.scenario_id && own.model == model.name;
        let sample =
            u32::try_from(self.transcripts.iter().filter(same).count()).unwrap_or_default();
        Transcript {
            scenario: first.scenario_id.clone(),
            vector: first
                .vector
                .or(known.map(|own| own.vector))
                .unwrap_or(Vector::Elenchus),
            title: known.map_or_else(|| run.clone(), |own| own.title.clone()),
            model: model.name,
            model_id,
            student: StudentKind::Script,
            sample,
            regions: BTreeMap::new(),
            turns: self.turns(&run, folder, plan),
        }
    }

    fn turns(&mut self, run: &str, folder: &RunFolder, plan: &Plan) -> Vec<Turn> {
        let mut turns: Vec<Turn> = Vec::new();
        let is_judged = |number: u32| folder.turns.iter().any(|(of, _)| *of == number);
        for (number, _) in folder.judges.iter().filter(|(of, _)| !is_judged(*of)) {
            let what = format!("judge_{number:03}.json scores a turn that is not there");
            self.find(run, About::Run, &what);
        }
        for number in folder.numbers() {
            let Some((_, file)) = folder.turns.iter().find(|(of, _)| *of == number) else {
                let name = format!("turn_{number:03}.json");
                let problem = if folder.unreadable.contains(&number) {
                    UNREAD
                } else {
                    self.find(run, About::Run, &format!("{name} is missing"));
                    NO_FILE
                };
                turns.push(Turn {
                    tutor: failed(problem.to_owned(), &name),
                    ..Turn::not_reached(counted(&turns))
                });
                continue;
            };
            let judge = folder.judges.iter().find(|(of, _)| *of == number);
            let index = file.turn_index.unwrap_or(number);
            let place = format!("{run}, turn {index}");
            let turn = self.turn(
                counted(&turns),
                &place,
                file,
                judge.map(|(_, text)| &**text),
                plan,
            );
            turns.push(turn);
        }
        turns
    }

    fn turn(
        &mut self,
        turn: u32,
        place: &str,
        file: &TurnFile,
        judge: Option<&str>,
        plan: &Plan,
    ) -> Turn {
        let (tutor, mistaken) = tutor(file);
        if let Some(what) = mistaken {
            let score = judge.and_then(stored_score);
            let score = score.map_or_else(String::new, |score| format!(", and was scored {score}"));
            self.find(place, About::Answer, &format!("{what}{score}"));
        }
        let judge = match (&tutor, judge) {
            (TutorTurn::Answered(_), Some(text)) => self.judging(place, text, plan),
            (TutorTurn::Answered(_), None) => {
                self.find(place, About::Judgment, "an answer without a judgment");
                Judging::NotAnswered
            }
            _ => Judging::NotAnswered,
        };
        Turn {
            turn,
            student: StudentTurn::Script {
                text: file.student.clone(),
            },
            tutor,
            judge,
        }
    }

    /// The stored judgment, if it passes the checks that every judgment has to pass.
    fn judging(&mut self, place: &str, text: &str, plan: &Plan) -> Judging {
        let reply = Reply {
            text: text.to_owned(),
            stop_reason: "end_turn".to_owned(),
            tokens: None,
        };
        match plan.judge.read(&reply) {
            Ok(judgment) => Judging::Judged {
                judgment,
                tokens: None,
            },
            Err(rejection) => {
                let score = stored_score(text).unwrap_or_else(|| "none".to_owned());
                self.find(
                    place,
                    About::Judgment,
                    &format!("no valid judgment (its score: {score}): {rejection}"),
                );
                Judging::Unscored {
                    reason: Unscored::Rejected {
                        rejection,
                        answer: text.to_owned(),
                    },
                    tokens: None,
                }
            }
        }
    }

    fn find(&mut self, place: &str, about: About, what: &str) {
        self.findings.push(Finding {
            place: place.to_owned(),
            about,
            what: what.to_owned(),
        });
    }
}

fn counted(turns: &[Turn]) -> u32 {
    u32::try_from(turns.len() + 1).unwrap_or(u32::MAX)
}

/// What the tutor said; where that is no answer, also what it is.
fn tutor(file: &TurnFile) -> (TutorTurn, Option<String>) {
    let tokens = file.input_tokens.map(|input| Tokens {
        input,
        output: file.output_tokens.unwrap_or_default(),
        ..Tokens::default()
    });
    match Mistaken::of(&file.ai) {
        Some(Mistaken::Nothing) => {
            let empty = TutorTurn::Empty {
                stop_reason: NOT_STORED.to_owned(),
                tokens,
            };
            return (empty, Some("no answer was stored".to_owned()));
        }
        Some(Mistaken::Error { kind, name }) => {
            let named = name.filter(|name| *name != kind);
            let named = named.map_or_else(String::new, |name| format!(" ({name})"));
            let told = format!("an error was stored as an answer: {kind}{named}");
            return (failed(kind, &file.ai), Some(told));
        }
        None => {}
    }
    if file.output_tokens == Some(0) {
        let told = format!("{NO_TOKENS}: the text is not the model's");
        return (failed(NO_TOKENS.to_owned(), &file.ai), Some(told));
    }
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a call")]
    let latency_ms = file.latency_ms.map(|latency| latency.round() as i64);
    let answer = Answer {
        heuristics: Heuristics::of(&file.ai),
        text: file.ai.clone(),
        stop_reason: NOT_STORED.to_owned(),
        tokens,
        latency_ms,
    };
    (TutorTurn::Answered(answer), None)
}

fn failed(problem: String, text: &str) -> TutorTurn {
    TutorTurn::Failed {
        failure: CallFailure::Unanswered {
            problem,
            message: text.trim().to_owned(),
            reach: Reach::OneCall,
        },
    }
}

/// The overall score as it stands in the file, valid or not.
fn stored_score(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get("overall_score").map(ToString::to_string)
}
