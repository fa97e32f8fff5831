//! What `plan` and `cost` share: a plan, its cassette, its prices, and the survey of them.

use std::fmt::Write as _;
use std::path::PathBuf;

use bedrock_replay::Mode;
use bedrock_replay::bench::{CONCURRENCY, Plan, Speaking, Survey, Surveyor};
use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::pricing::{PriceBook, Tier};
use bedrock_replay::words::counted;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::chosen::Chosen;
use super::failure::Failure;
use super::recording_command::RecordingCommand;
use super::regions;
use super::since::Since;
use super::values;

/// Which plan, and what is known of its calls.
#[derive(Debug, Clone, Args)]
pub struct Planned {
    #[command(flatten)]
    pub chosen: Chosen,

    /// The cassette [default: cassettes/PLAN.sqlite]
    #[arg(long, value_name = "FILE")]
    pub cassette: Option<PathBuf>,

    /// Prices of this file, over the built-in ones [default: prices.toml beside the plan]
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,

    /// Region that is asked, and whose prices hold: the first of several [default: as AWS is configured, else us-east-1]
    #[arg(long, value_name = "REGION", value_delimiter = ',', value_parser = regions::parse)]
    pub region: Vec<String>,

    #[command(flatten)]
    pub since: Since,

    /// Price what is to be recorded as of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::date)]
    pub on: Option<Date>,
}

/// Everything that a survey is made of.
pub struct Loaded {
    pub plan: Plan,
    pub cassette: PathBuf,
    pub prices: PriceBook,
    pub today: Date,
    pub since: Option<Timestamp>,
}

impl Planned {
    /// Reads the files.
    pub fn load(&self) -> Result<Loaded, Failure> {
        let plan = self.chosen.load()?;
        let prices = match &self.prices {
            Some(file) => PriceBook::load(file),
            None => PriceBook::beside(&self.chosen.plan),
        };
        Ok(Loaded {
            cassette: self.cassette_path(&plan),
            prices: prices.map_err(Failure::general)?,
            today: self.on.unwrap_or_else(today),
            since: self.since.time(),
            plan,
        })
    }

    fn cassette_path(&self, plan: &Plan) -> PathBuf {
        self.cassette.clone().unwrap_or_else(|| plan.cassette())
    }

    /// The command that records what is missing, and nothing else.
    pub fn recording_command(&self) -> RecordingCommand {
        RecordingCommand::new(Mode::RecordMissing, &self.chosen.plan)
            .path("cassette", self.cassette.as_deref())
            .path("prices", self.prices.as_deref())
            .each("model", &self.chosen.model)
            .each("scenario", &self.chosen.scenario)
            .list("region", &self.region)
            .words(self.since.words(None))
    }
}

impl Loaded {
    /// What the cassette has of the plan, and what it has not.
    pub async fn survey(
        &self,
        region: &str,
        tier: Tier,
        speaking: Speaking,
    ) -> Result<Survey, Failure> {
        let surveyor = Surveyor {
            plan: &self.plan,
            cassette: &self.cassette,
            prices: &self.prices,
            today: self.today,
            region: Some(region),
            tier,
            speaking,
            since: self.since,
            concurrency: CONCURRENCY,
        };
        surveyor.survey().await.map_err(Failure::general)
    }

    /// The first lines of what is told: the plan and the cassette.
    pub fn heading(&self, survey: &Survey) -> String {
        let plan = &self.plan;
        let mut text = String::new();
        let samples = match plan.samples {
            1 => String::new(),
            samples => format!(" × {samples} samples"),
        };
        let _ = writeln!(
            text,
            "plan      {}: {} × {}{samples} × {}, judged",
            plan.path.display(),
            counted(plan.scenarios.len(), "scenario"),
            counted(plan.models.len(), "model"),
            counted(plan.turns, "turn"),
        );
        let cassette = self.cassette.display();
        let contents = match survey.exchanges {
            Some(exchanges) => format!("{}{}", counted(exchanges, "exchange"), origin(survey)),
            None => "not there yet".to_owned(),
        };
        let _ = writeln!(text, "cassette  {cassette} ({contents})");
        text
    }
}

fn origin(survey: &Survey) -> String {
    let names = survey.provenance.iter();
    names.fold(String::new(), |text, name| format!("{text}, {name}"))
}

/// The day, in UTC as recordings are dated.
pub fn today() -> Date {
    SystemClock::new().now().to_zoned(TimeZone::UTC).date()
}
