//! One of two pairwise judges: what is known of it without the other.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bias::{ClusteredShare, PositionBias};
use super::heard::PairwiseEvidence;
use super::panel::clusters;
use super::ruling::Ruling;
use crate::bench::{Choosing, Contest, Share, TokenSum, Unscored};
use crate::judge::Identity;
use crate::pricing::Money;
use crate::regression::options::Options;
use crate::statistics::{Clustered, Interval, wilson_clustered};

/// How a model did in the contests that both orders agree on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelWins {
    /// The model's short name.
    pub model: String,
    /// Contests won in both orders.
    pub wins: u32,
    /// Lost in both.
    pub losses: u32,
    /// A tie in both.
    pub ties: u32,
    /// Contests of which the orders disagree; they are in no rate.
    pub biased: u32,
    /// Wins and half the ties, of all that both orders agree on.
    pub rate: Option<f64>,
    /// Its interval (Wilson, effective sample size).
    pub interval: Option<Interval>,
}

/// One of two pairwise judges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairwiseSide {
    /// Who judged.
    pub judge: Identity,
    /// Contests, cut ones included.
    pub contests: usize,
    /// Contests with a verdict in both orders.
    pub decided: usize,
    /// Contests with a verdict in one order only: no result.
    pub one_order: usize,
    /// Contests of which a tutor was cut: no judge was asked.
    pub tutor_cut: usize,
    /// Calls that brought no verdict, of all that were asked.
    pub unscored: Share,
    /// Answers that failed a check, of all that were asked.
    pub parse_failures: Share,
    /// Why there is no verdict.
    pub reasons: BTreeMap<String, u32>,
    /// Whether it looks at the answers or at their places.
    pub bias: PositionBias,
    /// The models, the best first.
    pub models: Vec<ModelWins>,
    /// What its calls used.
    pub tokens: TokenSum,
    /// What they cost in US dollars, where somebody who knows prices has said it.
    pub cost_usd: Option<Money>,
    /// Who gave the answers: `live`, `simulated`.
    pub provenance: Vec<String>,
}

impl PairwiseSide {
    /// What is known of a judge without another.
    #[must_use]
    pub fn of(evidence: &PairwiseEvidence, options: &Options) -> Self {
        let contests = &evidence.contests;
        let is_cut = |contest: &&Contest| contest.named.unscored() == Some(&Unscored::AnswerCut);
        let asked = || contests.iter().filter(|own| !is_cut(own)).flat_map(orders);
        let mut reasons = BTreeMap::new();
        for reason in asked().filter_map(Choosing::unscored) {
            *reasons.entry(reason.label()).or_default() += 1;
        }
        let is_rejected =
            |said: &Choosing| matches!(said.unscored(), Some(Unscored::Rejected { .. }));
        let one_order = contests.iter().filter(|own| {
            orders(own)
                .iter()
                .filter(|said| said.preference().is_some())
                .count()
                == 1
        });
        Self {
            judge: evidence.judge.clone(),
            contests: contests.len(),
            decided: contests.iter().filter_map(Ruling::of).count(),
            one_order: one_order.count(),
            tutor_cut: contests.iter().filter(is_cut).count(),
            unscored: Share::of(asked().map(|said| said.unscored().is_some())),
            parse_failures: Share::of(asked().map(is_rejected)),
            reasons,
            bias: PositionBias::of(contests, options),
            models: models(contests, options),
            tokens: tokens(contests),
            cost_usd: None,
            provenance: evidence
                .provenance
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// The model that is ahead, and alone so.
    #[must_use]
    pub fn winner(&self) -> Option<&str> {
        let [best, next, ..] = self.models.as_slice() else {
            return None;
        };
        (best.rate? > next.rate?).then_some(best.model.as_str())
    }
}

fn orders(contest: &Contest) -> [&Choosing; 2] {
    [&contest.named, &contest.swapped]
}

fn tokens(contests: &[Contest]) -> TokenSum {
    let mut tokens = TokenSum::default();
    for said in contests.iter().flat_map(orders) {
        match said.tokens() {
            Some(own) => {
                tokens.calls += 1;
                tokens.sum += own;
            }
            None if !matches!(
                said.unscored(),
                Some(Unscored::AnswerCut | Unscored::CallFailed(_))
            ) =>
            {
                tokens.untold += 1;
            }
            None => {}
        }
    }
    tokens
}

fn models(contests: &[Contest], options: &Options) -> Vec<ModelWins> {
    let mut names: Vec<&str> = Vec::new();
    for key in contests.iter().map(|contest| &contest.key) {
        for name in [key.one.as_str(), key.other.as_str()] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut models: Vec<ModelWins> = names
        .into_iter()
        .map(|name| wins(name, contests, options))
        .collect();
    // One without a rate comes last.
    let rate = |own: &ModelWins| own.rate.unwrap_or(-1.0);
    models.sort_by(|one, other| {
        let by_rate = rate(other).total_cmp(&rate(one));
        by_rate.then_with(|| one.model.cmp(&other.model))
    });
    models
}

fn wins(model: &str, contests: &[Contest], options: &Options) -> ModelWins {
    let own = contests
        .iter()
        .filter(|contest| contest.key.one == model || contest.key.other == model);
    let (mut wins, mut losses, mut ties, mut biased) = (0, 0, 0, 0);
    let mut values: Vec<Vec<f64>> = Vec::new();
    for group in clusters(own, |contest: &Contest| &contest.key, options.clusters) {
        let mut own = Vec::new();
        for (contest, ruling) in group
            .iter()
            .filter_map(|contest| Some((contest, Ruling::of(contest)?)))
        {
            let is_one = contest.key.one == model;
            match (ruling, is_one) {
                (Ruling::One, true) | (Ruling::Other, false) => {
                    wins += 1;
                    own.push(1.0);
                }
                (Ruling::One, false) | (Ruling::Other, true) => {
                    losses += 1;
                    own.push(0.0);
                }
                (Ruling::Tie, _) => {
                    ties += 1;
                    own.push(0.5);
                }
                (Ruling::Follows(_) | Ruling::Wavers(_), _) => biased += 1,
            }
        }
        values.push(own);
    }
    let data = Clustered::of(values);
    ModelWins {
        model: model.to_owned(),
        wins,
        losses,
        ties,
        biased,
        rate: data.mean(),
        interval: wilson_clustered(&data, options.confidence()),
    }
}

impl PairwiseSide {
    /// A share of its calls or contests, for a guard.
    pub(super) fn share(share: Share) -> f64 {
        share.value().unwrap_or(0.0)
    }

    /// The share of contests of which the orders disagree.
    pub(super) fn inconsistent(consistent: ClusteredShare) -> f64 {
        consistent.share.value().map_or(0.0, |share| 1.0 - share)
    }
}
