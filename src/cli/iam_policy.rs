//! `bedrock-replay iam-policy`: the least that a role must be allowed.

use bedrock_replay::iam::{Document, Places, any_model_policy, policy, trust_policy};
use bedrock_replay::registry::ModelId;
use clap::Args;
use serde::Serialize;

use super::chosen::Chosen;
use super::failure::Failure;
use super::output::print;
use super::planned::today;
use super::regions::{self, DEFAULT_REGION};

/// Print the least IAM policy that is enough for a run, with or without streams.
///
/// For the plan's models (tutors, student, judge) or the ids that are named: their
/// foundation-model ARNs; for ids with an inference profile's prefix the profile's ARN and the
/// models behind it in every region that it may send to. Converse and InvokeModel need
/// bedrock:InvokeModel, streaming bedrock:InvokeModelWithResponseStream: both are allowed, though
/// a run without `--stream` needs the first only.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct IamPolicy {
    /// Model ids in place of the plan's
    #[arg(value_name = "ID", value_parser = model_id)]
    ids: Vec<String>,

    #[command(flatten)]
    chosen: Chosen,

    /// Region in which models are asked; may be repeated [default: as AWS is configured, else us-east-1]
    #[arg(long, value_name = "REGION", value_delimiter = ',', value_parser = regions::parse)]
    region: Vec<String>,

    /// The account whose inference profiles are used [default: any]
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Option<String>,

    /// A region that inference profiles send to, in place of the known ones; may be repeated
    #[arg(long, value_name = "REGION")]
    destination: Vec<String>,

    /// Print the trust and permission policies of a role that this account may take on; may
    /// be repeated
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    cross_account: Vec<String>,

    /// The external id that taking on the role asks for
    #[arg(long, value_name = "ID", requires = "cross_account")]
    external_id: Option<String>,

    /// Allow the role every foundation model, not only the plan's, and every inference profile
    /// where the plan asks by one
    #[arg(long, requires = "cross_account")]
    any_model: bool,
}

/// Both policies of a role in another account.
#[derive(Serialize)]
struct CrossAccount {
    trust_policy: Document,
    permissions_policy: Document,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay iam-policy > policy.json
  bedrock-replay iam-policy us.anthropic.claude-3-5-haiku-20241022-v1:0 --account 111122223333
  bedrock-replay iam-policy --region us-east-1 --region us-west-2
  bedrock-replay iam-policy --cross-account 987654321098 --external-id weekly-benchmark";

impl IamPolicy {
    pub async fn run(self) -> Result<(), Failure> {
        let plan = self.chosen.load()?;
        let ids: Vec<&str> = if self.ids.is_empty() {
            plan.model_ids()
        } else {
            self.ids.iter().map(String::as_str).collect()
        };
        for id in &ids {
            for remark in plan.registry.remarks(id, today()) {
                anstream::eprintln!("note: {id}: {remark}");
            }
        }
        let places = self.places().await?;
        let granted = if self.any_model {
            any_model_policy(&ids, &places)
        } else {
            policy(&ids, &plan.registry, &places).map_err(Failure::general)?
        };
        for note in &granted.notes {
            anstream::eprintln!("note: {note}");
        }
        let text = if self.cross_account.is_empty() {
            serde_json::to_string_pretty(&granted.document)
        } else {
            let region = places
                .regions
                .first()
                .map_or(DEFAULT_REGION, String::as_str);
            let trust = trust_policy(&self.cross_account, self.external_id.as_deref(), region);
            serde_json::to_string_pretty(&CrossAccount {
                trust_policy: trust,
                permissions_policy: granted.document,
            })
        };
        print(&text.map_err(Failure::general)?)
    }

    async fn places(&self) -> Result<Places, Failure> {
        Ok(Places {
            regions: regions::asked(&self.region).await,
            account: self.account.clone().unwrap_or_else(|| "*".to_owned()),
            destinations: self.destination.clone(),
        })
    }
}

/// A policy for what is no model allows nothing, and nobody would see that.
fn model_id(text: &str) -> Result<String, String> {
    if ModelId::parse(text).names_a_provider() {
        return Ok(text.to_owned());
    }
    let example = "us.anthropic.claude-3-5-haiku-20241022-v1:0";
    Err(format!(
        "expected a model id such as `{example}`, an inference profile or an ARN"
    ))
}

/// A wrong digit would trust a stranger.
fn account(text: &str) -> Result<String, String> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account {
        return Ok(text.to_owned());
    }
    Err("expected an AWS account of 12 digits".to_owned())
}
