//! What must not get worse, whatever the mean does.

use std::fmt;

use serde::Serialize;

use super::agreement::{Agreement, Standing};
use super::flips::Flips;
use super::limits::Guards;
use super::metric::Metric;
use super::ranking::{ModelPair, Ranking};
use super::side::Side;
use crate::statistics::probability;

/// Which guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// Answers that fail a check.
    ParseFailures,
    /// Turns without a score.
    Unscored,
    /// Verdicts of a pairwise judge that follow the position.
    Position,
    /// Passes and fails.
    Flips,
    /// Agreement of both judges.
    Kappa,
    /// The models' order.
    Tau,
    /// The best model.
    Winner,
    /// Agreement with human labels.
    Human,
    /// Variants that must not move scores.
    Probes,
}

impl Guard {
    /// Those of a rubric's judge.
    pub const ALL: [Self; 8] = [
        Self::ParseFailures,
        Self::Unscored,
        Self::Flips,
        Self::Kappa,
        Self::Tau,
        Self::Winner,
        Self::Human,
        Self::Probes,
    ];

    /// Those of a pairwise judge.
    pub const PAIRWISE: [Self; 5] = [
        Self::ParseFailures,
        Self::Unscored,
        Self::Position,
        Self::Kappa,
        Self::Winner,
    ];

    /// Whether it counts facts: no sample is too small for those.
    #[must_use]
    pub const fn is_fact(self) -> bool {
        matches!(self, Self::ParseFailures | Self::Unscored)
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ParseFailures => "parse failures",
            Self::Unscored => "unscored share",
            Self::Position => "position bias",
            Self::Flips => "flips",
            Self::Kappa => "κ",
            Self::Tau => "τ",
            Self::Winner => "winner",
            Self::Human => "human agreement",
            Self::Probes => "probes",
        })
    }
}

/// A guard that broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Which.
    pub guard: Guard,
    /// What was found, and what would have been allowed.
    pub detail: String,
}

/// What guards look at.
pub(super) struct Watched<'a> {
    pub a: &'a Side,
    pub b: &'a Side,
    pub overall: &'a Metric,
    pub flips: &'a Flips,
    pub ranking: &'a Ranking,
    pub human: Option<&'a Agreement>,
    pub alpha: f64,
}

impl Guards {
    pub(super) fn broken(&self, watched: &Watched) -> Vec<Broken> {
        let found = [
            (Guard::ParseFailures, self.parse_failures(watched)),
            (Guard::Unscored, self.unscored(watched)),
            (Guard::Flips, self.flips(watched)),
            (Guard::Kappa, self.kappa(watched.overall)),
            (Guard::Tau, self.tau(watched.ranking)),
            (Guard::Winner, winner(watched.ranking)),
            (Guard::Human, self.human(watched.human)),
        ];
        let broken = found.into_iter();
        broken
            .filter_map(|(guard, detail)| {
                let detail = detail?;
                Some(Broken { guard, detail })
            })
            .collect()
    }

    fn parse_failures(&self, watched: &Watched) -> Option<String> {
        let share = |side: &Side| side.parse_failures.value().unwrap_or(0.0);
        let (a, b) = (share(watched.a), share(watched.b));
        risen("answers that fail a check", a, b, self.parse_failures)
    }

    fn unscored(&self, watched: &Watched) -> Option<String> {
        let share = |side: &Side| side.unscored.value().unwrap_or(0.0);
        let (a, b) = (share(watched.a), share(watched.b));
        risen("turns without a score", a, b, self.unscored)
    }

    fn flips(&self, watched: &Watched) -> Option<String> {
        let flips = watched.flips;
        let turns = f64::from(flips.a.share.whole());
        let net = f64::from(flips.to_fail.abs_diff(flips.to_pass)) / turns;
        // McNemar takes turns for independent: one dialogue alone could break the guard.
        let p = flips.sign_flip?.p;
        (net > self.flips && p < watched.alpha).then(|| {
            format!(
                "pass→fail {}, fail→pass {}: net {} of turns, at most {} allowed (cluster sign-flip p {})",
                flips.to_fail,
                flips.to_pass,
                percent(net),
                percent(self.flips),
                probability(p)
            )
        })
    }

    pub(super) fn kappa(&self, overall: &Metric) -> Option<String> {
        let (kappa, interval) = (overall.kappa?, overall.kappa_interval?);
        (interval.high < self.kappa).then(|| {
            format!(
                "κ of both judges {kappa:.2}, at most {:.2}; at least {:.2} expected",
                interval.high, self.kappa
            )
        })
    }

    fn tau(&self, ranking: &Ranking) -> Option<String> {
        let tau = ranking.tau.filter(|tau| *tau < self.tau)?;
        let reversed = ranking.pairs.iter().find(|pair| pair.is_reversed())?;
        Some(format!(
            "τ-b {tau:.2}, at least {:.2} expected: {} and {} changed places, and the baseline knows their order",
            self.tau, reversed.first, reversed.second
        ))
    }

    fn human(&self, human: Option<&Agreement>) -> Option<String> {
        let human = human?;
        let (a, b) = (human.a.kappa?, human.b.kappa?);
        let is_broken = a - b > self.human && human.standing == Standing::Further;
        is_broken.then(|| {
            format!(
                "κ with human labels {a:.2} → {b:.2}, a fall of at most {:.2} allowed",
                self.human
            )
        })
    }
}

pub(super) fn risen(what: &str, a: f64, b: f64, allowed: f64) -> Option<String> {
    // A share is a ratio of counts: what lies under the tolerance is rounding.
    (b - a > allowed + 1e-9).then(|| {
        format!(
            "{what} {} → {}, a rise of at most {} allowed",
            percent(a),
            percent(b),
            percent(allowed)
        )
    })
}

fn winner(ranking: &Ranking) -> Option<String> {
    let (before, after) = (ranking.winner_a.as_ref()?, ranking.winner_b.as_ref()?);
    let is_known = ranking
        .between(before, after)
        .is_some_and(ModelPair::is_reversed);
    (before != after && is_known)
        .then(|| format!("{before} → {after}, and the baseline knows their order"))
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
