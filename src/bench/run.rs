//! Holds and judges a plan's dialogues, several at a time. The outcome is in the plan's order,
//! whatever the order in which they ended.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use aws_sdk_bedrockruntime::Client;
use tokio::task::{JoinError, JoinSet};

use super::caller::{Caller, Jitter, Log};
use super::contest::{Contest, Contests};
use super::contesting::Arena;
use super::dialogue::Dialogue;
use super::expenses::Expenses;
use super::heard::Listener;
use super::judging::Bench;
use super::outcome::{Outcome, Setup};
use super::part::Part;
use super::plan::Plan;
use super::progress::{Progress, Tick};
use super::quotas::Quotas;
use super::scenario::Student;
use super::stop::Stop;
use super::transcript::{StudentKind, Transcript};
use crate::clock::SharedClock;
use crate::judge::PairwiseJudge;
use crate::playback::Scope;
use crate::retry::RetryPolicy;
use crate::telemetry::Meter;

/// Dialogues that are held, replayed or judged at the same time where nobody says how many.
pub const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// A plan about to be carried out.
#[derive(Clone)]
pub struct Run {
    pub(super) plan: Arc<Plan>,
    pub(super) caller: Caller,
    pub(super) concurrency: NonZeroUsize,
    only: Option<Arc<HashSet<String>>>,
    part: Part,
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
            caller: Caller::new(client),
            concurrency: NonZeroUsize::MIN,
            only: None,
            part: Part::Whole,
        }
    }

    /// How many dialogues are held at the same time.
    #[must_use]
    pub fn concurrency(mut self, dialogues: NonZeroUsize) -> Self {
        self.concurrency = dialogues;
        self
    }

    /// Only the dialogues of these scopes.
    #[must_use]
    pub(crate) fn only(mut self, scopes: Arc<HashSet<String>>) -> Self {
        self.only = Some(scopes);
        self
    }

    /// Who is told that a call has ended.
    #[must_use]
    pub fn on_call(mut self, progress: Progress) -> Self {
        self.caller.tick = Tick(Some(progress));
        self
    }

    /// How a failed call is tried again, in place of the client's own retries.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.caller.set_retry(policy);
        self
    }

    /// Where the randomness of waits comes from, instead of the system.
    #[must_use]
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.caller.jitter = jitter;
        self
    }

    /// Asks each model no faster than the plan's registry says, counted on this clock. What a
    /// cassette answers takes nothing of a quota.
    #[must_use]
    pub fn quotas(mut self, clock: SharedClock) -> Self {
        self.caller.clock = Arc::clone(&clock);
        let quotas = Quotas::new(self.plan.registry.clone(), clock);
        self.caller.set_quotas(quotas);
        self
    }

    /// The regions that are asked, in this order: the next one where one throttles, is not
    /// available or does not have the model. A region whose part of the world does not have a
    /// model's inference profile is not asked for it: the id is sent as it is written.
    #[must_use]
    pub fn regions(mut self, regions: impl IntoIterator<Item = String>) -> Self {
        self.caller.regions = regions.into_iter().collect();
        self
    }

    /// Who listens to the dialogues: they are streamed, and heard as they are held.
    #[must_use]
    pub fn listener(mut self, listener: Listener) -> Self {
        self.caller.listener = Some(listener);
        self
    }

    /// Who is told what each transmission came to.
    #[must_use]
    pub fn meter(mut self, meter: Meter) -> Self {
        self.caller.meter = Some(meter);
        self
    }

    /// Logs nothing: a look at what is recorded, before it is asked.
    #[must_use]
    pub fn unlogged(mut self) -> Self {
        self.caller.log = Log::Nothing;
        self
    }

    /// Who adds up what the answered calls cost.
    #[must_use]
    pub fn expenses(mut self, expenses: Expenses) -> Self {
        self.caller.expenses = Some(expenses);
        self
    }

    /// By what the run can be stopped.
    #[must_use]
    pub fn stop(mut self, stop: Stop) -> Self {
        self.caller.stop = stop;
        self
    }

    /// Holds the dialogues and leaves them unjudged.
    #[must_use]
    pub fn dialogues_only(mut self) -> Self {
        self.part = Part::Dialogues;
        self
    }

    /// Has these dialogues judged by the plan's judge, and holds none.
    #[must_use]
    pub fn judging(mut self, transcripts: &[Transcript]) -> Self {
        self.part = Part::judgments(transcripts);
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
            is_simulated: self.caller.origin.is_simulated(),
        }
    }

    /// Has contests judged by a pairwise judge in the place of the plan's, each in both orders. A
    /// failed call is part of what comes back.
    pub async fn judge_contests(self, judge: &PairwiseJudge, contests: Contests) -> Vec<Contest> {
        let arena = Arena {
            caller: &self.caller,
            judge: &self.plan.pairwise_as_asked(judge),
        };
        arena.judge_all(contests.contests, self.concurrency).await
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
        if let Some(only) = &self.only {
            places.retain(|place| only.contains(&self.scope(*place)));
        }
        places
    }

    fn scope(&self, place: Place) -> String {
        let (scenario, model) = (
            &self.plan.scenarios[place.scenario].id,
            &self.plan.models[place.model].name,
        );
        format!("{scenario}/{model}/{}", place.sample)
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
            regions: BTreeMap::new(),
            turns: Vec::new(),
        };
        let scope = transcript.name();
        let caller = self.caller.of_dialogue(&model.name);
        let dialogue = Dialogue {
            caller: &caller,
            plan: &self.plan,
            model,
            scenario,
            name: &scope,
        };
        transcript.turns = match self.part.held(&scope) {
            Some(turns) => turns,
            None => Scope::new(&scope).enter(dialogue.hold()).await,
        };
        let judge = self.plan.judge_as_asked();
        let bench = Bench {
            caller: &caller,
            judge: &judge,
            scenario,
            scope: &scope,
        };
        if self.part.is_judged() {
            bench.judge_all(&mut transcript.turns).await;
        }
        transcript.regions = caller.answered_in.counts();
        Some(transcript)
    }
}

/// Nobody cancels a dialogue, so a task that did not end has panicked.
fn continue_panic<T>(error: JoinError) -> T {
    std::panic::resume_unwind(error.into_panic())
}
