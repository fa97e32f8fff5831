//! One of two judges: what is known of it without the other.

use std::collections::BTreeMap;

use serde::Serialize;

use super::judged::{Judged, Unjudged, Verdicts};
use super::noise::Noise;
use super::probed::ProbeEvidence;
use crate::bench::{Share, TokenSum};
use crate::exchange::Provenance;
use crate::judge::Identity;
use crate::pricing::Money;

/// What a judge said, as often as it was asked, and who answered for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Who judged.
    pub judge: Identity,
    /// One for each time that every turn was judged; the first is compared.
    pub epochs: Vec<Judged>,
    /// Who gave the answers.
    pub provenance: Vec<Provenance>,
    /// What it said of probes, where that is recorded.
    pub probes: Vec<ProbeEvidence>,
}

/// One of the two judges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Who judged.
    pub judge: Identity,
    /// Turns that it was asked about.
    pub asked: u32,
    /// Turns that it scored.
    pub scored: u32,
    /// Answers that failed a check.
    pub parse_failures: Share,
    /// Turns without a score, failed calls included.
    pub unscored: Share,
    /// Why they have none.
    pub reasons: BTreeMap<String, u32>,
    /// What its calls used.
    pub tokens: TokenSum,
    /// What they cost in US dollars, where somebody who knows prices has said it.
    pub cost_usd: Option<Money>,
    /// What repeated judgments differ by, where there are any.
    pub noise: Option<Noise>,
    /// Who gave the answers: `live`, `simulated`.
    pub provenance: Vec<String>,
}

impl Side {
    /// What is known of a judge without the other, and its first epoch.
    pub(super) fn of(evidence: Evidence) -> (Self, Option<Judged>) {
        let noise = Noise::of(&evidence.epochs);
        let mut tokens = TokenSum::default();
        for turn in evidence.epochs.iter().flat_map(|epoch| &epoch.turns) {
            match turn.tokens {
                Some(own) => {
                    tokens.calls += 1;
                    tokens.sum += own;
                }
                None if is_answered(&turn.verdict) => tokens.untold += 1,
                None => {}
            }
        }
        let judge = evidence.judge;
        let first = evidence.epochs.into_iter().next();
        let empty = Vec::new();
        let turns = first.as_ref().map_or(&empty, |first| &first.turns);
        let asked = || {
            turns
                .iter()
                .filter(|turn| by(&turn.verdict) != Some(Unjudged::Tutor))
        };
        let mut reasons = BTreeMap::new();
        for turn in asked() {
            if let Verdicts::Unscored { label, .. } = &turn.verdict {
                *reasons.entry(label.clone()).or_default() += 1;
            }
        }
        let scored = Share::of(asked().map(|turn| by(&turn.verdict).is_none()));
        let side = Self {
            judge,
            asked: scored.whole(),
            scored: scored.part(),
            parse_failures: Share::of(
                asked().map(|turn| by(&turn.verdict) == Some(Unjudged::Answer)),
            ),
            unscored: Share::of(asked().map(|turn| by(&turn.verdict).is_some())),
            reasons,
            tokens,
            cost_usd: None,
            noise,
            provenance: evidence
                .provenance
                .iter()
                .map(ToString::to_string)
                .collect(),
        };
        (side, first)
    }
}

pub(super) fn by(verdict: &Verdicts) -> Option<Unjudged> {
    match verdict {
        Verdicts::Scored { .. } => None,
        Verdicts::Unscored { by, .. } => Some(*by),
    }
}

fn is_answered(verdict: &Verdicts) -> bool {
    matches!(by(verdict), None | Some(Unjudged::Answer))
}
