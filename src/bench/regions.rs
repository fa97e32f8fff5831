//! Where a call may go, and where the calls of a dialogue were answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::registry::ModelId;

/// The regions of a list that are asked for a model, in its order. The id is sent as the plan
/// writes it: another profile would be another request, at another price, and would take what
/// is said to a part of the world that nobody named. So regions that cannot have the id are
/// left out; where none can, the first one is asked, and says why.
pub(crate) fn asked_for<'a>(regions: &'a [String], model: &str) -> Vec<&'a String> {
    let id = ModelId::parse(model);
    let fitting: Vec<&String> = regions
        .iter()
        .filter(|region| id.may_be_had_in(region))
        .collect();
    if fitting.is_empty() {
        return regions.iter().take(1).collect();
    }
    fitting
}

/// What becomes of a list of regions for one model that not all of them can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionsOfModel<'a> {
    /// Its id, as the plan writes it.
    pub model: &'a str,
    /// The regions that are asked, in their order: never none.
    pub asked: Vec<&'a str>,
    /// Those that cannot have the id.
    pub left_out: Vec<&'a str>,
    /// Whether the ones that are asked can have it; else the first of all is asked, and refuses.
    pub is_had: bool,
}

impl<'a> RegionsOfModel<'a> {
    /// The models that some of these regions cannot have.
    #[must_use]
    pub fn left_out(models: impl IntoIterator<Item = &'a str>, regions: &'a [String]) -> Vec<Self> {
        let of = |model| Self::of(model, regions);
        models.into_iter().filter_map(of).collect()
    }

    fn of(model: &'a str, regions: &'a [String]) -> Option<Self> {
        let id = ModelId::parse(model);
        let asked = asked_for(regions, model);
        let others = regions.iter().filter(|region| !asked.contains(region));
        let own = Self {
            model,
            is_had: id.may_be_had_in(asked.first()?),
            left_out: others.map(String::as_str).collect(),
            asked: asked.into_iter().map(String::as_str).collect(),
        };
        (!own.is_had || !own.left_out.is_empty()).then_some(own)
    }
}

/// Calls by the region that answered them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answered(Arc<Mutex<BTreeMap<String, u32>>>);

impl Answered {
    /// Counts a call; one of unknown region is not counted.
    pub(crate) fn count(&self, region: Option<String>) {
        if let Some(region) = region {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(region).or_default() += 1;
        }
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u32> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_of_one_part_of_the_world_is_asked_for_there_only() {
        let regions = ["us-east-1", "eu-west-1", "us-west-2"].map(str::to_owned);
        let of = |model| asked_for(&regions, model);
        assert_eq!(of("meta.x-v1:0").len(), 3);
        assert_eq!(of("us.meta.x-v1:0"), ["us-east-1", "us-west-2"]);
        assert_eq!(of("eu.meta.x-v1:0"), ["eu-west-1"]);
        assert_eq!(of("jp.meta.x-v1:0"), ["us-east-1"], "whose answer says why");
    }
}
