//! Which plan, and how much of it.

use std::path::PathBuf;

use bedrock_replay::bench::{MODEL_IDS_VARIABLE, Plan};
use bedrock_replay::environment::Environment;
use clap::Args;

use super::exit_code;
use super::failure::Failure;
use super::recording_command::PLAN;

/// A plan, or some of it.
#[derive(Debug, Clone, Args)]
pub struct Chosen {
    /// The plan: models, scenarios, judge
    #[arg(long, value_name = "FILE", default_value = PLAN, alias = "scenarios")]
    pub plan: PathBuf,

    /// Only this model, by name or id; may be repeated
    #[arg(long, value_name = "MODEL")]
    pub model: Vec<String>,

    /// Only this scenario, by id; may be repeated
    #[arg(long, value_name = "ID")]
    pub scenario: Vec<String>,
}

impl Chosen {
    /// Reads the plan, with the models that the environment names in place of its own.
    pub fn load(&self) -> Result<Plan, Failure> {
        let plan = Plan::load(&self.plan).map_err(Failure::general)?;
        let plan = match Environment::of_process().get(MODEL_IDS_VARIABLE) {
            Some(list) => plan
                .with_model_ids(list)
                .map_err(|error| Failure::with_code(exit_code::USAGE, error))?,
            None => plan,
        };
        plan.select(&self.model, &self.scenario)
            .map_err(|unknown| Failure::with_code(exit_code::USAGE, unknown))
    }

    /// Whether some of the plan is left out, or other models take its place.
    pub fn is_a_selection(&self) -> bool {
        let is_named = Environment::of_process().get(MODEL_IDS_VARIABLE).is_some();
        is_named || !self.model.is_empty() || !self.scenario.is_empty()
    }
}
