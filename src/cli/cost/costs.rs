//! Everything that is known of a plan's costs.

use bedrock_replay::bench::{SeedCost, Survey};
use bedrock_replay::pricing::Tier;
use clap::ValueEnum;

use super::sum::Sum;
use crate::cli::planned::Loaded;

/// How it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Input, output and prompt cache
    Full,
    /// Output tokens only, all at the judge's price
    Seed,
}

/// Everything that is shown.
pub struct Costs<'a> {
    pub method: Method,
    /// Whether it is all that the plan asks for.
    pub is_whole: bool,
    pub tier: Tier,
    pub loaded: &'a Loaded,
    pub survey: &'a Survey,
    pub region: &'a str,
    pub seed: SeedCost,
    pub rows: Vec<(String, Sum)>,
    pub total: Sum,
}
