//! What `plan` and `cost` share: a plan, its cassette, its prices, and the survey of them.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use bedrock_replay::bench::{MODEL_IDS_VARIABLE, Plan, Speaking, Survey, Surveyor};
use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::environment::Environment;
use bedrock_replay::pricing::{PriceBook, Tier};
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::exit_code;
use super::failure::Failure;
use super::words::{counted, quoted};

const PLAN: &str = "scenarios/weekly.toml";
/// The document's default.
const REGION: &str = "us-east-1";
const CASSETTES: &str = "cassettes";
const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// Which plan, and what is known of its calls.
#[derive(Debug, Clone, Args)]
pub struct Planned {
    /// The plan: models, scenarios, judge
    #[arg(long, value_name = "FILE", default_value = PLAN, alias = "scenarios")]
    pub plan: PathBuf,

    /// The cassette [default: cassettes/PLAN.sqlite]
    #[arg(long, value_name = "FILE")]
    pub cassette: Option<PathBuf>,

    /// Only this model, by name or id; may be repeated
    #[arg(long, value_name = "MODEL")]
    pub model: Vec<String>,

    /// Only this scenario, by id; may be repeated
    #[arg(long, value_name = "ID")]
    pub scenario: Vec<String>,

    /// Prices of this file, over the built-in ones [default: prices.toml beside the plan]
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,

    /// Region that is asked, and whose prices hold; may be repeated [default: us-east-1]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub region: Vec<String>,

    /// Price what is to be recorded as of this day [default: today]
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
}

/// Everything that a survey is made of.
pub struct Loaded {
    pub plan: Plan,
    pub cassette: PathBuf,
    pub prices: PriceBook,
    pub today: Date,
}

impl Planned {
    /// Reads the files.
    pub fn load(&self) -> Result<Loaded, Failure> {
        let plan = Plan::load(&self.plan).map_err(Failure::general)?;
        let usage = |error| Failure::with_code(exit_code::USAGE, error);
        let plan = match Environment::of_process().get(MODEL_IDS_VARIABLE) {
            Some(list) => plan
                .with_model_ids(list)
                .map_err(|error| Failure::with_code(exit_code::USAGE, error))?,
            None => plan,
        };
        let plan = plan.select(&self.model, &self.scenario).map_err(usage)?;
        let prices = match &self.prices {
            Some(file) => PriceBook::load(file),
            None => PriceBook::beside(&self.plan),
        };
        Ok(Loaded {
            cassette: self.cassette_path(&plan.name),
            prices: prices.map_err(Failure::general)?,
            today: self.on.unwrap_or_else(today),
            plan,
        })
    }

    fn cassette_path(&self, plan: &str) -> PathBuf {
        let default = || Path::new(CASSETTES).join(format!("{plan}.sqlite"));
        self.cassette.clone().unwrap_or_else(default)
    }

    /// The region whose prices hold.
    pub fn first_region(&self) -> Option<&str> {
        self.region.first().map(String::as_str)
    }

    /// The regions that are asked.
    pub fn regions(&self) -> Vec<String> {
        if self.region.is_empty() {
            return vec![REGION.to_owned()];
        }
        self.region.clone()
    }

    /// The command that records what is missing, and nothing else.
    pub fn recording_command(&self) -> String {
        let mut words = vec!["bedrock-replay run --mode record-missing".to_owned()];
        let mut option =
            |name: &str, value: &str| words.push(format!("--{name} {}", quoted(value)));
        if self.plan != Path::new(PLAN) {
            option("plan", &self.plan.display().to_string());
        }
        if let Some(cassette) = &self.cassette {
            option("cassette", &cassette.display().to_string());
        }
        self.model.iter().for_each(|model| option("model", model));
        self.scenario.iter().for_each(|id| option("scenario", id));
        words.join(" ")
    }
}

impl Loaded {
    /// What the cassette has of the plan, and what it has not.
    pub async fn survey(
        &self,
        region: Option<&str>,
        tier: Tier,
        speaking: Speaking,
    ) -> Result<Survey, Failure> {
        let surveyor = Surveyor {
            plan: &self.plan,
            cassette: &self.cassette,
            prices: &self.prices,
            today: self.today,
            region,
            tier,
            speaking,
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
            counted(plan.scenarios.len() as u64, "scenario"),
            counted(plan.models.len() as u64, "model"),
            counted(plan.turns.into(), "turn"),
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
