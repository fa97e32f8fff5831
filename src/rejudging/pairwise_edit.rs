//! A pairwise judge and its edit before the same dialogues.

use jiff::civil::Date;

use super::contests::ContestQuestions;
use super::dialogues::dialogues;
use super::error::RejudgingError;
use super::missing::{Missing, NotRecorded, Sides, sides};
use super::source::Source;
use super::spent::spent;
use crate::bench::Plan;
use crate::judge::{AnyJudge, PairwiseJudge};
use crate::regression::{
    Changes, Options, PairwiseComparison, PairwiseEvidence, comparable_contests,
};

/// A pairwise judge, and the same after an edit.
#[derive(Debug, Clone)]
pub struct PairwiseEdit {
    /// Where everything lies.
    pub source: Source,
    /// The plan of the dialogues.
    pub plan: Plan,
    /// The judge before the edit.
    pub a: PairwiseJudge,
    /// The judge after it.
    pub b: PairwiseJudge,
    baseline: Option<String>,
    candidate: Option<String>,
}

/// What is recorded of the two, and what is not.
#[derive(Debug, Clone)]
pub struct RecordedContests {
    /// What the judge before the edit said.
    pub a: PairwiseEvidence,
    /// What the judge after it said.
    pub b: PairwiseEvidence,
    /// What is missing of each, with the command that records it.
    pub missing: [(Missing, String); 2],
}

impl PairwiseEdit {
    /// Finds the baseline of a candidate that was found: as named, or the pinned one.
    ///
    /// # Errors
    /// What is wrong with the plan or with a judge, or [`RejudgingError::OtherKind`].
    pub fn load(
        source: Source,
        baseline: Option<&str>,
        candidate: Option<&str>,
        b: PairwiseJudge,
    ) -> Result<Self, RejudgingError> {
        let found = match baseline {
            Some(reference) => source.find_any(reference)?,
            None => source.pinned(&AnyJudge::Pairwise(b.clone()))?,
        };
        let a = match found {
            AnyJudge::Pairwise(judge) => judge,
            AnyJudge::Rubric(judge) => {
                return Err(RejudgingError::OtherKind {
                    rubric: judge.identity().to_string(),
                    pairwise: b.identity().to_string(),
                });
            }
        };
        Ok(Self {
            plan: source.load()?,
            source,
            a,
            b,
            baseline: baseline.map(str::to_owned),
            candidate: candidate.map(str::to_owned),
        })
    }

    /// In what they differ.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes::between_pairwise(&self.a, &self.b)
    }

    /// Whether both hold the same things against each other; it is known before anything is
    /// recorded.
    ///
    /// # Errors
    /// [`RejudgingError::Incomparable`].
    pub fn comparable(&self) -> Result<(), RejudgingError> {
        let compared = comparable_contests(self.a.compares, self.b.compares);
        compared.map_err(|why| RejudgingError::Incomparable {
            a: self.a.identity().to_string(),
            b: self.b.identity().to_string(),
            why,
        })
    }

    /// Replays the dialogues and what the judges said of them; what is missing has the price of
    /// the day.
    ///
    /// # Errors
    /// What is wrong with a cassette or with the prices beside the plan, or
    /// [`RejudgingError::NotHeld`].
    pub async fn recorded(&self, today: Date) -> Result<RecordedContests, RejudgingError> {
        let transcripts = dialogues(&self.source, &self.plan).await?;
        let a = ContestQuestions::new(&self.plan, &self.a, &transcripts)?;
        let b = ContestQuestions::new(&self.plan, &self.b, &transcripts)?;
        let asked_a = self.before(&a).await?;
        let asked_b = b.replayed(&self.source.candidates(&self.plan)).await?;
        let held = self.source.dialogues(&self.plan);
        let region = self.source.region.as_deref();
        let of_a = Missing::of_contests("baseline", &a, &asked_a)
            .contests_priced_today(&a, &held, region, today)?;
        let of_b = Missing::of_contests("candidate", &b, &asked_b)
            .contests_priced_today(&b, &held, region, today)?;
        Ok(RecordedContests {
            a: asked_a,
            b: asked_b,
            missing: [(of_a, self.record_a()), (of_b, self.record_b())],
        })
    }

    /// Compares what the two said; the dialogues are replayed, and nothing is sent.
    ///
    /// # Errors
    /// As [`recorded`](Self::recorded), [`RejudgingError::NotRecorded`] where a verdict is
    /// missing, and [`RejudgingError::Option`].
    pub async fn compare(
        &self,
        today: Date,
        options: &Options,
    ) -> Result<PairwiseComparison, RejudgingError> {
        options.fit_contests()?;
        let RecordedContests { a, b, missing } = self.recorded(today).await?;
        if self.comparable().is_err() {
            // What is missing would not make them comparable: nobody is to pay for it.
            return Ok(PairwiseComparison::of(a, b, self.changes(), options));
        }
        if missing.iter().any(|(missing, _)| !missing.is_none()) {
            return Err(self.not_recorded(missing).into());
        }
        let mut compared = PairwiseComparison::of(a, b, self.changes(), options);
        for (side, judge) in [(&mut compared.a, &self.a), (&mut compared.b, &self.b)] {
            side.cost_usd = spent(&self.plan, &judge.model, &side.tokens, today)?;
        }
        Ok(compared)
    }

    /// What the baseline said: beside the dialogues, or beside the candidate's judgments where
    /// nothing of it is there.
    async fn before(
        &self,
        questions: &ContestQuestions<'_>,
    ) -> Result<PairwiseEvidence, RejudgingError> {
        let asked = questions
            .replayed(&self.source.dialogues(&self.plan))
            .await?;
        let missing = Missing::of_contests("baseline", questions, &asked);
        let is_elsewhere = missing.calls > 0 && missing.missing.len() as u64 == missing.calls;
        match &self.source.judgments {
            Some(judgments) if is_elsewhere => questions.replayed(judgments).await,
            _ => Ok(asked),
        }
    }

    /// What is recorded, as what it still needs.
    #[must_use]
    pub fn not_recorded(&self, missing: [(Missing, String); 2]) -> NotRecorded {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        let of = self.sides(&missing[0].0);
        NotRecorded {
            sides: sides(missing, of),
            changes: Some(self.changes()),
            listing: self.source.listing(baseline, candidate, 1),
        }
    }

    /// A judge that is compared with itself is asked once, unless the two lie apart. What is
    /// nowhere yet is then looked for beside the candidate's.
    fn sides(&self, before: &Missing) -> Sides {
        let is_one = self.a.identity().fingerprint == self.b.identity().fingerprint;
        let held = self.source.dialogues(&self.plan);
        let is_nowhere = before.missing.len() as u64 == before.calls;
        if is_one && (is_nowhere || held == self.source.candidates(&self.plan)) {
            return Sides::One;
        }
        Sides::Two
    }

    fn record_a(&self) -> String {
        let beside = Source {
            judgments: None,
            ..self.source.clone()
        };
        let version = self.a.identity().to_string();
        let reference = self.baseline.as_deref().unwrap_or(&version);
        beside.recording(self.baseline.as_deref(), Some(reference), 1)
    }

    fn record_b(&self) -> String {
        self.source
            .recording(self.baseline.as_deref(), self.candidate.as_deref(), 1)
    }
}
