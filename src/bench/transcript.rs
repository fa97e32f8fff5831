//! What was said in a dialogue and what each turn scored. Values only: the runner fills them
//! in, reports read them.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::call::CallFailure;
use super::scenario::Vector;
use crate::judge::{Heuristics, Judgment, Rejection, Tokens};

/// One dialogue of one model in one scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transcript {
    /// The scenario's id.
    pub scenario: String,
    /// What the scenario tries to do.
    pub vector: Vector,
    /// The scenario's title.
    pub title: String,
    /// The model's short name.
    pub model: String,
    /// The id that was sent.
    pub model_id: String,
    /// Who speaks for the student after the opening.
    pub student: StudentKind,
    /// Which of several dialogues of the same kind, counted from 0.
    pub sample: u32,
    /// Calls by the region that answered them, as far as that is known: an endpoint in the
    /// place of AWS names none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub regions: BTreeMap<String, u32>,
    /// As many as the plan asks for, reached or not.
    pub turns: Vec<Turn>,
}

/// Stop reasons by which a model did not finish what it was saying.
const CUT: [&str; 2] = ["max_tokens", "model_context_window_exceeded"];

/// The stop reason of an answer of which none was stored.
pub(crate) const NOT_STORED: &str = "not stored";

/// Whether a model that stopped for this reason had more to say.
pub(crate) fn is_cut(stop_reason: &str) -> bool {
    CUT.contains(&stop_reason)
}

impl Transcript {
    /// `SCENARIO/model/sample`: the scope of its calls.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.scenario, self.model, self.sample)
    }

    /// The regions that answered, in words, where they are known; with the number of calls
    /// where there are several.
    #[must_use]
    pub fn answered_in(&self) -> Option<String> {
        let mut regions = self.regions.iter();
        let (first, calls) = regions.next()?;
        if self.regions.len() == 1 {
            return Some(first.clone());
        }
        let all = regions.fold(format!("{first} ({calls})"), |text, (region, calls)| {
            format!("{text} and {region} ({calls})")
        });
        Some(all)
    }
}

/// Who speaks for a student.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StudentKind {
    /// The scenario's replies.
    Script,
    /// A model.
    Model,
}

/// One turn: the student speaks, the tutor answers, the judge scores the tutor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Counted from 1.
    pub turn: u32,
    /// What the student said.
    pub student: StudentTurn,
    /// What the tutor said.
    pub tutor: TutorTurn,
    /// What it scored.
    pub judge: Judging,
}

/// The student's half of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum StudentTurn {
    /// The scenario's text.
    Script {
        /// What was said.
        text: String,
    },
    /// A model's words.
    Model {
        /// What was said.
        text: String,
        /// What the call used, where it was told.
        tokens: Option<Tokens>,
        /// The limit that cut it, where one did: the student had more to say.
        #[serde(skip_serializing_if = "Option::is_none")]
        cut_by: Option<String>,
    },
    /// The model that plays the student gave nothing.
    Failed {
        /// Why.
        failure: CallFailure,
    },
    /// The dialogue ended before.
    NotReached,
}

/// The tutor's half of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum TutorTurn {
    /// It answered.
    Answered(Answer),
    /// It answered without a word.
    Empty {
        /// Why it stopped.
        stop_reason: String,
        /// What the call used, where it was told.
        tokens: Option<Tokens>,
    },
    /// A guardrail or content filter spoke in its place.
    Blocked {
        /// Why it stopped.
        stop_reason: String,
        /// What was said instead.
        text: String,
        /// What the call used, where it was told.
        tokens: Option<Tokens>,
    },
    /// The call failed.
    Failed {
        /// Why.
        failure: CallFailure,
    },
    /// The dialogue ended before.
    NotReached,
}

/// A tutor's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The text as received.
    pub text: String,
    /// Why it stopped.
    pub stop_reason: String,
    /// What the call used, where it was told.
    pub tokens: Option<Tokens>,
    /// The service's own measure, where it was told.
    pub latency_ms: Option<i64>,
    /// What can be counted without a judge.
    pub heuristics: Heuristics,
}

/// The judge's part of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Judging {
    /// It was scored.
    Judged {
        /// The checked judgment.
        judgment: Judgment,
        /// What the call used, where it was told.
        tokens: Option<Tokens>,
    },
    /// There was an answer, and it has no score.
    Unscored {
        /// Why.
        reason: Unscored,
        /// What the call used, where it was told.
        tokens: Option<Tokens>,
    },
    /// There is no answer to score.
    NotAnswered,
}

/// Why an answered turn has no score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unscored {
    /// The tutor was cut by the plan's `max_tokens`: what it would have asked is not known.
    AnswerCut,
    /// The judge's call failed.
    CallFailed(CallFailure),
    /// The judge's answer failed a check.
    Rejected {
        /// The check.
        rejection: Rejection,
        /// What the judge said.
        answer: String,
    },
}

impl Unscored {
    /// A short name to count by.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::AnswerCut => "answer cut by max_tokens".to_owned(),
            Self::CallFailed(failure) => format!("judge: {}", failure.label()),
            Self::Rejected { rejection, .. } => rejection.label().to_owned(),
        }
    }

    /// Whether the judge replied at all.
    pub(crate) fn was_replied(&self) -> bool {
        matches!(self, Self::Rejected { .. })
    }

    /// The whole story.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::AnswerCut => "the tutor's answer was cut by the plan's `max_tokens`".to_owned(),
            Self::CallFailed(failure) => failure.to_string(),
            Self::Rejected { rejection, .. } => rejection.to_string(),
        }
    }
}

impl Serialize for Unscored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Unscored", 3)?;
        members.serialize_field("label", &self.label())?;
        members.serialize_field("detail", &self.detail())?;
        if let Self::Rejected { answer, .. } = self {
            members.serialize_field("answer", answer)?;
        }
        members.end()
    }
}

impl Answer {
    /// Why it stopped, where that is known and it did not simply end.
    #[must_use]
    pub fn stopped_by(&self) -> Option<&str> {
        let reason = self.stop_reason.as_str();
        (!matches!(reason, "end_turn" | NOT_STORED)).then_some(reason)
    }
}

impl TutorTurn {
    /// What an answer without a word is called, with why it stopped.
    #[must_use]
    pub fn emptiness(stop_reason: &str) -> String {
        match stop_reason {
            NOT_STORED => "no answer was stored".to_owned(),
            reason => format!("empty answer, stopped by {reason}"),
        }
    }
}

impl Turn {
    /// A turn that the dialogue did not reach.
    #[must_use]
    pub(crate) fn not_reached(turn: u32) -> Self {
        Self {
            turn,
            student: StudentTurn::NotReached,
            tutor: TutorTurn::NotReached,
            judge: Judging::NotAnswered,
        }
    }

    /// The tutor's answer, if there is one.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match &self.tutor {
            TutorTurn::Answered(answer) => Some(answer),
            _ => None,
        }
    }

    /// The judgment, if there is one.
    #[must_use]
    pub fn judgment(&self) -> Option<&Judgment> {
        match &self.judge {
            Judging::Judged { judgment, .. } => Some(judgment),
            _ => None,
        }
    }

    /// Whether a judge is asked about it: there is an answer, and it is whole.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.answer()
            .is_some_and(|answer| !is_cut(&answer.stop_reason))
    }

    /// Why there is no answer, in a few words; `None` where there is one.
    #[must_use]
    pub fn not_answered(&self) -> Option<String> {
        match (&self.student, &self.tutor) {
            (_, TutorTurn::Answered(_)) => None,
            (StudentTurn::Failed { failure }, _) => Some(format!("student: {}", failure.label())),
            (_, TutorTurn::Empty { stop_reason, .. }) if stop_reason == NOT_STORED => {
                Some("no answer".to_owned())
            }
            (_, TutorTurn::Empty { .. }) => Some("empty answer".to_owned()),
            (_, TutorTurn::Blocked { stop_reason, .. }) => Some(stop_reason.clone()),
            (_, TutorTurn::Failed { failure }) => Some(failure.label().to_owned()),
            (_, TutorTurn::NotReached) => Some("after a failed turn".to_owned()),
        }
    }

    /// The failed calls of this turn.
    pub fn failures(&self) -> impl Iterator<Item = &CallFailure> {
        let student = match &self.student {
            StudentTurn::Failed { failure } => Some(failure),
            _ => None,
        };
        let tutor = match &self.tutor {
            TutorTurn::Failed { failure } => Some(failure),
            _ => None,
        };
        let judge = match &self.judge {
            Judging::Unscored {
                reason: Unscored::CallFailed(failure),
                ..
            } => Some(failure),
            _ => None,
        };
        student.into_iter().chain(tutor).chain(judge)
    }
}

impl StudentTurn {
    /// What was said, if anything was.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Script { text } | Self::Model { text, .. } => Some(text),
            Self::Failed { .. } | Self::NotReached => None,
        }
    }
}
