//! What was said and what it scored, without what changes from one recording to the next.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bench::{Judging, Transcript, Turn, TutorTurn};
use crate::judge::Judgment;

/// A dialogue, for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StableTranscript {
    /// The scenario's id.
    pub scenario: String,
    /// The model's short name.
    pub model: String,
    /// Which of several dialogues of the same kind.
    #[serde(skip_serializing_if = "is_first")]
    pub sample: u32,
    /// What was said, turn after turn.
    pub turns: Vec<StableTurn>,
}

/// A turn, for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StableTurn {
    /// Counted from 1.
    pub turn: u32,
    /// The student's line.
    pub student: Said,
    /// The tutor's answer.
    pub tutor: Said,
    /// What the answer scored; `None` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<StableJudging>,
}

/// Somebody's words, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Said {
    /// The words.
    Text(String),
    /// Why nothing was said, in a few words.
    Nothing {
        /// The reason's short name.
        nothing: String,
    },
}

/// A judgment, for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum StableJudging {
    /// The scores with their reasons.
    Judged(Judgment),
    /// An answer without a score.
    Unscored {
        /// The reason's short name.
        unscored: String,
    },
}

impl StableTranscript {
    /// What of a transcript stays the same.
    #[must_use]
    pub fn of(transcript: &Transcript) -> Self {
        Self {
            scenario: transcript.scenario.clone(),
            model: transcript.model.clone(),
            sample: transcript.sample,
            turns: transcript.turns.iter().map(StableTurn::of).collect(),
        }
    }

    /// Its judgments alone, by `SCENARIO/model/sample · turn 1`.
    #[must_use]
    pub fn judgments(&self) -> BTreeMap<String, StableJudging> {
        let Self {
            scenario,
            model,
            sample,
            turns,
        } = self;
        let named = |turn: &StableTurn| {
            let place = format!("{scenario}/{model}/{sample} · turn {}", turn.turn);
            Some((place, turn.judge.clone()?))
        };
        turns.iter().filter_map(named).collect()
    }
}

impl StableTurn {
    fn of(turn: &Turn) -> Self {
        let silent = || turn.not_answered().unwrap_or_default();
        Self {
            turn: turn.turn,
            student: Said::or(turn.student.text(), silent),
            tutor: Said::or(words(&turn.tutor), silent),
            judge: StableJudging::of(&turn.judge),
        }
    }
}

/// A filter's words are an answer too, to whoever reads it.
fn words(tutor: &TutorTurn) -> Option<&str> {
    match tutor {
        TutorTurn::Answered(answer) => Some(&answer.text),
        TutorTurn::Blocked { text, .. } => Some(text),
        _ => None,
    }
}

impl Said {
    fn or(text: Option<&str>, why_not: impl Fn() -> String) -> Self {
        match text {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Nothing { nothing: why_not() },
        }
    }

    /// The words, if there are any.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nothing { .. } => None,
        }
    }
}

impl StableJudging {
    fn of(judging: &Judging) -> Option<Self> {
        match judging {
            Judging::Judged { judgment, .. } => Some(Self::Judged(judgment.clone())),
            Judging::Unscored { reason, .. } => Some(Self::Unscored {
                unscored: reason.label(),
            }),
            Judging::NotAnswered => None,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_first(sample: &u32) -> bool {
    *sample == 0
}
