//! Two judges' verdicts side by side. What finds no partner is listed, never dropped.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use super::judged::{Judged, JudgedTurn, TurnKey};

/// A turn that both judges were asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What the baseline said.
    pub a: JudgedTurn,
    /// What the candidate said.
    pub b: JudgedTurn,
}

impl Pair {
    /// Which turn.
    #[must_use]
    pub fn key(&self) -> &TurnKey {
        &self.a.key
    }
}

/// Why a turn has no partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyUnpaired {
    /// Only the baseline was asked about it.
    OnlyBaseline,
    /// Only the candidate was asked about it.
    OnlyCandidate,
    /// They were shown different words.
    OtherText,
    /// One side holds it twice.
    Twice,
}

impl fmt::Display for WhyUnpaired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OnlyBaseline => "only the baseline has it",
            Self::OnlyCandidate => "only the candidate has it",
            Self::OtherText => "the judged text or its context differs",
            Self::Twice => "it is there twice",
        })
    }
}

/// A turn without a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unpaired {
    /// Which turn.
    #[serde(flatten)]
    pub key: TurnKey,
    /// Why.
    pub why: WhyUnpaired,
}

/// Two judges' verdicts side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairing {
    /// In the baseline's order.
    pub pairs: Vec<Pair>,
    /// The baseline's first, then the candidate's.
    pub unpaired: Vec<Unpaired>,
}

impl Pairing {
    /// Pairs turns of the same key whose judged text and context are the same.
    #[must_use]
    pub fn of(a: Judged, b: Judged) -> Self {
        let mut pairing = Self::default();
        let mut left: HashMap<TurnKey, JudgedTurn> = HashMap::with_capacity(b.turns.len());
        let mut order = Vec::with_capacity(b.turns.len());
        for turn in b.turns {
            order.push(turn.key.clone());
            if let Some(twice) = left.insert(turn.key.clone(), turn) {
                pairing.leave(twice.key, WhyUnpaired::Twice);
                order.pop();
            }
        }
        for turn in a.turns {
            match left.remove(&turn.key) {
                Some(other) if other.digest == turn.digest => {
                    pairing.pairs.push(Pair { a: turn, b: other });
                }
                Some(other) => pairing.leave(other.key, WhyUnpaired::OtherText),
                None if pairing.has(&turn.key) => pairing.leave(turn.key, WhyUnpaired::Twice),
                None => pairing.leave(turn.key, WhyUnpaired::OnlyBaseline),
            }
        }
        let alone = order.into_iter().filter(|key| left.contains_key(key));
        for key in alone {
            pairing.leave(key, WhyUnpaired::OnlyCandidate);
        }
        pairing
    }

    fn leave(&mut self, key: TurnKey, why: WhyUnpaired) {
        self.unpaired.push(Unpaired { key, why });
    }

    /// A dialogue's turns follow each other, so that a double one stands near its first.
    fn has(&self, key: &TurnKey) -> bool {
        self.pairs.iter().rev().any(|pair| pair.key() == key)
    }
}
