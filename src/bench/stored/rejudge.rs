//! Stored answers before a judge of today.

use futures_util::StreamExt as _;

use super::read::{About, StoredRuns};
use crate::bench::judging::Bench;
use crate::bench::plan::Plan;
use crate::bench::run::Run;
use crate::bench::scenario::{Scenario, Student};
use crate::bench::transcript::{Judging, Transcript};

impl StoredRuns {
    /// Has every stored answer judged anew by the judge of a run's plan, in the manner of that
    /// run: its retries, quotas, regions, its number of dialogues at the same time. Scenarios
    /// that the plan does not know are shown to the judge as far as they were stored: by their
    /// persona.
    pub async fn judge_again(mut self, run: Run) -> Self {
        let stored = std::mem::take(&mut self.transcripts);
        let judged = stored.into_iter().map(|own| self.judged(own, &run));
        let judged: Vec<Transcript> = futures_util::stream::iter(judged)
            .buffered(run.concurrency.get())
            .collect()
            .await;
        self.transcripts = judged;
        // They were about the judgments that are replaced.
        self.findings
            .retain(|finding| finding.about != About::Judgment);
        self
    }

    async fn judged(&self, mut transcript: Transcript, run: &Run) -> Transcript {
        let scenario = self.scenario(&transcript, &run.plan);
        for turn in &mut transcript.turns {
            turn.judge = Judging::NotAnswered;
        }
        let caller = run.caller.of_dialogue(&transcript.model);
        let bench = Bench {
            caller: &caller,
            judge: &run.plan.judge_as_asked(),
            scenario: &scenario,
            scope: &format!("stored/{}", transcript.name()),
        };
        bench.judge_all(&mut transcript.turns).await;
        transcript.regions = caller.answered_in.counts();
        transcript
    }

    /// A plan with the scenarios that were stored in the place of its own.
    #[must_use]
    pub fn shown_by(&self, plan: &Plan) -> Plan {
        let mut scenarios: Vec<Scenario> = Vec::new();
        for transcript in &self.transcripts {
            if !scenarios.iter().any(|own| own.id == transcript.scenario) {
                scenarios.push(self.scenario(transcript, plan));
            }
        }
        Plan {
            scenarios,
            ..plan.clone()
        }
    }

    fn scenario(&self, transcript: &Transcript, plan: &Plan) -> Scenario {
        let known = plan
            .scenarios
            .iter()
            .find(|own| own.id == transcript.scenario);
        known.cloned().unwrap_or_else(|| Scenario {
            id: transcript.scenario.clone(),
            path: self.path.clone(),
            vector: transcript.vector,
            title: transcript.title.clone(),
            persona: self
                .personas
                .get(&transcript.scenario)
                .cloned()
                .unwrap_or_default(),
            opening: String::new(),
            goals: Vec::new(),
            notes: String::new(),
            student: Student::Scripted(Vec::new()),
            tutor_prompt: String::new(),
        })
    }
}
