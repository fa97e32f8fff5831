//! What is known of a model by its id: how well it asks, and what it refuses.

use super::dialect::Refusal;
use super::dice::Dice;
use super::prompt::Prompt;

/// A model as the simulator plays it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Model {
    id: String,
    /// How well it asks, 0 to 1.
    pub skill: f64,
    /// What each further turn takes from its skill.
    pub decline: f64,
}

/// Families by a part of their ids, the more exact part first: skill and decline.
const FAMILIES: &[(&str, f64, f64)] = &[
    ("claude-opus", 0.97, 0.00),
    ("claude-3-opus", 0.95, 0.005),
    ("claude-sonnet", 0.94, 0.005),
    ("claude-3-7-sonnet", 0.93, 0.01),
    ("claude-3-5-sonnet", 0.92, 0.01),
    ("claude-3-sonnet", 0.86, 0.02),
    ("claude-haiku", 0.86, 0.02),
    ("claude-3-5-haiku", 0.80, 0.03),
    ("claude-3-haiku", 0.72, 0.04),
    ("claude", 0.70, 0.05),
    ("nova-premier", 0.82, 0.03),
    ("nova-pro", 0.74, 0.04),
    ("nova-lite", 0.58, 0.05),
    ("nova-micro", 0.50, 0.06),
    ("deepseek", 0.78, 0.03),
    ("gpt-oss-120b", 0.76, 0.03),
    ("mistral-large", 0.66, 0.05),
    ("405b", 0.76, 0.04),
    ("70b", 0.71, 0.045),
    ("mixtral", 0.56, 0.06),
    ("mistral", 0.52, 0.06),
    ("llama", 0.54, 0.06),
    ("titan", 0.44, 0.05),
];

/// Models that take no system prompt.
const WITHOUT_SYSTEM: [&str; 4] = [
    "titan-text",
    "mistral-7b-instruct",
    "mixtral-8x7b",
    "cohere.command-text",
];

impl Model {
    /// Reads an id, an inference profile's id or an ARN.
    pub(super) fn of(id: &str) -> Self {
        let known = FAMILIES.iter().find(|(part, _, _)| id.contains(part));
        let (skill, decline) = match known {
            Some((_, skill, decline)) => (*skill, *decline),
            None => unknown(id),
        };
        Self {
            id: id.to_owned(),
            skill,
            decline,
        }
    }

    /// The id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Refuses what this model does not take.
    pub(super) fn accept(&self, prompt: &Prompt) -> Result<(), Refusal> {
        let refuses_system = WITHOUT_SYSTEM.iter().any(|part| self.id.contains(part));
        if refuses_system && !prompt.system.is_empty() {
            return Err(Refusal("This model doesn't support system prompts. Try your request again without a system prompt, or with a model that supports it.".to_owned()));
        }
        Ok(())
    }
}

/// A model that no table knows: somewhere in the middle, always at the same place.
fn unknown(id: &str) -> (f64, f64) {
    let mut dice = Dice::of(&[b"model", id.as_bytes()]);
    let percent = u32::try_from(dice.below(46)).unwrap_or(0);
    let skill = 0.40 + f64::from(percent) / 100.0;
    (skill, (1.0 - skill) / 8.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stronger_families_ask_better() {
        let skills: Vec<f64> = [
            "anthropic.claude-3-opus-20240229-v1:0",
            "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
            "anthropic.claude-3-5-haiku-20241022-v1:0",
            "meta.llama3-1-70b-instruct-v1:0",
            "mistral.mistral-large-2407-v1:0",
            "meta.llama3-1-8b-instruct-v1:0",
            "amazon.titan-text-premier-v1:0",
        ]
        .into_iter()
        .map(|id| Model::of(id).skill)
        .collect();
        assert!(
            skills.windows(2).all(|pair| pair[0] > pair[1]),
            "{skills:?}"
        );
    }

    #[test]
    fn an_unknown_model_keeps_its_place() {
        let model = Model::of("acme.thinker-1");
        assert_eq!(model, Model::of("acme.thinker-1"));
        assert!((0.40..=0.86).contains(&model.skill));
    }
}
