//! The cost of a plan by the method of the document that this benchmark comes from: output
//! tokens only, as many as may be written, all at the judge's price.

use jiff::civil::Date;
use serde::Serialize;

use crate::bench::plan::Plan;
use crate::pricing::{Money, PriceBook, Tier, Usage};

/// What that document takes a judgment for.
const TOKENS_OF_A_JUDGMENT: u64 = 500;

/// A plan's cost by that method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SeedCost {
    /// Dialogues of the plan.
    pub dialogues: u64,
    /// Tutor turns in each.
    pub turns: u64,
    /// Tokens of a tutor turn.
    pub turn_tokens: u64,
    /// Judgments of the plan.
    pub judgments: u64,
    /// Tokens of a judgment.
    pub judgment_tokens: u64,
    /// What the dialogues cost; `None` without a price.
    pub dialogue: Option<Money>,
    /// What the judge costs.
    pub judge: Option<Money>,
}

impl SeedCost {
    /// Counts as the document does.
    #[must_use]
    pub fn of(plan: &Plan, prices: &PriceBook, region: Option<&str>, on: Date) -> Self {
        let (scenarios, models) = (plan.scenarios.len() as u64, plan.models.len() as u64);
        let dialogues = scenarios * models * u64::from(plan.samples);
        let turns = u64::from(plan.turns);
        let turn_tokens = u64::try_from(plan.max_tokens).unwrap_or_default();
        let judgments = dialogues * turns;
        let price = prices.price(&plan.judge.model, region, on);
        let cost = |output| {
            let usage = Usage {
                output,
                ..Usage::default()
            };
            price.and_then(|price| price.cost(&usage, Tier::OnDemand))
        };
        Self {
            dialogues,
            turns,
            turn_tokens,
            judgments,
            judgment_tokens: TOKENS_OF_A_JUDGMENT,
            dialogue: cost(judgments * turn_tokens),
            judge: cost(judgments * TOKENS_OF_A_JUDGMENT),
        }
    }

    /// Both together.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        Some(self.dialogue? + self.judge?)
    }
}
