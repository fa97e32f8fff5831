//! What a person types.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrock_replay::Mode;
use bedrock_replay::bench::{MODEL_IDS_VARIABLE, Plan};
use bedrock_replay::environment::Environment;
use bedrock_replay::registry::Registry;
use bedrock_replay::upstream::{RegionSource, Timeouts, Upstream};
use bedrock_replay::words::quoted;
use clap::Args;
use jiff::civil::Date;

use super::checks::{self, Place};
use super::finding::{Finding, Level};
use super::lifecycle::{self, Oracle};
use super::settings::settings;
use crate::cli::config::Layers;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::planned::today;
use crate::cli::recording_command::{PLAN, RecordingCommand};
use crate::cli::regions::{DEFAULT_REGION, parse as region};
use crate::cli::values::{self, endpoint};

/// Where there is no plan.
const CASSETTE: &str = "cassettes/weekly.sqlite";
const BY_DEFAULT: &str =
    "default: neither --region, AWS_REGION, bedrock-replay.toml nor the AWS profile names another";
/// Nobody waits longer for a diagnosis.
const PATIENCE: Duration = Duration::from_secs(20);

/// Check what recording needs: cassette, region, credentials, endpoint, access to models.
///
/// Each line is ok, a warning (replay works) or a failure, with the fix. Plan, cassette, region
/// and endpoint are those of a `run`: flags, over variables, over `bedrock-replay.toml`.
/// Credentials are asked of the same sources as in a recording. A model is asked with an empty body: whether it may
/// be called is said before anything is generated, and nothing is paid.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    /// The cassette [default: cassettes/PLAN.sqlite]
    #[arg(long, value_name = "FILE")]
    cassette: Option<PathBuf>,

    /// The plan whose models are checked
    #[arg(long, value_name = "FILE", default_value = PLAN)]
    plan: PathBuf,

    /// Check this model, by id, in place of the plan's; may be repeated
    #[arg(long, value_name = "ID")]
    model: Vec<String>,

    /// The region, whatever environment and profile say; of several the first is asked [default: as AWS is configured, else us-east-1]
    #[arg(long, value_name = "REGION", value_delimiter = ',', value_parser = region)]
    region: Vec<String>,

    /// The endpoint, in place of the region's own
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    endpoint_url: Option<String>,

    /// As of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::date)]
    on: Option<Date>,

    /// Open no connection: leave out credentials, endpoint and models
    #[arg(long)]
    offline: bool,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay doctor
  bedrock-replay doctor --offline --cassette cassettes/weekly.sqlite
  bedrock-replay doctor --region eu-west-1 --model amazon.nova-lite-v1:0

Exit codes: 0 nothing fails (there may be warnings), 1 something fails";

impl Doctor {
    pub async fn run(self) -> Result<(), Failure> {
        let environment = Environment::of_process();
        let mut found = variables(&environment);
        let plan = self.plan(&environment, &mut found)?;
        if plan.is_none() {
            found.push(checks::no_plan(&self.plan));
        }
        let cassette = self.cassette_path(plan.as_ref());
        let recording = self.recording(plan.as_ref(), &cassette);
        found.push(checks::cassette(
            &cassette,
            self.cassette.is_some(),
            &recording,
        ));
        let level = if self.offline {
            Level::Warning
        } else {
            Level::Failure
        };
        let set = settings(&environment, level).await;
        // What is half set is not asked for: the chain would pass over it and look elsewhere.
        let is_askable = !self.offline && set.is_empty();
        found.extend(set);
        let models = self.models(plan.as_ref());
        let registry = match &plan {
            Some(plan) => plan.registry.clone(),
            None => Registry::beside(&self.plan).map_err(Failure::general)?,
        };
        let of_aws = self.of_aws(&environment, &models, &registry, is_askable);
        let (of_aws, oracle) = Box::pin(of_aws).await;
        found.extend(of_aws);
        let day = self.on.unwrap_or_else(today);
        found.extend(lifecycle::remarks(&registry, &models, day, oracle));
        for finding in &found {
            print(&finding.to_string())?;
        }
        if !is_askable {
            let why = if self.offline { " (offline)" } else { "" };
            anstream::eprintln!("note: credentials, endpoint and models were not asked{why}");
        }
        verdict(&found)
    }

    /// The plan, where there is one: a diagnosis needs none. Its models are those that the
    /// environment names, where it does.
    fn plan(
        &self,
        environment: &Environment,
        found: &mut Vec<Finding>,
    ) -> Result<Option<Plan>, Failure> {
        if self.plan == Path::new(PLAN) && !self.plan.exists() {
            return Ok(None);
        }
        let plan = Plan::load(&self.plan).map_err(Failure::general)?;
        let Some(list) = environment.get(MODEL_IDS_VARIABLE) else {
            return Ok(Some(plan));
        };
        match plan.clone().with_model_ids(list) {
            Ok(plan) => Ok(Some(plan)),
            Err(error) => {
                let fix =
                    format!("mend it, or unset {MODEL_IDS_VARIABLE} to ask the plan's models");
                found.push(Finding::failure(checks::MODEL, error.to_string(), fix));
                Ok(Some(plan))
            }
        }
    }

    /// As `run` finds it.
    fn cassette_path(&self, plan: Option<&Plan>) -> PathBuf {
        let default = || plan.map_or_else(|| PathBuf::from(CASSETTE), Plan::cassette);
        self.cassette.clone().unwrap_or_else(default)
    }

    /// What records a cassette that is not there: without a plan, somebody else's calls.
    fn recording(&self, plan: Option<&Plan>, cassette: &Path) -> String {
        if plan.is_none() {
            let cassette = cassette.to_string_lossy();
            let cassette = quoted(&cassette);
            return format!(
                "bedrock-replay exec --cassette {cassette} --mode record-missing -- COMMAND"
            );
        }
        RecordingCommand::new(Mode::RecordMissing, &self.plan)
            .path("cassette", self.cassette.as_deref())
            .line()
    }

    fn models(&self, plan: Option<&Plan>) -> Vec<String> {
        if !self.model.is_empty() {
            return self.model.clone();
        }
        let ids = plan.map(Plan::model_ids).unwrap_or_default();
        ids.into_iter().map(str::to_owned).collect()
    }

    async fn of_aws(
        &self,
        environment: &Environment,
        models: &[String],
        registry: &Registry,
        is_askable: bool,
    ) -> (Vec<Finding>, Oracle) {
        let loaded = self.upstream(environment, self.region.first()).await;
        let upstream = match loaded {
            Ok(upstream) => upstream,
            Err(finding) => return (vec![finding], Oracle::Registry),
        };
        let place = self.place(environment, &upstream, is_askable).await;
        let mut found = vec![place.finding()];
        if found.iter().any(|finding| finding.level == Level::Failure) {
            return (found, Oracle::Registry);
        }
        // From here on nobody else is asked for the region.
        let upstream = match self.upstream(environment, Some(&place.region)).await {
            Ok(upstream) => upstream,
            Err(finding) => return (vec![finding], Oracle::Registry),
        };
        if !is_askable {
            found.push(checks::endpoint(&upstream).await);
            return (found, Oracle::Registry);
        }
        let probe = upstream.probe().await;
        found.extend(checks::configuration(&probe));
        let may_ask = matches!(probe.identity, Some(Ok(_)));
        let (Ok(endpoint), true) = (&probe.endpoint, may_ask) else {
            return (found, Oracle::Registry);
        };
        let asked = checks::models(&upstream, endpoint, models, registry).await;
        let is_answered = asked.iter().any(|own| own.subject() == checks::MODEL);
        found.extend(asked);
        (found, Oracle::of(endpoint, is_answered))
    }

    /// The region that a run asks, and who says so.
    async fn place(
        &self,
        environment: &Environment,
        upstream: &Upstream,
        is_askable: bool,
    ) -> Place {
        let mut named = self.region.iter().cloned();
        if let Some(region) = named.next() {
            return Place {
                region,
                from: self.region_origin(environment),
                then: named.collect(),
            };
        }
        let known = match upstream.region() {
            Some(region) => Some((region.to_owned(), upstream.region_source())),
            // On a machine of AWS its metadata says it.
            None if is_askable => {
                let found = upstream.find_region().await;
                found.map(|region| (region, RegionSource::Machine))
            }
            None => None,
        };
        let (region, from) = match known {
            Some((region, source)) => (region, source.to_string()),
            None => (DEFAULT_REGION.to_owned(), BY_DEFAULT.to_owned()),
        };
        Place {
            region,
            from,
            then: Vec::new(),
        }
    }

    /// The command line's region may be the file's.
    fn region_origin(&self, environment: &Environment) -> String {
        let written = layers(environment).and_then(|layers| layers.written("region"));
        match written {
            Some((value, origin)) if value == self.region.join(",") => origin.to_string(),
            _ => "--region".to_owned(),
        }
    }

    async fn upstream(
        &self,
        environment: &Environment,
        region: Option<&String>,
    ) -> Result<Upstream, Finding> {
        let builder = Upstream::builder()
            .environment(environment.clone())
            .endpoint_url(self.endpoint_url.clone())
            .region(region.cloned())
            .timeouts(Timeouts {
                connect: Some(PATIENCE / 4),
                answer: Some(PATIENCE),
                silence: Some(PATIENCE),
            });
        builder
            .load()
            .await
            .map_err(|error| checks::misconfigured(&error))
    }
}

fn layers(environment: &Environment) -> Option<Layers> {
    let folder = std::env::current_dir().ok()?;
    Layers::read(&folder, environment.clone()).ok()
}

/// The variables that stop other commands.
fn variables(environment: &Environment) -> Vec<Finding> {
    let layers = layers(environment);
    let bad = layers.iter().flat_map(Layers::unusable);
    bad.map(|bad| {
        let fix = "mend it, or unset it: the commands that take it do not start";
        Finding::failure(checks::VARIABLE, bad.to_string(), fix)
    })
    .collect()
}

fn verdict(found: &[Finding]) -> Result<(), Failure> {
    let failures = found
        .iter()
        .filter(|finding| finding.level == Level::Failure);
    match failures.count() {
        0 => Ok(()),
        1 => Err(Failure::general("1 check failed")),
        count => Err(Failure::general(format!("{count} checks failed"))),
    }
}
