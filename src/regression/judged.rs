//! What one judge said of every answered turn.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::bench::{Judging, Scenario, Transcript, Turn, Unscored};
use crate::judge::{Identity, Judge, Judgment, Rubric, Speaker, Subject, SubjectTurn, Tokens};

/// Which turn of which dialogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TurnKey {
    /// The scenario's id.
    pub scenario: String,
    /// The model's short name.
    pub model: String,
    /// Which of several dialogues of the same kind.
    pub sample: u32,
    /// The turn, counted from 1.
    pub turn: u32,
}

impl fmt::Display for TurnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scenario,
            model,
            sample,
            turn,
        } = self;
        write!(f, "{scenario} · {model} · ")?;
        if *sample > 0 {
            write!(f, "sample {sample} · ")?;
        }
        write!(f, "turn {turn}")
    }
}

/// What a judge said of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Verdicts {
    /// It scored it.
    Scored {
        /// The checked judgment.
        judgment: Judgment,
    },
    /// There is no score.
    Unscored {
        /// Whose doing that is.
        by: Unjudged,
        /// A short name to count by.
        label: String,
        /// The whole story.
        detail: String,
    },
}

/// Why a turn has no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unjudged {
    /// The tutor was cut: no judge was asked.
    Tutor,
    /// The judge's call failed.
    Call,
    /// The judge's answer failed a check.
    Answer,
}

/// A turn and what a judge said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedTurn {
    /// Which turn.
    pub key: TurnKey,
    /// SHA-256 of the judged text with all that the judge was shown beside it.
    pub digest: [u8; 32],
    /// What the student had said.
    pub student: String,
    /// What was judged.
    pub tutor: String,
    /// What the judge said.
    pub verdict: Verdicts,
    /// What the call used, where it was told.
    pub tokens: Option<Tokens>,
}

impl JudgedTurn {
    /// The judgment, if there is one.
    #[must_use]
    pub fn judgment(&self) -> Option<&Judgment> {
        match &self.verdict {
            Verdicts::Scored { judgment } => Some(judgment),
            Verdicts::Unscored { .. } => None,
        }
    }
}

/// All that one judge said.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Who judged.
    pub identity: Identity,
    /// By which rubric.
    pub rubric: Rubric,
    /// The answered turns, dialogue after dialogue.
    pub turns: Vec<JudgedTurn>,
}

impl Judged {
    /// Takes a judge's verdicts out of transcripts. Turns without an answer are left out: there
    /// is nothing to judge.
    #[must_use]
    pub fn of(judge: &Judge, scenarios: &[Scenario], transcripts: &[Transcript]) -> Self {
        let by_id: BTreeMap<&str, &Scenario> = scenarios
            .iter()
            .map(|scenario| (scenario.id.as_str(), scenario))
            .collect();
        let mut turns = Vec::new();
        for transcript in transcripts {
            if let Some(scenario) = by_id.get(transcript.scenario.as_str()) {
                turns.extend(of_dialogue(scenario, transcript));
            }
        }
        Self {
            identity: judge.identity(),
            rubric: judge.rubric.clone(),
            turns,
        }
    }
}

/// Every answered turn as a judge is shown it.
#[must_use]
pub fn subjects(scenarios: &[Scenario], transcripts: &[Transcript]) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for transcript in transcripts {
        let mut all = scenarios.iter();
        if let Some(own) = all.find(|scenario| scenario.id == transcript.scenario) {
            subjects.extend(
                subjects_of(own, transcript)
                    .into_iter()
                    .map(|(_, subject)| subject),
            );
        }
    }
    subjects
}

/// Answered turns with what a judge is shown of them.
fn subjects_of<'a>(scenario: &Scenario, transcript: &'a Transcript) -> Vec<(&'a Turn, Subject)> {
    let mut dialogue = Vec::new();
    let mut subjects = Vec::new();
    for turn in &transcript.turns {
        let Some(answer) = turn.answer() else {
            continue;
        };
        let student = turn.student.text().unwrap_or_default();
        dialogue.push(said(Speaker::Student, student));
        let subject = Subject {
            scenario: scenario.subject(),
            dialogue: dialogue.clone(),
            tutor_turn: answer.text.clone(),
            turn: turn.turn,
        };
        subjects.push((turn, subject));
        dialogue.push(said(Speaker::Tutor, &answer.text));
    }
    subjects
}

fn of_dialogue(scenario: &Scenario, transcript: &Transcript) -> Vec<JudgedTurn> {
    let judged = |(turn, subject): (&Turn, Subject)| {
        let (verdict, tokens) = verdict(turn);
        JudgedTurn {
            key: TurnKey {
                scenario: transcript.scenario.clone(),
                model: transcript.model.clone(),
                sample: transcript.sample,
                turn: turn.turn,
            },
            digest: digest(&subject),
            student: turn.student.text().unwrap_or_default().to_owned(),
            tutor: subject.tutor_turn,
            verdict,
            tokens,
        }
    };
    let subjects = subjects_of(scenario, transcript).into_iter();
    subjects.map(judged).collect()
}

fn said(speaker: Speaker, text: &str) -> SubjectTurn {
    SubjectTurn {
        speaker,
        text: text.to_owned(),
    }
}

fn verdict(turn: &Turn) -> (Verdicts, Option<Tokens>) {
    match &turn.judge {
        Judging::Judged { judgment, tokens } => {
            let judgment = judgment.clone();
            (Verdicts::Scored { judgment }, *tokens)
        }
        Judging::Unscored { reason, tokens } => (unscored(reason), *tokens),
        Judging::NotAnswered => {
            let verdict = Verdicts::Unscored {
                by: Unjudged::Call,
                label: "judge was not asked".to_owned(),
                detail: "the judge was not asked about this turn".to_owned(),
            };
            (verdict, None)
        }
    }
}

fn unscored(reason: &Unscored) -> Verdicts {
    let by = match reason {
        Unscored::AnswerCut => Unjudged::Tutor,
        Unscored::Rejected { .. } => Unjudged::Answer,
        Unscored::CallFailed(_) => Unjudged::Call,
    };
    Verdicts::Unscored {
        by,
        label: reason.label(),
        detail: reason.detail(),
    }
}

/// Every text with its length, so that no two subjects are one.
fn digest(subject: &Subject) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    let scenario = &subject.scenario;
    for text in [
        &scenario.id,
        &scenario.vector,
        &scenario.persona,
        &scenario.notes,
    ] {
        add(text);
    }
    add(&scenario.goals.len().to_string());
    scenario.goals.iter().for_each(|goal| add(goal));
    for turn in &subject.dialogue {
        add(match turn.speaker {
            Speaker::Student => "student",
            Speaker::Tutor => "tutor",
        });
        add(&turn.text);
    }
    add(&subject.tutor_turn);
    hash.finalize().into()
}
