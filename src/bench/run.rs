//! Holds and judges a plan's dialogues, several at a time. The outcome is in the plan's order,
//! whatever the order in which they ended.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use aws_sdk_bedrockruntime::Client;
use tokio::task::{JoinError, JoinSet};

use super::dialogue::Dialogue;
use super::judging::Bench;
use super::origin::Origin;
use super::outcome::{Outcome, Setup};
use super::plan::Plan;
use super::progress::{Progress, Tick};
use super::scenario::Student;
use super::transcript::{StudentKind, Transcript};
use crate::playback::Scope;

/// A plan about to be carried out.
#[derive(Clone)]
pub struct Run {
    plan: Arc<Plan>,
    client: Client,
    concurrency: NonZeroUsize,
    tick: Tick,
    origin: Origin,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("plan", &self.plan.name)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// Which dialogue of a plan.
#[derive(Debug, Clone, Copy)]
struct Place {
    scenario: usize,
    model: usize,
    sample: u32,
}

impl Run {
    /// A run of a plan through a client, one dialogue after the other.
    #[must_use]
    pub fn new(plan: Plan, client: Client) -> Self {
        Self {
            plan: Arc::new(plan),
            client,
            concurrency: NonZeroUsize::MIN,
            tick: Tick::default(),
            origin: Origin::default(),
        }
    }

    /// How many dialogues are held at the same time.
    #[must_use]
    pub fn concurrency(mut self, dialogues: NonZeroUsize) -> Self {
        self.concurrency = dialogues;
        self
    }

    /// Who is told that a call has ended.
    #[must_use]
    pub fn on_call(mut self, progress: Progress) -> Self {
        self.tick = Tick(Some(progress));
        self
    }

    /// Holds every dialogue and has every answered turn judged. A failed call is part of the
    /// outcome, not an end of the run.
    pub async fn execute(self) -> Outcome {
        let places = self.places();
        let mut transcripts: Vec<Option<Transcript>> = places.iter().map(|_| None).collect();
        let mut waiting = places.into_iter().enumerate();
        let mut running = JoinSet::new();
        loop {
            while running.len() < self.concurrency.get() {
                let Some((index, place)) = waiting.next() else {
                    break;
                };
                let run = self.clone();
                running.spawn(async move { (index, run.dialogue(place).await) });
            }
            let Some(ended) = running.join_next().await else {
                break;
            };
            let (index, transcript) = ended.unwrap_or_else(continue_panic);
            transcripts[index] = transcript;
        }
        Outcome {
            setup: Setup::of(&self.plan),
            transcripts: transcripts.into_iter().flatten().collect(),
            is_simulated: self.origin.is_simulated(),
        }
    }

    fn places(&self) -> Vec<Place> {
        let plan = &self.plan;
        let mut places = Vec::new();
        for scenario in 0..plan.scenarios.len() {
            for model in 0..plan.models.len() {
                places.extend((0..plan.samples).map(|sample| Place {
                    scenario,
                    model,
                    sample,
                }));
            }
        }
        places
    }

    async fn dialogue(&self, place: Place) -> Option<Transcript> {
        let scenario = self.plan.scenarios.get(place.scenario)?;
        let model = self.plan.models.get(place.model)?;
        let mut transcript = Transcript {
            scenario: scenario.id.clone(),
            vector: scenario.vector,
            title: scenario.title.clone(),
            model: model.name.clone(),
            model_id: model.id.clone(),
            student: match scenario.student {
                Student::Scripted(_) => StudentKind::Script,
                Student::Played(_) => StudentKind::Model,
            },
            sample: place.sample,
            turns: Vec::new(),
        };
        let scope = transcript.name();
        let dialogue = Dialogue {
            client: &self.client,
            plan: &self.plan,
            model,
            scenario,
            tick: &self.tick,
            origin: &self.origin,
        };
        transcript.turns = Scope::new(&scope).enter(dialogue.hold()).await;
        let bench = Bench {
            client: &self.client,
            judge: &self.plan.judge,
            scenario,
            tick: &self.tick,
            origin: &self.origin,
            scope: &scope,
        };
        bench.judge_all(&mut transcript.turns).await;
        Some(transcript)
    }
}

/// Nobody cancels a dialogue, so a task that did not end has panicked.
fn continue_panic<T>(error: JoinError) -> T {
    std::panic::resume_unwind(error.into_panic())
}
