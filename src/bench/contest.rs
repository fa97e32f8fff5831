//! Two models' answers to the same, put before a pairwise judge. Values only: `contesting` fills
//! them in.

use serde::Serialize;

use super::scenario::Scenario;
use super::transcript::{Transcript, Unscored, is_cut};
use crate::judge::{Contender, PairSubject, Preference, Speaker, SubjectTurn, Tokens, Unit};

/// Which answers: the same turn, or the whole dialogue, of two models.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ContestKey {
    /// The scenario's id.
    pub scenario: String,
    /// Which of several dialogues of the same kind.
    pub sample: u32,
    /// The turn, counted from 1; none where whole dialogues are compared.
    pub turn: Option<u32>,
    /// The model that stands first in the plan.
    pub one: String,
    /// The other.
    pub other: String,
}

impl std::fmt::Display for ContestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            scenario,
            sample,
            turn,
            one,
            other,
        } = self;
        write!(f, "{scenario} · {one} and {other} · ")?;
        if *sample > 0 {
            write!(f, "sample {sample} · ")?;
        }
        match turn {
            Some(turn) => write!(f, "turn {turn}"),
            None => write!(f, "whole dialogue"),
        }
    }
}

/// In which order the two are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As the key names them.
    Named,
    /// The other way round.
    Swapped,
}

impl Order {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Named, Self::Swapped];

    /// As the scope of a call has it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Swapped => "swapped",
        }
    }
}

/// What a pairwise judge said of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Choosing {
    /// It chose.
    Chosen {
        /// The checked answer.
        preference: Preference,
        /// What the call used, where it was told.
        tokens: Option<Tokens>,
    },
    /// There is no verdict.
    Unscored {
        /// Why.
        #[serde(serialize_with = "label_of")]
        reason: Unscored,
        /// What the call used, where it was told.
        tokens: Option<Tokens>,
    },
}

fn label_of<S: serde::Serializer>(reason: &Unscored, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&reason.label())
}

impl Choosing {
    /// The verdict, if there is one.
    #[must_use]
    pub const fn preference(&self) -> Option<&Preference> {
        match self {
            Self::Chosen { preference, .. } => Some(preference),
            Self::Unscored { .. } => None,
        }
    }

    /// Why there is none.
    #[must_use]
    pub const fn unscored(&self) -> Option<&Unscored> {
        match self {
            Self::Chosen { .. } => None,
            Self::Unscored { reason, .. } => Some(reason),
        }
    }

    /// What the call used, where it was told.
    #[must_use]
    pub const fn tokens(&self) -> Option<Tokens> {
        match self {
            Self::Chosen { tokens, .. } | Self::Unscored { tokens, .. } => *tokens,
        }
    }
}

/// Two answers to the same, and what a judge said of them in both orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    /// Which answers.
    pub key: ContestKey,
    /// What the judge is shown, in the order of the key.
    pub subject: PairSubject,
    /// Shown as the key names them.
    pub named: Choosing,
    /// Shown the other way round.
    pub swapped: Choosing,
}

/// Contests before they are judged, and what has no opponent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contests {
    /// In the order of the dialogues.
    pub contests: Vec<Unheard>,
    /// Answers that no other model has one to.
    pub alone: Vec<String>,
}

/// A contest that no judge has heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheard {
    /// Which answers.
    pub key: ContestKey,
    /// What a judge is shown.
    pub subject: PairSubject,
    /// An answer was cut by the plan's `max_tokens`: what it would have asked is not known.
    pub is_cut: bool,
}

/// An answer that may be compared.
struct Entry {
    turn: Option<u32>,
    contender: Contender,
    is_cut: bool,
}

impl Contests {
    /// Every answer of every model held against the same of every other.
    #[must_use]
    pub fn of(unit: Unit, scenarios: &[Scenario], transcripts: &[Transcript]) -> Self {
        let mut contests = Self::default();
        for scenario in scenarios {
            let own = |transcript: &&Transcript| transcript.scenario == scenario.id;
            let own: Vec<&Transcript> = transcripts.iter().filter(own).collect();
            let entries: Vec<Vec<Entry>> = own.iter().map(|one| entries(unit, one)).collect();
            for (at, transcript) in own.iter().enumerate() {
                contests.meet(scenario, &own, &entries, at);
                contests.leave_alone(transcript, &own, &entries, at);
            }
        }
        contests
    }

    /// Holds one dialogue against those that come after it.
    fn meet(
        &mut self,
        scenario: &Scenario,
        own: &[&Transcript],
        entries: &[Vec<Entry>],
        at: usize,
    ) {
        let (one, first) = (own[at], &entries[at]);
        for (other, second) in own.iter().zip(entries).skip(at + 1) {
            if other.sample != one.sample || other.model == one.model {
                continue;
            }
            for entry in first {
                let Some(met) = second.iter().find(|met| met.turn == entry.turn) else {
                    continue;
                };
                self.contests.push(Unheard {
                    key: ContestKey {
                        scenario: scenario.id.clone(),
                        sample: one.sample,
                        turn: entry.turn,
                        one: one.model.clone(),
                        other: other.model.clone(),
                    },
                    subject: PairSubject {
                        scenario: scenario.subject(),
                        turn: entry.turn,
                        first: entry.contender.clone(),
                        second: met.contender.clone(),
                    },
                    is_cut: entry.is_cut || met.is_cut,
                });
            }
        }
    }

    fn leave_alone(
        &mut self,
        transcript: &Transcript,
        own: &[&Transcript],
        entries: &[Vec<Entry>],
        at: usize,
    ) {
        let is_met = |entry: &Entry| {
            own.iter().zip(entries).any(|(other, met)| {
                other.sample == transcript.sample
                    && other.model != transcript.model
                    && met.iter().any(|met| met.turn == entry.turn)
            })
        };
        for entry in entries[at].iter().filter(|entry| !is_met(entry)) {
            let turn = entry.turn.map(|turn| format!(" · turn {turn}"));
            let turn = turn.unwrap_or_default();
            self.alone.push(format!("{}{turn}", transcript.name()));
        }
    }
}

fn entries(unit: Unit, transcript: &Transcript) -> Vec<Entry> {
    let mut dialogue: Vec<SubjectTurn> = Vec::new();
    let mut entries = Vec::new();
    let mut is_any_cut = false;
    for turn in &transcript.turns {
        let Some(answer) = turn.answer() else {
            continue;
        };
        let said = |speaker, text: &str| SubjectTurn {
            speaker,
            text: text.to_owned(),
        };
        dialogue.push(said(
            Speaker::Student,
            turn.student.text().unwrap_or_default(),
        ));
        let is_cut = is_cut(&answer.stop_reason);
        is_any_cut |= is_cut;
        if unit == Unit::Turns {
            entries.push(Entry {
                turn: Some(turn.turn),
                contender: Contender {
                    dialogue: dialogue.clone(),
                    tutor_turn: Some(answer.text.clone()),
                },
                is_cut,
            });
        }
        dialogue.push(said(Speaker::Tutor, &answer.text));
    }
    if unit == Unit::Dialogues && !dialogue.is_empty() {
        entries.push(Entry {
            turn: None,
            contender: Contender {
                dialogue,
                tutor_turn: None,
            },
            is_cut: is_any_cut,
        });
    }
    entries
}
