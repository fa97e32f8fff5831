//! `bedrock-replay cost`: what a plan costs before a run, and what it cost after.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use bedrock_replay::bench::{CHARACTERS_PER_TOKEN, Estimate, Line, Role, SeedCost, Survey};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::pricing::{Bill, Money, Tier, Usage};
use bedrock_replay::words::grouped;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::cassette::Shown;
use super::failure::Failure;
use super::manner::Manner;
use super::output::{Grid, print};
use super::planned::{Loaded, Planned};
use super::regions;

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

/// How it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// Input, output and prompt cache
    Full,
    /// Output tokens only, all at the judge's price
    Seed,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay cost
  bedrock-replay cost --by dialogue --scenario EL-CIV-FREE-HARM-01
  bedrock-replay cost --plan scenarios/seed.toml --cassette cassettes/weekly.sqlite --method seed
  bedrock-replay cost --prices my-prices.toml --region eu-west-1 --batch";

/// What one row sums up.
#[derive(Default, Clone, Copy)]
struct Sum {
    calls: u64,
    by_role: [Bill; 3],
    recorded: Part,
    to_record: Part,
    estimate: Estimate,
}

/// The recorded part, or the part to record.
#[derive(Default, Clone, Copy)]
struct Part {
    calls: u64,
    usage: Usage,
    bill: Bill,
}

impl Sum {
    fn add(&mut self, line: &Line) {
        self.calls += line.recorded.calls + line.to_record.calls;
        self.by_role[line.role as usize] += line.bill();
        self.recorded.calls += line.recorded.calls;
        self.recorded.usage += line.recorded.usage;
        self.recorded.bill += line.recorded.bill;
        self.to_record.calls += line.to_record.calls;
        self.to_record.usage += line.to_record.estimate.usage;
        self.to_record.bill += line.to_record.bill;
        self.estimate += line.to_record.estimate;
    }

    fn total(&self) -> Bill {
        let mut bill = self.recorded.bill;
        bill += self.to_record.bill;
        bill
    }
}

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
            options: &self,
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

fn total(survey: &Survey) -> Sum {
    let mut sum = Sum::default();
    survey.lines.iter().for_each(|line| sum.add(line));
    sum
}

/// Everything that is shown.
struct Costs<'a> {
    options: &'a Cost,
    loaded: &'a Loaded,
    survey: &'a Survey,
    region: &'a str,
    seed: SeedCost,
    rows: Vec<(String, Sum)>,
    total: Sum,
}

impl Costs<'_> {
    fn text(&self) -> String {
        let mut text = self.loaded.heading(self.survey);
        if self.options.method == Method::Seed {
            text.push_str(&self.seed_text());
            let full = self.total.total();
            let _ = writeln!(
                text,
                "\nfull figure    {full} with input tokens, each model at its own price"
            );
            return text;
        }
        let _ = write!(text, "\n{}\n\n{}\n", self.parts(), self.table());
        let _ = writeln!(text, "\nby the seed's method {}", self.seed_line());
        for note in self.notes() {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }

    /// Recorded, to record, together.
    fn parts(&self) -> Grid {
        let mut grid = Grid::new(["", "calls", "tokens in", "tokens out", "cost"]);
        grid.right(1..=4);
        let mut usage = self.total.recorded.usage;
        usage += self.total.to_record.usage;
        let whole = Part {
            calls: self.total.calls,
            usage,
            bill: self.total.total(),
        };
        let parts = [
            ("recorded", self.total.recorded),
            ("to record", self.total.to_record),
            ("whole plan", whole),
        ];
        for (name, part) in parts {
            grid.row([
                name.to_owned(),
                grouped(part.calls),
                grouped(part.usage.read()),
                grouped(part.usage.output),
                part.bill.to_string(),
            ]);
        }
        grid
    }

    fn table(&self) -> Grid {
        let mut grid = Grid::new([
            "whole plan",
            "calls",
            "tutor",
            "student",
            "judge",
            "to record",
            "all",
        ]);
        grid.right(1..=6);
        let total = (self.rows.len() != 1).then(|| ("all".to_owned(), self.total));
        for (name, sum) in self.rows.iter().cloned().chain(total) {
            grid.row([
                name,
                grouped(sum.calls),
                sum.by_role[Role::Tutor as usize].to_string(),
                sum.by_role[Role::Student as usize].to_string(),
                sum.by_role[Role::Judge as usize].to_string(),
                sum.to_record.bill.to_string(),
                sum.total().to_string(),
            ]);
        }
        grid
    }

    fn seed_text(&self) -> String {
        let seed = &self.seed;
        let tokens = |count: u64| grouped(count);
        let dialogue = seed.judgments * seed.turn_tokens;
        let judge = seed.judgments * seed.judgment_tokens;
        let mut text = String::new();
        let _ = write!(
            text,
            "\ndialogue  {} runs × {} turns × {} tokens = {} tokens → {}\n",
            seed.dialogues,
            seed.turns,
            seed.turn_tokens,
            tokens(dialogue),
            money(seed.dialogue)
        );
        let _ = writeln!(
            text,
            "judge     {} judgments × {} tokens = {} tokens → {}",
            seed.judgments,
            seed.judgment_tokens,
            tokens(judge),
            money(seed.judge)
        );
        let _ = writeln!(text, "\nseed's method  {}", self.seed_line());
        text
    }

    fn seed_line(&self) -> String {
        let seed = &self.seed;
        format!(
            "{} + {} = {} (output only, at the judge's price)",
            money(seed.dialogue),
            money(seed.judge),
            money(seed.total())
        )
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
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
        notes.extend(
            self.unpriced()
                .into_iter()
                .map(|what| format!("n/a: {what} (bedrock-replay prices list, prices import)")),
        );
        notes
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
            let lacks = price.lacks(&line.to_record.estimate.usage, self.options.tier());
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

    /// The seed's method alone, beside the full figure.
    fn seed_json(&self) -> Value {
        json!({
            "schema_version": 1,
            "currency": "USD",
            "method": "seed",
            "plan": self.loaded.plan.path,
            "region": self.region,
            "priced_on": self.loaded.today,
            "seed_method": self.seed,
            "seed_total": self.seed.total(),
            "full_total": self.total.total(),
        })
    }

    fn json(&self) -> Value {
        if self.options.method == Method::Seed {
            return self.seed_json();
        }
        let part =
            |part: &Part| json!({ "calls": part.calls, "usage": part.usage, "cost": part.bill });
        let row = |(name, sum): &(String, Sum)| {
            json!({
                "name": name,
                "calls": sum.calls,
                "tutor": sum.by_role[Role::Tutor as usize],
                "student": sum.by_role[Role::Student as usize],
                "judge": sum.by_role[Role::Judge as usize],
                "recorded": part(&sum.recorded),
                "to_record": part(&sum.to_record),
                "total": sum.total(),
            })
        };
        json!({
            "schema_version": 1,
            "currency": "USD",
            "method": "full",
            "plan": self.loaded.plan.path,
            "cassette": self.loaded.cassette,
            "provenance": self.survey.provenance.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "region": self.region,
            "priced_on": self.loaded.today,
            "recorded_on": self.survey.recorded_on,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "recorded": part(&self.total.recorded),
            "to_record": part(&self.total.to_record),
            "estimate": self.total.estimate,
            "total": self.total.total(),
            "seed_method": self.seed,
            "seed_total": self.seed.total(),
        })
    }
}

fn money(amount: Option<Money>) -> String {
    amount.map_or_else(|| "n/a".to_owned(), |amount| amount.rounded(2))
}
