//! The dialogues of a plan, one after the other, without holding them all.

use crate::bench::plan::Plan;

/// Which dialogue of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) scenario: usize,
    pub(super) model: usize,
    pub(super) sample: u32,
}

/// Every dialogue, in the order of a run.
pub(super) fn places(plan: &Plan) -> impl Iterator<Item = Place> {
    let (models, samples) = (plan.models.len(), plan.samples);
    (0..plan.scenarios.len()).flat_map(move |scenario| {
        (0..models).flat_map(move |model| {
            (0..samples).map(move |sample| Place {
                scenario,
                model,
                sample,
            })
        })
    })
}

/// The scope of a dialogue's calls.
pub(super) fn scope(plan: &Plan, place: Place) -> String {
    let (scenario, model) = (
        &plan.scenarios[place.scenario].id,
        &plan.models[place.model].name,
    );
    format!("{scenario}/{model}/{}", place.sample)
}
