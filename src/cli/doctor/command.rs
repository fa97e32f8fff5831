//! What a person types.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrock_replay::bench::Plan;
use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::{Timeouts, Upstream};
use clap::Args;

use super::checks;
use super::finding::{Finding, Level};
use crate::cli::failure::Failure;
use crate::cli::output::print;

const PLAN: &str = "scenarios/weekly.toml";
const CASSETTES: &str = "cassettes";
/// Nobody waits longer for a diagnosis.
const PATIENCE: Duration = Duration::from_secs(20);

/// Check what recording needs: cassette, region, credentials, endpoint, access to models.
///
/// Each line is ok, a warning (replay works) or a failure, with the fix. Credentials are asked
/// of the same sources as in a recording. A model is asked with an empty body: whether it may
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

    /// The region, whatever environment and profile say
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// The endpoint, in place of the region's own
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,

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
        let plan = self.load_plan()?;
        let mut found = vec![checks::cassette(
            &self.cassette_path(plan.as_ref()),
            self.cassette.is_some(),
        )];
        found.extend(Box::pin(self.of_aws(plan.as_ref())).await);
        for finding in &found {
            print(&finding.to_string())?;
        }
        if self.offline {
            anstream::eprintln!("note: credentials, endpoint and models were not asked (offline)");
        }
        verdict(&found)
    }

    /// The plan, where there is one: a diagnosis needs none.
    fn load_plan(&self) -> Result<Option<Plan>, Failure> {
        if self.plan == Path::new(PLAN) && !self.plan.exists() {
            return Ok(None);
        }
        Plan::load(&self.plan).map(Some).map_err(Failure::general)
    }

    fn cassette_path(&self, plan: Option<&Plan>) -> PathBuf {
        let name = plan.map_or("weekly", |plan| plan.name.as_str());
        let default = || Path::new(CASSETTES).join(format!("{name}.sqlite"));
        self.cassette.clone().unwrap_or_else(default)
    }

    fn models(&self, plan: Option<&Plan>) -> Vec<String> {
        if !self.model.is_empty() {
            return self.model.clone();
        }
        let ids = plan.map(Plan::model_ids).unwrap_or_default();
        ids.into_iter().map(str::to_owned).collect()
    }

    async fn of_aws(&self, plan: Option<&Plan>) -> Vec<Finding> {
        let upstream = match self.upstream().await {
            Ok(upstream) => upstream,
            Err(finding) => return vec![finding],
        };
        if self.offline {
            return vec![checks::without_asking(&upstream)];
        }
        let probe = upstream.probe().await;
        let mut found = checks::configuration(&probe);
        let may_ask = matches!(probe.identity, Some(Ok(_)));
        if let (Ok(endpoint), true) = (&probe.endpoint, may_ask) {
            let models = self.models(plan);
            found.extend(checks::models(&upstream, endpoint.url(), &models).await);
        }
        found
    }

    async fn upstream(&self) -> Result<Upstream, Finding> {
        let builder = Upstream::builder()
            .environment(Environment::of_process())
            .endpoint_url(self.endpoint_url.clone())
            .region(self.region.clone())
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
