//! Stored answers before a judge of today.

use aws_sdk_bedrockruntime::Client;

use super::read::StoredRuns;
use crate::bench::caller::Caller;
use crate::bench::judging::Bench;
use crate::bench::plan::Plan;
use crate::bench::scenario::{Scenario, Student};
use crate::bench::transcript::{Judging, Transcript};

impl StoredRuns {
    /// Has every stored answer judged anew by the plan's judge. Scenarios that the plan does not
    /// know are shown to the judge as far as they were stored: by their persona.
    pub async fn judge_again(mut self, plan: &Plan, client: Client) -> Self {
        let caller = Caller::new(client);
        for mut transcript in std::mem::take(&mut self.transcripts) {
            let scenario = self.scenario(&transcript, plan);
            for turn in &mut transcript.turns {
                turn.judge = Judging::NotAnswered;
            }
            let scope = format!("stored/{}", transcript.name());
            let bench = Bench {
                caller: &caller,
                judge: &plan.judge,
                scenario: &scenario,
                scope: &scope,
            };
            bench.judge_all(&mut transcript.turns).await;
            self.transcripts.push(transcript);
        }
        // They were about the judgments that are replaced.
        self.findings
            .retain(|finding| !finding.what.contains("judgment"));
        self
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
