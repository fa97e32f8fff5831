//! The options of a comparison.

use std::path::{Path, PathBuf};

use bedrock_replay::judge::{Points, Rubric};
use bedrock_replay::regression::{Anchors, ClusterBy, Guards, Options};
use clap::{Args, ValueEnum};

use super::material::{refuse, unusable};
use crate::cli::exit_code;
use crate::cli::failure::Failure;

/// By what a comparison is decided.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What decides")]
pub struct Rules {
    /// A shift inside ± this many points is none; less than half of the scale [default: a
    /// fortieth of it, .25 of 10; for a pairwise judge .1 of what a model gets of a contest]
    #[arg(long, value_name = "POINTS", value_parser = positive, allow_negative_numbers = true)]
    margin: Option<f64>,

    /// How often a shift may be found where there is none
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = inside, allow_negative_numbers = true)]
    alpha: f64,

    /// What belongs together; contests of a pairwise judge go by scenario and sample, or by
    /// scenario
    #[arg(long, value_enum, default_value_t = Clusters::Dialogue)]
    clusters: Clusters,

    /// Random flips where there are too many clusters for all of them
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..))]
    draws: u32,

    /// Where the generator of random flips starts
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// A turn passes with at least this score, one of the scale [default: the rubric's
    /// `compliance`]
    #[arg(long, value_name = "POINTS", allow_negative_numbers = true)]
    threshold: Option<Points>,

    /// Turns that moved most, as many as are shown
    #[arg(long, value_name = "N", default_value_t = 5)]
    movers: usize,

    /// Human labels, CSV or JSON lines: scenario, model, turn, overall
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,

    /// Guard: the most by which the share of turns without a score may rise
    #[arg(long, value_name = "SHARE", default_value = "0.02", value_parser = share)]
    max_unscored: f64,

    /// Guard: the most by which the share of answers that fail a check may rise
    #[arg(long, value_name = "SHARE", default_value = "0.02", value_parser = share)]
    max_parse_failures: f64,

    /// Guard of a pairwise judge: the most by which the share of contests whose orders disagree
    /// may rise [default: 0.1]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_position_bias: Option<f64>,

    /// Guard: the largest net share of turns that flip between pass and fail [default: 0.05]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_flips: Option<f64>,

    /// Guard: the least κ of both judges
    #[arg(long, value_name = "KAPPA", default_value = "0.6", value_parser = correlation, allow_negative_numbers = true)]
    min_kappa: f64,

    /// Guard: the least τ-b of the models' order [default: 0.6]
    #[arg(long, value_name = "TAU", value_parser = correlation, allow_negative_numbers = true)]
    min_tau: Option<f64>,

    /// Guard: the most by which κ with human labels may fall [default: 0.1]
    #[arg(long, value_name = "KAPPA", value_parser = share)]
    max_human_fall: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Clusters {
    /// The turns of a dialogue
    Dialogue,
    /// All dialogues of a scenario
    Scenario,
}

impl Rules {
    /// As the library has them.
    pub fn options(&self) -> Options {
        let usual = Guards::default();
        Options {
            margin: self.margin,
            alpha: self.alpha,
            clusters: match self.clusters {
                Clusters::Dialogue => ClusterBy::Dialogue,
                Clusters::Scenario => ClusterBy::Scenario,
            },
            draws: self.draws,
            seed: self.seed,
            threshold: self.threshold,
            movers: self.movers,
            guards: Guards {
                parse_failures: self.max_parse_failures,
                unscored: self.max_unscored,
                position: self.max_position_bias.unwrap_or(usual.position),
                flips: self.max_flips.unwrap_or(usual.flips),
                kappa: self.min_kappa,
                tau: self.min_tau.unwrap_or(usual.tau),
                human: self.max_human_fall.unwrap_or(usual.human),
            },
            ..Options::default()
        }
    }

    /// Refuses what means nothing to a pairwise judge.
    pub fn for_contests(&self) -> Result<(), Failure> {
        let labels = "human labels are scores";
        let passes = "a pairwise judge's verdicts neither pass nor fail";
        let order = "a pairwise judge gives no scores to order models by";
        for (is_given, option, why) in [
            (self.anchors.is_some(), "--anchors", labels),
            (self.max_human_fall.is_some(), "--max-human-fall", labels),
            (self.threshold.is_some(), "--threshold", passes),
            (self.max_flips.is_some(), "--max-flips", passes),
            (self.min_tau.is_some(), "--min-tau", order),
        ] {
            refuse(is_given, option, why)?;
        }
        Ok(())
    }

    /// Refuses what means nothing to a rubric's judge.
    pub fn for_scores(&self) -> Result<(), Failure> {
        if self.max_position_bias.is_none() {
            return Ok(());
        }
        let why = "--max-position-bias is for a pairwise judge: a rubric's judge is shown one turn";
        Err(Failure::with_code(exit_code::USAGE, why))
    }

    /// The human labels, where they are given.
    pub fn anchors(&self, rubric: &Rubric) -> Result<Option<Anchors>, Failure> {
        let load = |path: &Path| Anchors::load(path, rubric).map_err(unusable);
        self.anchors.as_deref().map(load).transpose()
    }
}

fn number(text: &str, expected: &str, holds: impl Fn(f64) -> bool) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| holds(*number));
    number.ok_or_else(|| format!("expected {expected}, found `{text}`"))
}

fn positive(text: &str) -> Result<f64, String> {
    number(text, "points, more than 0", |number| {
        number > 0.0 && number.is_finite()
    })
}

fn inside(text: &str) -> Result<f64, String> {
    number(text, "a share between 0 and 1, such as 0.05", |number| {
        number > 0.0 && number < 1.0
    })
}

fn share(text: &str) -> Result<f64, String> {
    number(text, "a share from 0 to 1, such as 0.02", |number| {
        (0.0..=1.0).contains(&number)
    })
}

fn correlation(text: &str) -> Result<f64, String> {
    number(text, "a number from -1 to 1", |number| {
        (-1.0..=1.0).contains(&number)
    })
}
