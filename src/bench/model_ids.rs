//! `BEDROCK_MODEL_IDS`: the models of a run, in place of the plan's.

use super::plan::{Model, ModelsBy, Plan};
use super::scenario::is_name;
use crate::registry::{ModelId, Recognised, Registry};

/// The variable: a JSON list of model ids.
pub const MODEL_IDS_VARIABLE: &str = "BEDROCK_MODEL_IDS";

/// A value that is no such list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{MODEL_IDS_VARIABLE}: expected a JSON list of model ids such as `[\"meta.llama3-1-70b-instruct-v1:0\"]`, found {found}"
)]
pub struct ModelIdsError {
    found: String,
}

/// Looks at a value without a plan.
///
/// # Errors
/// [`ModelIdsError`] where it is no JSON list of ids, or an empty one.
pub fn check_model_ids(list: &str) -> Result<(), ModelIdsError> {
    read(list).map(drop)
}

impl Plan {
    /// The plan with the models of a JSON list in place of its own. Ids that the plan has keep
    /// their names there; others take theirs from the registry.
    ///
    /// # Errors
    /// [`ModelIdsError`] where it is no list of ids, or an empty one.
    pub fn with_model_ids(mut self, list: &str) -> Result<Self, ModelIdsError> {
        let ids = read(list)?;
        let mut models: Vec<Model> = Vec::with_capacity(ids.len());
        for id in ids {
            let mut model = self.model_of(&id);
            let taken = |name: &str| models.iter().any(|other| other.name == name);
            // Two ids of one model, such as its profiles for two continents.
            if taken(&model.name) {
                model.name = name_of(&id);
            }
            if !models.iter().any(|other| other.id == model.id) {
                models.push(model);
            }
        }
        self.models = models;
        self.models_by = ModelsBy::Variable;
        Ok(self)
    }

    fn model_of(&self, id: &str) -> Model {
        let own = self.models.iter().find(|model| model.id == id);
        own.cloned().unwrap_or_else(|| model(&self.registry, id))
    }
}

/// A model by its id as written, named by the registry where that knows it.
pub(super) fn model(registry: &Registry, id: &str) -> Model {
    let (name, label) = match registry.recognise(&ModelId::parse(id)) {
        Recognised::Known(entry) | Recognised::Alias(entry, _) => {
            (entry.name.clone(), entry.label.clone())
        }
        Recognised::Unknown { .. } => (name_of(id), id.to_owned()),
    };
    Model {
        id: id.to_owned(),
        name,
        label,
    }
}

/// A name that may be part of a scope and a file name.
fn name_of(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let name: String = last
        .chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() || "-_.".contains(letter) => letter,
            _ => '-',
        })
        .collect();
    if is_name(&name) {
        name
    } else {
        format!("model-{}", name.trim_start_matches(['-', '_', '.']))
    }
}

fn read(list: &str) -> Result<Vec<String>, ModelIdsError> {
    let found = |found: &str| ModelIdsError {
        found: found.to_owned(),
    };
    let ids: Vec<String> = serde_json::from_str(list).map_err(|_| found(&format!("`{list}`")))?;
    if ids.is_empty() {
        return Err(found("an empty list"));
    }
    if ids.iter().any(|id| id.trim().is_empty()) {
        return Err(found("an empty id"));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_any_id() {
        for (id, name) in [
            ("acme.big-v1:0", "acme.big-v1-0"),
            (
                "arn:aws:bedrock:us-east-1:1:application-inference-profile/x1",
                "x1",
            ),
            (":0", "model-0"),
        ] {
            assert_eq!(name_of(id), name);
            assert!(is_name(&name_of(id)));
        }
    }

    #[test]
    fn what_is_no_list_is_named() {
        for list in ["", "meta.llama", "[]", "[1]", "{}", "[\"\"]"] {
            let error = read(list).unwrap_err().to_string();
            assert!(
                error.starts_with("BEDROCK_MODEL_IDS: expected a JSON list"),
                "{error}"
            );
        }
    }
}
