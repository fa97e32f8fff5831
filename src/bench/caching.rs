//! What a plan that asks for the prompt cache does not get of it.

use std::collections::BTreeMap;
use std::fmt;

use super::plan::Plan;
use super::scenario::Student;
use super::survey::CHARACTERS_PER_TOKEN;
use crate::registry::CacheLifetime;

/// Why a model's system prompts are not cached as the plan asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncached {
    /// It has no cache that is known.
    NoCache {
        /// The id that is sent.
        model: String,
    },
    /// None of its system prompts is long enough.
    TooShort {
        /// The id that is sent.
        model: String,
        /// Tokens of the longest one, by the rule of thumb of every estimate.
        tokens: u64,
        /// From how many on it caches.
        minimum: u32,
    },
    /// It keeps them, and not so long.
    Briefly {
        /// The id that is sent.
        model: String,
        /// How long it keeps them.
        kept: CacheLifetime,
    },
}

impl fmt::Display for Uncached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCache { model } => {
                write!(f, "{model} has no prompt cache that models.toml knows of")
            }
            Self::TooShort {
                model,
                tokens,
                minimum,
            } => write!(
                f,
                "nothing is cached for {model}: its longest system prompt has about {tokens} tokens, and it caches from {minimum} on"
            ),
            Self::Briefly { model, kept } => {
                write!(f, "{model} keeps a cached prompt for {} only", kept.name())
            }
        }
    }
}

impl Plan {
    /// For which of its models the prompt cache that it asks for does less than that.
    #[must_use]
    pub fn uncached(&self) -> Vec<Uncached> {
        let Some(wanted) = self.prompt_cache else {
            return Vec::new();
        };
        let longest = self.longest_prompts().into_iter();
        longest
            .filter_map(|(model, characters)| self.why_uncached(model, characters, wanted))
            .collect()
    }

    fn why_uncached(
        &self,
        model: &str,
        characters: usize,
        wanted: CacheLifetime,
    ) -> Option<Uncached> {
        let model = model.to_owned();
        let Some(cache) = &self.quirks(&model).prompt_cache else {
            return Some(Uncached::NoCache { model });
        };
        let tokens = (characters as u64).div_ceil(CHARACTERS_PER_TOKEN);
        let minimum = cache.minimum_tokens.unwrap_or(0);
        if tokens < u64::from(minimum) {
            return Some(Uncached::TooShort {
                model,
                tokens,
                minimum,
            });
        }
        let kept = cache.kept_for(wanted);
        (kept < wanted).then_some(Uncached::Briefly { model, kept })
    }

    /// Characters of the longest system prompt of each model that is sent one by Converse.
    fn longest_prompts(&self) -> BTreeMap<&str, usize> {
        let mut longest = BTreeMap::new();
        let mut note = |model, prompt: &str| {
            let own = longest.entry(model).or_insert(0);
            *own = prompt.chars().count().max(*own);
        };
        for scenario in &self.scenarios {
            for model in &self.models {
                note(&*model.id, &scenario.tutor_prompt);
            }
            if let (Student::Played(prompt), Some(player)) = (&scenario.student, &self.player) {
                note(&*player.model, prompt);
            }
        }
        longest
    }
}
