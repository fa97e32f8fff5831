//! Judgments that no judge asks for any more: what a version that is gone said of words that are
//! still said.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::contests::ContestQuestions;
use super::dialogues::dialogues;
use super::error::RejudgingError;
use super::look::{every_call, every_contest_call};
use super::questions::Questions;
use super::said::Said;
use super::source::Source;
use crate::bench::{Plan, Transcript};
use crate::cassette::{CassetteError, Reader, Slot};
use crate::judge::AnyJudge;

/// What a cassette holds of a plan's judgments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleJudgments {
    /// The cassette of the judgments.
    pub cassette: PathBuf,
    /// How many judgments it holds of what is said in the plan's dialogues.
    pub judgments: u64,
    /// How many more it holds in the same scopes, of other words.
    pub of_other_words: u64,
    /// How many versions of judges were looked at: the folder's, pinned or not, and the kept.
    pub judges: usize,
    /// The judgments that none of them asks for.
    pub stale: Vec<Slot>,
}

impl StaleJudgments {
    /// Replays the dialogues, as the plan holds them and not word by word, and looks which
    /// judgments of what is said there no judge would ask for: none that lies in the project's
    /// folder of judges, however deep, and none of `kept`.
    ///
    /// Judgments of other words are left alone, though their dialogue has the same name: it may
    /// be held by `--stream`, with another prompt cache, or by another plan. So are those of
    /// other dialogues.
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
        let mut found = Self {
            cassette: source.candidates(&plan),
            judgments: 0,
            of_other_words: 0,
            judges: versions.len(),
            stale: Vec::new(),
        };
        found.look(&Said::of(&plan, &transcripts), &asked)?;
        Ok(found)
    }

    fn look(&mut self, said: &Said, asked: &BTreeSet<String>) -> Result<(), CassetteError> {
        let mut reader = Reader::open(&self.cassette)?;
        for slot in reader.slots()? {
            if !said.has_dialogue(&slot.scope) {
                continue;
            }
            if asked.contains(&slot.key.to_string()) {
                self.judgments += 1;
                continue;
            }
            let request = reader.request(&slot)?;
            if request.is_some_and(|own| said.is_shown(&slot.scope, &own.body)) {
                self.judgments += 1;
                self.stale.push(slot);
            } else {
                self.of_other_words += 1;
            }
        }
        Ok(())
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
