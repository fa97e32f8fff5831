//! What the registry knows against a model, before it is asked.

use bedrock_replay::registry::{Registry, Remark};
use jiff::civil::Date;

use super::checks::MODEL;
use super::finding::Finding;

/// A warning for each model that will not answer for long, or is no model.
pub fn remarks(registry: &Registry, models: &[String], today: Date) -> Vec<Finding> {
    let told = |id: &String| {
        let remarks = registry.remarks(id, today).into_iter();
        let findings = remarks.filter_map(|remark| {
            let fix = fix(&remark, id)?;
            Some(Finding::warning(MODEL, format!("{id}: {remark}"), fix))
        });
        findings.collect::<Vec<_>>()
    };
    models.iter().flat_map(told).collect()
}

fn fix(remark: &Remark, id: &str) -> Option<String> {
    match remark {
        // A model that is new to the registry is nothing wrong: Bedrock is asked.
        Remark::Unknown { nearest: None } => None,
        Remark::Unknown { .. } | Remark::Alias { .. } => {
            Some("write the id that is meant into the plan".to_owned())
        }
        Remark::Ended { .. } => Some(format!(
            "`bedrock-replay models check {id}` names its dates; choose a later model for what is not recorded"
        )),
        Remark::Legacy { .. } => Some("record what is missing while it answers".to_owned()),
    }
}
