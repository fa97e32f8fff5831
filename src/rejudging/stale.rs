//! Judgments that no judge asks for any more: of a version that is gone, or about words that are
//! no longer said.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::contests::ContestQuestions;
use super::dialogues::dialogues;
use super::error::RejudgingError;
use super::look::{every_call, every_contest_call};
use super::questions::Questions;
use super::source::Source;
use crate::bench::{Plan, Transcript, dialogue_of_a_judge};
use crate::cassette::{Reader, Slot};
use crate::judge::AnyJudge;

/// What a cassette holds of a plan's judgments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleJudgments {
    /// The cassette of the judgments.
    pub cassette: PathBuf,
    /// How many judgments it holds of the plan's dialogues.
    pub judgments: u64,
    /// How many versions of judges were looked at: the folder's, pinned or not, and the kept.
    pub judges: usize,
    /// The judgments that none of them asks for.
    pub stale: Vec<Slot>,
}

impl StaleJudgments {
    /// Replays the dialogues, and looks which judgments of them no judge would ask for: none
    /// that lies in the project's folder of judges, however deep, and none of `kept`. Judgments
    /// of other dialogues are left alone: another plan may need them.
    ///
    /// # Errors
    /// A judge that cannot be read (its judgments would count as stale), dialogues that are not
    /// recorded, or what is wrong with a file.
    pub async fn of(source: &Source, kept: &[AnyJudge]) -> Result<Self, RejudgingError> {
        let plan = source.load()?;
        let transcripts = dialogues(source, &plan).await?;
        let mut judges = source.judges().everywhere()?;
        judges.extend_from_slice(kept);
        judges.push(AnyJudge::Rubric(plan.judge.clone()));
        let asked: BTreeSet<String> = judges
            .iter()
            .flat_map(|judge| keys(&plan, judge, &transcripts))
            .collect();
        let versions = judges.iter().map(|judge| judge.identity().to_string());
        let versions: BTreeSet<String> = versions.collect();
        let cassette = source.candidates(&plan);
        let held = about(&transcripts);
        let mut slots = Reader::open(&cassette)?.slots()?;
        slots.retain(|slot| dialogue_of_a_judge(&slot.scope).is_some_and(|of| held.contains(of)));
        let judgments = slots.len() as u64;
        slots.retain(|slot| !asked.contains(&slot.key.to_string()));
        Ok(Self {
            cassette,
            judgments,
            judges: versions.len(),
            stale: slots,
        })
    }
}

/// Everything that a judge may be asked, probes included.
fn keys(plan: &Plan, judge: &AnyJudge, transcripts: &[Transcript]) -> Vec<String> {
    let calls = match judge {
        AnyJudge::Rubric(judge) => {
            let questions = Questions {
                plan,
                judge,
                transcripts,
                epochs: 1,
            };
            let mut calls = every_call(&questions);
            for probed in questions.probes() {
                calls.extend(every_call(&probed.questions()));
            }
            calls
        }
        AnyJudge::Pairwise(judge) => ContestQuestions::new(plan, judge, transcripts)
            .map(|questions| every_contest_call(&questions))
            .unwrap_or_default(),
    };
    calls.into_iter().filter_map(|call| call.key).collect()
}

/// How the scopes of judgments begin: each dialogue, and every two of the same scenario.
fn about(transcripts: &[Transcript]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = transcripts.iter().map(Transcript::name).collect();
    for one in transcripts {
        let is_met = |other: &&Transcript| {
            other.scenario == one.scenario && other.sample == one.sample && other.model != one.model
        };
        for other in transcripts.iter().filter(is_met) {
            names.insert(format!(
                "{}/{}-vs-{}/{}",
                one.scenario, one.model, other.model, one.sample
            ));
        }
    }
    names
}
