//! `bedrock-replay cost`: what a plan costs before a run, and what it cost after.

use std::collections::BTreeMap;

use bedrock_replay::bench::{SeedCost, Survey};
use bedrock_replay::pricing::Tier;
use clap::{Args, ValueEnum};

use super::costs::{Costs, Method};
use super::sum::{Sum, total};
use crate::cli::cassette::Shown;
use crate::cli::failure::Failure;
use crate::cli::manner::Manner;
use crate::cli::output::print;
use crate::cli::planned::{Loaded, Planned};
use crate::cli::regions;

/// Price a plan: the whole run, what the cassette has of it, and what is left to record.
///
/// Recorded calls cost what they used, input, output and prompt cache, on the day of their
/// recording. What is left is an estimate: by recorded calls of the same turn where there are
/// any, else 4 characters a token and answers of `max_tokens`. A price that is not known is
/// n/a, and a sum that lacks it says "≥".
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Cost {
    #[command(flatten)]
    planned: Planned,

    #[command(flatten)]
    manner: Manner,

    /// Which rows are shown
    #[arg(long, value_enum, default_value_t = By::Model)]
    by: By,

    /// full: every token; seed: output tokens only, as the benchmark's first document counts
    #[arg(long, value_enum, default_value_t = Method::Full)]
    method: Method,

    /// Price what is to be recorded as a batch
    #[arg(long)]
    batch: bool,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

/// Which rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// One for each model
    Model,
    /// One for each dialogue
    Dialogue,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay cost
  bedrock-replay cost --by dialogue --scenario EL-CIV-FREE-HARM-01
  bedrock-replay cost --plan scenarios/seed.toml --cassette cassettes/weekly.sqlite --method seed
  bedrock-replay cost --prices my-prices.toml --region eu-west-1 --batch";

impl Cost {
    pub async fn run(self) -> Result<(), Failure> {
        let mut loaded = self.planned.load()?;
        loaded.plan = self.manner.of(loaded.plan);
        Manner::say_what_is_not_cached(&loaded.plan);
        let tier = self.tier();
        let region = regions::first(&self.planned.region).await;
        let survey = loaded.survey(&region, tier, self.manner.speaking()).await?;
        let seed = SeedCost::of(&loaded.plan, &loaded.prices, Some(&region), loaded.today);
        let costs = Costs {
            method: self.method,
            is_whole: !self.planned.chosen.is_a_selection(),
            tier,
            loaded: &loaded,
            survey: &survey,
            region: &region,
            seed,
            rows: self.rows(&loaded, &survey),
            total: total(&survey),
        };
        match self.format {
            Shown::Text => print(&costs.text()),
            Shown::Json => {
                print(&serde_json::to_string_pretty(&costs.json()).map_err(Failure::general)?)
            }
        }
    }

    const fn tier(&self) -> Tier {
        if self.batch {
            Tier::Batch
        } else {
            Tier::OnDemand
        }
    }

    fn rows(&self, loaded: &Loaded, survey: &Survey) -> Vec<(String, Sum)> {
        let mut sums: BTreeMap<(usize, usize, u32), Sum> = BTreeMap::new();
        for line in &survey.lines {
            let key = match self.by {
                By::Model => (line.model, 0, 0),
                By::Dialogue => (line.scenario, line.model, line.sample),
            };
            sums.entry(key).or_default().add(line);
        }
        let plan = &loaded.plan;
        let name = |(first, second, sample): (usize, usize, u32)| match self.by {
            By::Model => plan.models[first].name.clone(),
            By::Dialogue => {
                let (scenario, model) = (&plan.scenarios[first].id, &plan.models[second].name);
                format!("{scenario}/{model}/{sample}")
            }
        };
        sums.into_iter()
            .map(|(key, sum)| (name(key), sum))
            .collect()
    }
}
