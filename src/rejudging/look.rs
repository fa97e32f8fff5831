//! Looks through what a judge was asked for what is missing.

use std::path::Path;

use jiff::civil::Date;

use super::contests::{ContestQuestions, places};
use super::error::RejudgingError;
use super::estimate::{Estimate, Prices};
use super::missing::Missing;
use super::questions::{Asked, Questions};
use crate::bench::{CallFailure, Judging, Transcript, Unscored};
use crate::pricing::{Bill, PriceBook, Usage};
use crate::regression::PairwiseEvidence;

impl Missing {
    /// Nothing of what a judge is to be asked.
    #[must_use]
    pub fn none(side: &'static str, questions: &Questions<'_>) -> Self {
        Self {
            side,
            judge: questions.judge.identity(),
            places: Vec::new(),
            calls: 0,
            usage: Usage::default(),
            bill: Bill::default(),
        }
    }

    /// Looks through what a judge was asked.
    #[must_use]
    pub fn of(side: &'static str, questions: &Questions<'_>, asked: &Asked) -> Self {
        let mut missing = Self::none(side, questions);
        for outcome in &asked.outcomes {
            missing.look(&outcome.transcripts, is_missing);
        }
        if asked.outcomes.is_empty() {
            for _ in 0..questions.epochs {
                missing.look(questions.transcripts, |_| true);
            }
        }
        missing
    }

    /// The same of a pairwise judge.
    #[must_use]
    pub fn of_contests(
        side: &'static str,
        questions: &ContestQuestions<'_>,
        asked: &PairwiseEvidence,
    ) -> Self {
        let mut missing = Self {
            side,
            judge: questions.judge.identity(),
            places: Vec::new(),
            calls: questions.calls(),
            usage: Usage::default(),
            bill: Bill::default(),
        };
        let places = places(&asked.contests).into_iter();
        let unheard = places.filter(|(_, is_missing)| *is_missing);
        missing.places = unheard.map(|(place, _)| place).collect();
        if asked.contests.is_empty() {
            missing.places = questions.places();
        }
        missing
    }

    fn look(&mut self, transcripts: &[Transcript], is_missing: impl Fn(&Judging) -> bool) {
        for transcript in transcripts {
            for turn in transcript.turns.iter().filter(|turn| turn.is_judged()) {
                self.calls += 1;
                if is_missing(&turn.judge) {
                    let place = format!("{} · turn {}", transcript.name(), turn.turn);
                    self.places.push(place);
                }
            }
        }
    }

    /// The same with about what the missing calls cost today, by the prices beside the plan.
    ///
    /// # Errors
    /// What is wrong with the prices or with the dialogues' cassette.
    pub fn priced_today(
        self,
        questions: &Questions<'_>,
        dialogues: &Path,
        today: Date,
    ) -> Result<Self, RejudgingError> {
        if self.is_none() {
            return Ok(self);
        }
        let prices = Prices {
            book: &PriceBook::beside(&questions.plan.path)?,
            region: None,
            today,
        };
        Ok(self.priced(&Estimate::of(questions, dialogues, &prices)?))
    }

    /// The same with about what the missing calls cost.
    #[must_use]
    pub fn priced(mut self, estimate: &Estimate<'_>) -> Self {
        let missing = self.places.len() as u64;
        self.usage = estimate.usage(missing);
        self.bill = estimate.bill(missing);
        self
    }
}

/// A recorded failure is not: it is told where turns without a score are.
fn is_missing(judging: &Judging) -> bool {
    matches!(
        judging,
        Judging::Unscored {
            reason: Unscored::CallFailed(CallFailure::Missed { .. }),
            ..
        }
    )
}
