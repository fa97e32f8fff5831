//! What the registry knows against a model, before it is asked.

use bedrock_replay::registry::{Registry, Remark};
use bedrock_replay::upstream::Endpoint;
use jiff::civil::Date;

use super::checks::MODEL;
use super::finding::Finding;

/// Who says whether an id is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oracle {
    /// Bedrock, which was asked.
    Bedrock,
    /// What answers on this machine, such as the simulator: it has no models that are past.
    ThisMachine,
    /// The registry alone.
    Registry,
}

impl Oracle {
    /// Who said it: what answers at an endpoint, else the registry.
    pub fn of(endpoint: &Endpoint, is_answered: bool) -> Self {
        match (is_answered, endpoint.is_loopback()) {
            (false, _) => Self::Registry,
            (true, false) => Self::Bedrock,
            (true, true) => Self::ThisMachine,
        }
    }
}

/// A warning for each model that will not answer for long, or is no model.
pub fn remarks(
    registry: &Registry,
    models: &[String],
    today: Date,
    oracle: Oracle,
) -> Vec<Finding> {
    let told = |id: &String| {
        let remarks = registry.remarks(id, today).into_iter();
        let findings = remarks.filter_map(|remark| {
            let fix = fix(&remark, id, oracle)?;
            Some(Finding::warning(MODEL, format!("{id}: {remark}"), fix))
        });
        findings.collect::<Vec<_>>()
    };
    models.iter().flat_map(told).collect()
}

fn fix(remark: &Remark, id: &str, oracle: Oracle) -> Option<String> {
    match remark {
        // A model that is new to the registry is nothing wrong where Bedrock knows it.
        Remark::Unknown { nearest: None } if oracle != Oracle::Registry => None,
        // Its calls do not fail here.
        Remark::Ended { .. } | Remark::Legacy { .. } if oracle == Oracle::ThisMachine => None,
        Remark::Unknown { nearest: None } => Some(
            "look at its spelling; where there are credentials, Bedrock is asked whether it has it"
                .to_owned(),
        ),
        Remark::NoProvider { nearest: None } => Some(
            "write a model's id or ARN (`bedrock-replay models list` has those that are known)"
                .to_owned(),
        ),
        Remark::Unknown { .. }
        | Remark::NoProvider { .. }
        | Remark::Alias { .. }
        | Remark::NoProfile { .. } => Some("write the id that is meant into the plan".to_owned()),
        Remark::Ended { .. } => Some(format!(
            "`bedrock-replay models check {id}` names its dates; choose a later model for what is not recorded"
        )),
        Remark::Legacy { .. } => Some("record what is missing while it answers".to_owned()),
    }
}
