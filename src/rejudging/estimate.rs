//! About what missing judgments cost: prompts are known to the letter, answers are not.

use std::path::Path;

use jiff::civil::Date;

use super::contests::ContestQuestions;
use super::questions::Questions;
use crate::bench::{CHARACTERS_PER_TOKEN, Plan, recorded_judgment};
use crate::cassette::CassetteError;
use crate::judge::JudgePrompt;
use crate::pricing::{Bill, Price, PriceBook, Tier, Usage};
use crate::regression::subjects;

/// By what missing judgments are priced.
#[derive(Debug, Clone, Copy)]
pub struct Prices<'a> {
    /// The prices.
    pub book: &'a PriceBook,
    /// Where the judge would be asked.
    pub region: Option<&'a str>,
    /// The day on which it would be.
    pub today: Date,
}

/// About what one call of a judge uses and costs.
#[derive(Debug, Clone, Copy)]
pub struct Estimate<'a> {
    /// The tokens of one call.
    pub call: Usage,
    price: Option<&'a Price>,
}

impl<'a> Estimate<'a> {
    /// Fills the judge's prompts in for every turn of the dialogues. An answer is taken to be as
    /// long as the judgments are that the dialogues' cassette has, where it has any, else as
    /// `max_tokens` allows.
    ///
    /// # Errors
    /// What is wrong with the cassette.
    pub fn of(
        questions: &Questions<'_>,
        dialogues: &Path,
        prices: &Prices<'a>,
    ) -> Result<Self, CassetteError> {
        let Questions { plan, judge, .. } = questions;
        let subjects = subjects(&plan.scenarios, questions.transcripts);
        let prompts = subjects
            .iter()
            .filter_map(|subject| judge.prompt(subject).ok());
        let asked = (judge.model.as_str(), judge.parameters.max_tokens);
        Self::of_prompts(plan, asked, prompts, dialogues, prices)
    }

    /// The same of a pairwise judge, of which an answer is taken to be no longer than a
    /// judgment.
    ///
    /// # Errors
    /// What is wrong with the cassette.
    pub fn of_contests(
        questions: &ContestQuestions<'_>,
        dialogues: &Path,
        prices: &Prices<'a>,
    ) -> Result<Self, CassetteError> {
        let judge = questions.judge;
        let asked = (judge.model.as_str(), judge.parameters.max_tokens);
        let prompts = questions.prompts().into_iter();
        Self::of_prompts(questions.plan, asked, prompts, dialogues, prices)
    }

    fn of_prompts(
        plan: &Plan,
        (model, max_tokens): (&str, u32),
        prompts: impl Iterator<Item = JudgePrompt>,
        dialogues: &Path,
        prices: &Prices<'a>,
    ) -> Result<Self, CassetteError> {
        let longest = u64::from(max_tokens);
        let recorded = recorded_judgment(plan, dialogues)?;
        let id = plan.registry.priced_as(model);
        Ok(Self {
            call: Usage {
                input: mean_prompt(prompts).div_ceil(CHARACTERS_PER_TOKEN),
                output: recorded.map_or(longest, |usage| usage.output.min(longest)),
                ..Usage::default()
            },
            price: prices.book.price(&id, prices.region, prices.today),
        })
    }

    /// The tokens of so many calls.
    #[must_use]
    pub fn usage(&self, calls: u64) -> Usage {
        Usage {
            input: self.call.input * calls,
            output: self.call.output * calls,
            ..Usage::default()
        }
    }

    /// What so many calls cost.
    #[must_use]
    pub fn bill(&self, calls: u64) -> Bill {
        let cost = |price: &Price| price.cost(&self.usage(calls), Tier::OnDemand);
        let mut bill = Bill::default();
        bill.add(calls, self.price.and_then(cost));
        bill
    }
}

/// Characters.
fn mean_prompt(prompts: impl Iterator<Item = JudgePrompt>) -> u64 {
    let lengths: Vec<u64> = prompts
        .map(|prompt| (prompt.system.chars().count() + prompt.user.chars().count()) as u64)
        .collect();
    lengths.iter().sum::<u64>() / (lengths.len() as u64).max(1)
}
