//! Variants of what a judge is asked that must not move its scores.

use std::fmt;

use serde::{Serialize, Serializer};

use super::folder::Judge;

/// White space that means nothing, behind the judged words.
const TRAILING: &str = "  \n";

/// What is asked otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Probe {
    /// White space follows the judged turn.
    TrailingSpace,
    /// The rubric's dimensions come in the reverse order.
    Order,
    /// The system prompt is one of the judge's paraphrases, by its name.
    Paraphrase(String),
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrailingSpace => f.pad("trailing-space"),
            Self::Order => f.pad("order"),
            Self::Paraphrase(name) => f.pad(&format!("paraphrase-{name}")),
        }
    }
}

impl Serialize for Probe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Probe {
    /// The judged text as this probe shows it.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        match self {
            Self::TrailingSpace => format!("{text}{TRAILING}"),
            Self::Order | Self::Paraphrase(_) => text.to_owned(),
        }
    }
}

impl Judge {
    /// Every probe that this judge can be put to, and the judge as it asks.
    #[must_use]
    pub fn probes(&self) -> Vec<(Probe, Self)> {
        let mut probes = vec![(Probe::TrailingSpace, self.clone())];
        if self.rubric.dimensions.len() > 1 {
            let mut reversed = self.clone();
            reversed.rubric.dimensions.reverse();
            probes.push((Probe::Order, reversed));
        }
        probes.extend(self.paraphrases.iter().map(|own| {
            let reworded = Self {
                system: own.system.clone(),
                ..self.clone()
            };
            (Probe::Paraphrase(own.name.clone()), reworded)
        }));
        probes
    }
}
