//! Has two models' answers judged side by side, in both orders.

use std::path::Path;

use jiff::Timestamp;

use super::dialogues::answers;
use super::error::RejudgingError;
use crate::bench::{
    CONCURRENCY, CallFailure, Choosing, Contest, ContestKey, Contests, Order, Plan, Run,
    Transcript, Unheard, Unscored,
};
use crate::client::Cassette;
use crate::exchange::Provenance;
use crate::judge::{JudgePrompt, PairSubject, PairwiseJudge};
use crate::playback::Explained;
use crate::regression::PairwiseEvidence;

/// What a pairwise judge is to be asked.
#[derive(Debug, Clone, Copy)]
pub struct ContestQuestions<'a> {
    /// The plan of the dialogues.
    pub plan: &'a Plan,
    /// Who is asked.
    pub judge: &'a PairwiseJudge,
    /// What was said.
    pub transcripts: &'a [Transcript],
}

impl<'a> ContestQuestions<'a> {
    /// Of a plan whose models meet each other.
    ///
    /// # Errors
    /// [`RejudgingError::OneModel`] where there is nobody to meet.
    pub fn new(
        plan: &'a Plan,
        judge: &'a PairwiseJudge,
        transcripts: &'a [Transcript],
    ) -> Result<Self, RejudgingError> {
        match plan.models.as_slice() {
            [] | [_] => Err(RejudgingError::OneModel {
                judge: judge.name.clone(),
                plan: plan.name.clone(),
            }),
            _ => Ok(Self {
                plan,
                judge,
                transcripts,
            }),
        }
    }

    /// Every two answers that are held against each other.
    #[must_use]
    pub fn contests(&self) -> Contests {
        Contests::of(self.judge.compares, &self.plan.scenarios, self.transcripts)
    }

    /// How many calls that is, both orders.
    #[must_use]
    pub fn calls(&self) -> u64 {
        let contests = self.contests().contests;
        contests.iter().filter(|own| !own.is_cut).count() as u64 * 2
    }

    /// Where all of its calls would be made.
    pub(super) fn places(&self) -> Vec<Place> {
        let contests = self.contests().contests.into_iter();
        let whole = contests.filter(|own| !own.is_cut);
        let both =
            |own: Unheard| Order::ALL.map(|order| (own.key.clone(), own.subject.clone(), order));
        whole.flat_map(both).collect()
    }

    /// What the judge is shown of each, in one order; the other is as long.
    pub(super) fn prompts(&self) -> Vec<JudgePrompt> {
        let contests = self.contests().contests;
        contests
            .iter()
            .filter_map(|own| self.judge.prompt(&own.subject).ok())
            .collect()
    }

    /// What a cassette has of the answers; one that is not there yet holds nothing.
    ///
    /// # Errors
    /// What is wrong with the cassette; a missing verdict is part of what was said.
    pub async fn replayed(&self, path: &Path) -> Result<PairwiseEvidence, RejudgingError> {
        self.replayed_since(path, None).await
    }

    /// What it has of them since a time.
    ///
    /// # Errors
    /// As [`replayed`](Self::replayed).
    pub async fn replayed_since(
        &self,
        path: &Path,
        since: Option<Timestamp>,
    ) -> Result<PairwiseEvidence, RejudgingError> {
        if !path.exists() {
            return Ok(self.evidence(Vec::new(), Vec::new()));
        }
        let cassette = answers(path, Explained::First, since)?;
        let run = self.run(&cassette).await?.unlogged();
        let evidence = self.asked_by(run, &cassette).await?;
        cassette.finish()?;
        Ok(evidence)
    }

    /// A run that asks through a cassette, to be told how before it is [asked by](Self::asked_by).
    ///
    /// # Errors
    /// [`RejudgingError::Client`].
    pub async fn run(&self, cassette: &Cassette) -> Result<Run, RejudgingError> {
        let client = Box::pin(cassette.client()).await?;
        Ok(Run::new(self.plan.clone(), client).concurrency(CONCURRENCY))
    }

    /// Asks by such a run.
    ///
    /// # Errors
    /// A cassette that cannot say who answered.
    pub async fn asked_by(
        &self,
        run: Run,
        cassette: &Cassette,
    ) -> Result<PairwiseEvidence, RejudgingError> {
        let contests = Box::pin(run.judge_contests(self.judge, self.contests())).await;
        Ok(self.evidence(contests, cassette.provenance()?))
    }

    fn evidence(&self, contests: Vec<Contest>, provenance: Vec<Provenance>) -> PairwiseEvidence {
        PairwiseEvidence {
            judge: self.judge.identity(),
            compares: self.judge.compares,
            contests,
            alone: self.contests().alone,
            provenance,
        }
    }
}

/// A contest, what is shown of it, and in which order.
pub(super) type Place = (ContestKey, PairSubject, Order);

/// The places of the calls that are missing of all that were asked.
pub(super) fn places(contests: &[Contest]) -> Vec<Place> {
    let mut places = Vec::new();
    for contest in contests {
        let both = [&contest.named, &contest.swapped];
        for (order, said) in Order::ALL.into_iter().zip(both) {
            if is_missing(said) {
                places.push((contest.key.clone(), contest.subject.clone(), order));
            }
        }
    }
    places
}

/// A recorded refusal is not: it is told where calls without a verdict are.
fn is_missing(said: &Choosing) -> bool {
    matches!(
        said.unscored(),
        Some(Unscored::CallFailed(CallFailure::Missed { .. }))
    )
}
