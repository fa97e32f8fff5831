//! What a run gave: values only, below the runner and the reports.

use std::collections::BTreeMap;

use serde::Serialize;

use super::call::CallFailure;
use super::plan::{Model, Plan};
use super::summary::ModelSummary;
use super::transcript::{Transcript, Turn};
use crate::judge::Rubric;

/// What the run was to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setup {
    /// The plan's name.
    pub plan: String,
    /// How many scenarios.
    pub scenarios: usize,
    /// Tutor turns in a dialogue.
    pub turns: u32,
    /// Dialogues of each scenario with each model.
    pub samples: u32,
    /// The tutor's temperature, where it is known.
    pub temperature: Option<f32>,
    /// The most tokens in a tutor turn, where that is known.
    pub max_tokens: Option<i32>,
    /// The models under test.
    pub models: Vec<Model>,
    /// The judge's name.
    pub judge: String,
    /// The judge's model.
    pub judge_model: String,
    /// By what was scored.
    pub rubric: Rubric,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What it was to do.
    pub setup: Setup,
    /// One for each dialogue, in the plan's order.
    pub transcripts: Vec<Transcript>,
    /// Whether a response said by its header that no model was asked. Responses from a
    /// cassette do not say it; there the recording does.
    pub is_simulated: bool,
}

impl Setup {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self {
            plan: plan.name.clone(),
            scenarios: plan.scenarios.len(),
            turns: plan.turns,
            samples: plan.samples,
            temperature: Some(plan.temperature),
            max_tokens: Some(plan.max_tokens),
            models: plan.models.clone(),
            judge: plan.judge.name.clone(),
            judge_model: plan.judge.model.clone(),
            rubric: plan.judge.rubric.clone(),
        }
    }
}

impl Outcome {
    /// One summary for each model, in the plan's order.
    #[must_use]
    pub fn summaries(&self) -> Vec<ModelSummary> {
        let of_model = |model: &Model| {
            let own = self
                .transcripts
                .iter()
                .filter(|transcript| transcript.model == model.name);
            ModelSummary::of(model, &self.setup.rubric, &own.collect::<Vec<_>>())
        };
        self.setup.models.iter().map(of_model).collect()
    }

    /// The first failed call in the plan's order, and where it was made.
    #[must_use]
    pub fn first_failure(&self) -> Option<(String, &CallFailure)> {
        self.failed_calls().next()
    }

    /// The failed call for which the run stopped by itself, if it did: every other one that has
    /// to be sent would end alike.
    #[must_use]
    pub fn gave_up(&self) -> Option<(String, &CallFailure)> {
        self.failed_calls()
            .find(|(_, failure)| failure.is_of_every_call())
    }

    /// The first call that the cassette could not be asked about, and where.
    pub(crate) fn unread(&self) -> Option<(String, &CallFailure)> {
        self.failed_calls()
            .find(|(_, failure)| matches!(failure, CallFailure::Cassette { .. }))
    }

    fn failed_calls(&self) -> impl Iterator<Item = (String, &CallFailure)> {
        let turns = self
            .transcripts
            .iter()
            .flat_map(|transcript| transcript.turns.iter().map(move |turn| (transcript, turn)));
        turns.flat_map(|(transcript, turn)| {
            let place = format!("{}, turn {}", transcript.name(), turn.turn);
            turn.failures().map(move |failure| (place.clone(), failure))
        })
    }

    /// The failed calls, counted by what failed.
    #[must_use]
    pub fn failures(&self) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        let turns = self
            .transcripts
            .iter()
            .flat_map(|transcript| &transcript.turns);
        for failure in turns.flat_map(Turn::failures) {
            *counts.entry(failure.label().to_owned()).or_default() += 1;
        }
        counts
    }
}
