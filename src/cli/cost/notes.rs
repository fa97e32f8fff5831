//! What is to be known beside the figures: how they were made, and what has no price.

use std::collections::BTreeSet;

use bedrock_replay::bench::{CHARACTERS_PER_TOKEN, Line, Role};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::pricing::Tier;
use bedrock_replay::words::{counted, grouped};

use super::costs::Costs;

/// What the line is that stands beside the full figure.
pub const SEED: &str = "the seed's method is that of the document that this benchmark comes from, and leaves out what is read (docs/configuration.md, Costs)";

impl Costs<'_> {
    pub fn notes(&self) -> Vec<String> {
        let mut notes = vec![SEED.to_owned()];
        let estimate = &self.total.estimate;
        if self.total.to_record.calls > 0 {
            notes.push(format!(
                "to record is an estimate: {} calls by recorded ones of the same turn, {} by {CHARACTERS_PER_TOKEN} characters a token and answers of max_tokens",
                grouped(estimate.by_recorded),
                grouped(estimate.by_length)
            ));
            if self.loaded.plan.prompt_cache.is_some() {
                notes.push("the estimate has every token read at the full price, none from the prompt cache".to_owned());
            }
        }
        if self.survey.provenance.contains(&Provenance::Simulated) && self.total.recorded.calls > 0
        {
            notes.push(
                "the simulator answered what is recorded: nothing was paid for it".to_owned(),
            );
        }
        let days: Vec<String> = self
            .survey
            .recorded_on
            .iter()
            .map(ToString::to_string)
            .collect();
        if !days.is_empty() {
            notes.push(format!(
                "recorded calls are priced as of {}",
                days.join(", ")
            ));
        }
        notes.extend(self.others());
        notes.extend(
            self.unpriced()
                .into_iter()
                .map(|what| format!("n/a: {what} (bedrock-replay prices list, prices import)")),
        );
        notes
    }

    /// Exchanges that a second run at the same time, an edit or another plan has left there.
    fn others(&self) -> Option<String> {
        if !self.is_whole {
            return None;
        }
        let others = self.survey.exchanges?.checked_sub(self.survey.recorded)?;
        (others > 0).then(|| {
            format!(
                "the cassette also holds {} that this plan does not ask for: what they cost is not in here",
                counted(others, "exchange")
            )
        })
    }

    /// What no price is known for.
    fn unpriced(&self) -> BTreeSet<String> {
        let lines = self.survey.lines.iter();
        lines.filter_map(|line| self.lacks(line)).collect()
    }

    /// What a line lacks of prices: of the model, or of a kind of token alone.
    fn lacks(&self, line: &Line) -> Option<String> {
        let loaded = self.loaded;
        let id = self.model(line);
        let priced = loaded.plan.registry.priced_as(id);
        if line.to_record.bill.unpriced > 0 {
            let price = loaded
                .prices
                .price(&priced, Some(self.region), loaded.today);
            let Some(price) = price else {
                return Some(format!("no price for {id} in {}", self.region));
            };
            let lacks = price.lacks(&line.to_record.estimate.usage, self.tier);
            return Some(format!("no {} price for {id}", lacks.join(", ")));
        }
        if line.recorded.bill.is_whole() {
            return None;
        }
        let day = self.survey.recorded_on.last().copied();
        let price = loaded
            .prices
            .price(&priced, Some(self.region), day.unwrap_or(loaded.today));
        let lacks = price.map(|price| price.lacks(&line.recorded.usage, Tier::OnDemand));
        Some(match lacks.as_deref() {
            Some(kinds @ [_, ..]) => format!("no {} price for {id}", kinds.join(", ")),
            Some([]) => format!("{id} told no tokens, or has no price where it was recorded"),
            None => format!("no price for {id} in {}", self.region),
        })
    }

    /// Who is asked.
    fn model(&self, line: &Line) -> &str {
        let plan = &self.loaded.plan;
        match line.role {
            Role::Tutor => &plan.models[line.model].id,
            Role::Student => plan.player.as_ref().map_or("", |player| &player.model),
            Role::Judge => &plan.judge.model,
        }
    }
}
