//! Which resources a plan's models are, and who may ask for them.

use super::document::{Document, Statement};
use crate::registry::{ModelId, Profile, Registry};

/// Converse and InvokeModel need the first, their streaming forms the second.
const ACTIONS: [&str; 2] = [
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
];

/// Where models are asked, and from which account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The regions, in the order in which they are asked.
    pub regions: Vec<String>,
    /// The account whose inference profiles are used; `*` where it is not named.
    pub account: String,
    /// Where profiles of unknown reach send requests.
    pub destinations: Vec<String>,
}

/// A policy, and what is worth knowing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The policy.
    pub document: Document,
    /// What it cannot know.
    pub notes: Vec<String>,
}

/// An inference profile of which nobody knows where it sends requests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{id}`: expected a known inference profile, found `{prefix}` (name its regions with --destination REGION, or in models.toml under [[profiles]])"
)]
pub struct Unreachable {
    id: String,
    prefix: String,
}

/// The least that running these models needs.
///
/// # Errors
/// [`Unreachable`]
pub fn policy(ids: &[&str], registry: &Registry, places: &Places) -> Result<Granted, Unreachable> {
    let mut resources = Resources::default();
    for id in ids {
        resources.add(&ModelId::parse(id), registry, places)?;
    }
    let mut statements = Vec::new();
    if !resources.models.is_empty() {
        statements.push(Statement::allow(&ACTIONS, resources.models));
    }
    if !resources.profiles.is_empty() {
        statements.push(Statement::allow(&ACTIONS, resources.profiles.clone()));
    }
    if !resources.behind.is_empty() {
        // Without the condition the models could be asked past their profile.
        let behind = Statement::allow(&ACTIONS, resources.behind);
        statements.push(behind.only_if(
            "StringLike",
            "bedrock:InferenceProfileArn",
            resources.profiles,
        ));
    }
    Ok(Granted {
        document: Document::new(statements),
        notes: resources.notes,
    })
}

/// Who may take on the role, and with which secret word; `region` is one that is asked, and tells
/// which of AWS's partitions all this is in.
#[must_use]
pub fn trust_policy(accounts: &[String], external_id: Option<&str>, region: &str) -> Document {
    let partition = partition(region);
    let roots = accounts
        .iter()
        .map(|account| format!("arn:{partition}:iam::{account}:root"));
    let mut statement = Statement::allow(&["sts:AssumeRole"], Vec::new()).to(roots.collect());
    if let Some(id) = external_id {
        statement = statement.only_if("StringEquals", "sts:ExternalId", vec![id.to_owned()]);
    }
    Document::new(vec![statement])
}

/// Every foundation model of every region of the partition of the first region that is asked,
/// with every inference profile of the account where one of these models is asked by a profile.
#[must_use]
pub fn any_model_policy(ids: &[&str], places: &Places) -> Granted {
    let partition = places
        .regions
        .first()
        .map_or("aws", |region| partition(region));
    let mut all = Resources::default();
    push(
        &mut all.models,
        format!("arn:{partition}:bedrock:*::foundation-model/*"),
    );
    for id in ids.iter().map(|id| ModelId::parse(id)) {
        if id.profile().is_some() {
            let account = all.account_of(&id, places);
            push(
                &mut all.models,
                format!("arn:{partition}:bedrock:*:{account}:inference-profile/*"),
            );
        } else if id.names_no_model() {
            push(&mut all.models, id.written().to_owned());
        }
    }
    Granted {
        document: Document::new(vec![Statement::allow(&ACTIONS, all.models)]),
        notes: all.notes,
    }
}

#[derive(Default)]
struct Resources {
    /// Asked by their own id.
    models: Vec<String>,
    profiles: Vec<String>,
    /// The models behind the profiles.
    behind: Vec<String>,
    notes: Vec<String>,
}

impl Resources {
    fn add(
        &mut self,
        id: &ModelId,
        registry: &Registry,
        places: &Places,
    ) -> Result<(), Unreachable> {
        match id.profile() {
            Some(prefix) => self.add_profile(id, prefix, registry, places),
            None if id.is_arn() => {
                self.add_arn(id);
                Ok(())
            }
            None => {
                for region in &places.regions {
                    push(&mut self.models, model_arn(region, id.base()));
                }
                Ok(())
            }
        }
    }

    fn add_arn(&mut self, id: &ModelId) {
        let written = id.written();
        if written.contains(":application-inference-profile/") {
            self.notes.push(format!(
                "{written}: the models behind this application profile have to be allowed as well"
            ));
        }
        push(&mut self.models, written.to_owned());
    }

    /// Whose inference profile is used.
    fn account_of(&mut self, id: &ModelId, places: &Places) -> String {
        let account = id.account().unwrap_or(&places.account);
        if account == "*" {
            let note = "an inference profile of any account is allowed (name yours with --account)";
            push(&mut self.notes, note.to_owned());
        }
        account.to_owned()
    }

    fn add_profile(
        &mut self,
        id: &ModelId,
        prefix: &str,
        registry: &Registry,
        places: &Places,
    ) -> Result<(), Unreachable> {
        let sources = match id.region() {
            Some(region) => vec![region.to_owned()],
            None => places.regions.clone(),
        };
        let account = self.account_of(id, places);
        for region in &sources {
            let partition = partition(region);
            push(
                &mut self.profiles,
                format!(
                    "arn:{partition}:bedrock:{region}:{account}:inference-profile/{prefix}.{}",
                    id.base()
                ),
            );
        }
        let mut destinations = match registry.profile(prefix) {
            _ if !places.destinations.is_empty() => places.destinations.clone(),
            Some(Profile::Regions(regions)) => {
                push(
                    &mut self.notes,
                    format!(
                        "models behind {prefix}. profiles are allowed in every region that one of them is sent to; yours may need fewer (aws bedrock get-inference-profile names them, --destination takes them)"
                    ),
                );
                regions.to_vec()
            }
            // The ARN without a region stands for wherever the request is sent.
            Some(Profile::Anywhere) => vec![String::new()],
            None => {
                return Err(Unreachable {
                    id: id.written().to_owned(),
                    prefix: format!("{prefix}."),
                });
            }
        };
        destinations.extend(
            sources
                .into_iter()
                .filter(|_| places.destinations.is_empty()),
        );
        for region in &destinations {
            push(&mut self.behind, model_arn(region, id.base()));
        }
        Ok(())
    }
}

fn push(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}

fn model_arn(region: &str, model: &str) -> String {
    format!(
        "arn:{}:bedrock:{region}::foundation-model/{model}",
        partition(region)
    )
}

/// Sovereign regions are partitions of their own.
fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("us-gov-") => "aws-us-gov",
        region if region.starts_with("cn-") => "aws-cn",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn places() -> Places {
        Places {
            regions: vec!["us-east-1".to_owned()],
            account: "111122223333".to_owned(),
            destinations: Vec::new(),
        }
    }

    fn granted(ids: &[&str], places: &Places) -> Value {
        let registry = Registry::shipped().unwrap();
        let granted = policy(ids, &registry, places).unwrap();
        serde_json::to_value(granted.document).unwrap()
    }

    #[test]
    fn a_profile_needs_itself_and_the_models_behind_it_in_every_destination() {
        let haiku = "anthropic.claude-3-5-haiku-20241022-v1:0";
        let profile =
            format!("arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{haiku}");
        let behind = |region: &str| format!("arn:aws:bedrock:{region}::foundation-model/{haiku}");
        let document = granted(&[&format!("us.{haiku}")], &places());
        let statements = document["Statement"].as_array().unwrap();
        assert_eq!(statements.len(), 2);
        assert_eq!(statements[0]["Resource"], json!(profile));
        assert_eq!(
            statements[1]["Resource"],
            json!([
                behind("us-east-1"),
                behind("us-east-2"),
                behind("us-west-2")
            ])
        );
        assert_eq!(
            statements[1]["Condition"],
            json!({ "StringLike": { "bedrock:InferenceProfileArn": [profile] } })
        );
    }

    #[test]
    fn a_global_profile_reaches_the_model_without_a_region() {
        let document = granted(&["global.anthropic.claude-x-v1:0"], &places());
        assert_eq!(
            document["Statement"][1]["Resource"],
            json!([
                "arn:aws:bedrock:::foundation-model/anthropic.claude-x-v1:0",
                "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x-v1:0",
            ])
        );
    }

    #[test]
    fn a_profile_of_unknown_reach_is_refused_until_its_regions_are_named() {
        let registry = Registry::shipped().unwrap();
        let mut places = places();
        let ids = ["ca.meta.llama-x-v1:0"];
        let error = policy(&ids, &registry, &places).unwrap_err().to_string();
        assert!(error.contains("--destination REGION"), "{error}");
        places.destinations = vec!["ca-central-1".to_owned()];
        let document = granted(&ids, &places);
        assert_eq!(
            document["Statement"][1]["Resource"],
            json!("arn:aws:bedrock:ca-central-1::foundation-model/meta.llama-x-v1:0")
        );
    }

    #[test]
    fn each_region_of_a_fallback_is_allowed() {
        let mut places = places();
        places.regions = vec!["us-east-1".to_owned(), "us-gov-west-1".to_owned()];
        let document = granted(&["meta.llama3-1-8b-instruct-v1:0"], &places);
        assert_eq!(
            document["Statement"][0]["Resource"],
            json!([
                "arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-1-8b-instruct-v1:0",
                "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/meta.llama3-1-8b-instruct-v1:0",
            ])
        );
    }

    #[test]
    fn a_secret_word_guards_a_role_of_another_account() {
        let accounts = ["111122223333".to_owned(), "444455556666".to_owned()];
        let trust =
            serde_json::to_value(trust_policy(&accounts, Some("word"), "us-east-1")).unwrap();
        let statement = &trust["Statement"][0];
        assert_eq!(
            statement["Principal"]["AWS"],
            json!([
                "arn:aws:iam::111122223333:root",
                "arn:aws:iam::444455556666:root"
            ])
        );
        assert_eq!(
            statement["Condition"],
            json!({ "StringEquals": { "sts:ExternalId": ["word"] } })
        );
        assert_eq!(statement["Action"], "sts:AssumeRole");
    }
}
