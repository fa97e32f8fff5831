//! What pairwise judges said of contests, and two of them side by side.

use std::collections::HashMap;

use serde::Serialize;

use crate::bench::{Contest, ContestKey};
use crate::exchange::Provenance;
use crate::judge::{Identity, Unit};
use crate::regression::pairing::WhyUnpaired;

/// What a pairwise judge said, and who answered for it.
#[derive(Debug, Clone, PartialEq)]
pub struct PairwiseEvidence {
    /// Who judged.
    pub judge: Identity,
    /// What is held against each other.
    pub compares: Unit,
    /// Every contest, judged.
    pub contests: Vec<Contest>,
    /// Answers without an opponent.
    pub alone: Vec<String>,
    /// Who gave the answers.
    pub provenance: Vec<Provenance>,
}

/// A contest that both judges were asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestPair {
    /// What the baseline said.
    pub a: Contest,
    /// What the candidate said.
    pub b: Contest,
}

/// A contest without a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnpairedContest {
    /// Which.
    #[serde(flatten)]
    pub key: ContestKey,
    /// Why.
    pub why: WhyUnpaired,
}

/// Pairs contests of the same key whose judged texts are the same. What finds no partner is
/// listed, never dropped.
pub(super) fn pair(a: Vec<Contest>, b: Vec<Contest>) -> (Vec<ContestPair>, Vec<UnpairedContest>) {
    let (mut pairs, mut unpaired) = (Vec::new(), Vec::new());
    let mut leave = |key: ContestKey, why| unpaired.push(UnpairedContest { key, why });
    let mut left: HashMap<ContestKey, Contest> = HashMap::with_capacity(b.len());
    let mut order = Vec::with_capacity(b.len());
    for contest in b {
        let key = contest.key.clone();
        match left.insert(key.clone(), contest) {
            Some(_) => leave(key, WhyUnpaired::Twice),
            None => order.push(key),
        }
    }
    for contest in a {
        match left.remove(&contest.key) {
            Some(other) if other.subject == contest.subject => {
                pairs.push(ContestPair {
                    a: contest,
                    b: other,
                });
            }
            Some(other) => leave(other.key, WhyUnpaired::OtherText),
            None => leave(contest.key, WhyUnpaired::OnlyBaseline),
        }
    }
    for key in order {
        if left.contains_key(&key) {
            leave(key, WhyUnpaired::OnlyCandidate);
        }
    }
    (pairs, unpaired)
}
