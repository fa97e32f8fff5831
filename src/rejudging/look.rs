//! Looks through what a judge was asked for what is missing.

use std::path::Path;

use jiff::civil::Date;

use super::call::{MissingCall, key_of_contest, key_of_turn};
use super::contests::{ContestQuestions, Place, places};
use super::error::RejudgingError;
use super::estimate::{Estimate, Prices};
use super::missing::Missing;
use super::questions::{Asked, Questions};
use crate::bench::{CallFailure, Judging, Plan, Transcript, Unscored};
use crate::cassette::CassetteError;
use crate::judge::{Identity, Judge};
use crate::pricing::{Bill, PriceBook, Usage};
use crate::regression::{PairwiseEvidence, subjects};

impl Missing {
    fn none(side: &'static str, judge: Identity) -> Self {
        Self {
            side,
            judge,
            missing: Vec::new(),
            calls: 0,
            usage: Usage::default(),
            bill: Bill::default(),
        }
    }

    /// Looks through what a judge was asked.
    #[must_use]
    pub fn of(side: &'static str, questions: &Questions<'_>, asked: &Asked) -> Self {
        let mut missing = Self::none(side, questions.judge.identity());
        missing.calls = questions.calls();
        let judge = questions.plan.as_asked(questions.judge);
        for (epoch, outcome) in (1..).zip(&asked.outcomes) {
            let own = lacking(questions, &judge, &outcome.transcripts, epoch, is_missing);
            missing.missing.extend(own);
        }
        if asked.outcomes.is_empty() {
            missing.missing = every_call(questions);
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
        let mut missing = Self::none(side, questions.judge.identity());
        missing.calls = questions.calls();
        missing.missing = if asked.contests.is_empty() {
            every_contest_call(questions)
        } else {
            contest_calls(questions, places(&asked.contests))
        };
        missing
    }

    /// The same with about what the missing calls cost today, by the prices beside the plan.
    ///
    /// # Errors
    /// What is wrong with the prices or with the dialogues' cassette.
    pub fn priced_today(
        self,
        questions: &Questions<'_>,
        dialogues: &Path,
        region: Option<&str>,
        today: Date,
    ) -> Result<Self, RejudgingError> {
        self.at_prices(questions.plan, region, today, |prices| {
            Estimate::of(questions, dialogues, prices)
        })
    }

    /// The same of a pairwise judge.
    ///
    /// # Errors
    /// What is wrong with the prices or with the dialogues' cassette.
    pub fn contests_priced_today(
        self,
        questions: &ContestQuestions<'_>,
        dialogues: &Path,
        region: Option<&str>,
        today: Date,
    ) -> Result<Self, RejudgingError> {
        self.at_prices(questions.plan, region, today, |prices| {
            Estimate::of_contests(questions, dialogues, prices)
        })
    }

    fn at_prices(
        self,
        plan: &Plan,
        region: Option<&str>,
        today: Date,
        estimate: impl for<'a> FnOnce(&Prices<'a>) -> Result<Estimate<'a>, CassetteError>,
    ) -> Result<Self, RejudgingError> {
        if self.is_none() {
            return Ok(self);
        }
        let prices = Prices {
            book: &PriceBook::beside(&plan.path)?,
            region,
            today,
        };
        Ok(self.priced(&estimate(&prices)?))
    }

    /// The same with about what the missing calls cost.
    #[must_use]
    pub fn priced(mut self, estimate: &Estimate<'_>) -> Self {
        let missing = self.missing.len() as u64;
        self.usage = estimate.usage(missing);
        self.bill = estimate.bill(missing);
        let one = estimate.bill(1);
        for call in &mut self.missing {
            call.cost_usd = one.is_whole().then_some(one.amount);
        }
        self
    }
}

/// Everything that a judge is asked, as if nothing of it were recorded.
pub(super) fn every_call(questions: &Questions<'_>) -> Vec<MissingCall> {
    let judge = questions.plan.as_asked(questions.judge);
    let epochs = 1..=questions.epochs;
    epochs
        .flat_map(|epoch| lacking(questions, &judge, questions.transcripts, epoch, |_| true))
        .collect()
}

/// The same of a pairwise judge.
pub(super) fn every_contest_call(questions: &ContestQuestions<'_>) -> Vec<MissingCall> {
    contest_calls(questions, questions.places())
}

fn contest_calls(questions: &ContestQuestions<'_>, places: Vec<Place>) -> Vec<MissingCall> {
    let judge = questions.plan.pairwise_as_asked(questions.judge);
    let call = |(contest, subject, order): Place| {
        let key = key_of_contest(&judge, &subject, order);
        MissingCall::of_contest(key, &contest, order)
    };
    places.into_iter().map(call).collect()
}

/// How many turns a judge was asked about, and of how many nothing is recorded.
pub(super) fn unheard(questions: &Questions<'_>, asked: &Asked) -> (u64, usize) {
    let turns = asked.outcomes.iter().flat_map(|own| &own.transcripts);
    let turns = turns.flat_map(|own| &own.turns);
    let missing = turns.filter(|turn| turn.is_judged() && is_missing(&turn.judge));
    let calls = questions.calls();
    if asked.outcomes.is_empty() {
        return (calls, usize::try_from(calls).unwrap_or(usize::MAX));
    }
    (calls, missing.count())
}

fn lacking(
    questions: &Questions<'_>,
    judge: &Judge,
    transcripts: &[Transcript],
    epoch: u32,
    is_missing: impl Fn(&Judging) -> bool,
) -> Vec<MissingCall> {
    let mut lacking = Vec::new();
    for transcript in transcripts {
        let turns = transcript.turns.iter();
        let unheard = turns.filter(|turn| turn.is_judged() && is_missing(&turn.judge));
        let unheard: Vec<u32> = unheard.map(|turn| turn.turn).collect();
        if unheard.is_empty() {
            continue;
        }
        let shown = subjects(&questions.plan.scenarios, std::slice::from_ref(transcript));
        for turn in unheard {
            let subject = shown.iter().find(|subject| subject.turn == turn);
            let key = subject.and_then(|subject| key_of_turn(judge, subject));
            lacking.push(MissingCall::of_turn(key, transcript, turn, epoch));
        }
    }
    lacking
}

/// A recorded refusal is not: it is told where turns without a score are.
fn is_missing(judging: &Judging) -> bool {
    matches!(
        judging,
        Judging::Unscored {
            reason: Unscored::CallFailed(CallFailure::Missed { .. }),
            ..
        }
    )
}
