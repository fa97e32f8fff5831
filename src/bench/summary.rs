//! What a model's dialogues say together. Only judged turns have scores; everything else is
//! counted with its reason.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::Serialize;

use super::plan::Model;
use super::scenario::Vector;
use super::statistics::{Mean, Share};
use super::transcript::{Judging, StudentTurn, Transcript, Turn, TutorTurn};
use crate::judge::{Judgment, Points, Rubric, Tokens};

/// A model's numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelSummary {
    /// The model's short name.
    pub model: String,
    /// The id that was sent.
    pub model_id: String,
    /// A name for people.
    pub label: String,
    /// Dialogues begun.
    pub dialogues: u32,
    /// Tutor turns that the plan asks for.
    pub attempted: u32,
    /// Tutor turns with an answer.
    pub answered: u32,
    /// Answers with a judgment.
    pub judged: u32,
    /// Answers without one.
    pub unscored: u32,
    /// Why turns have no answer, counted.
    pub not_answered_because: BTreeMap<String, u32>,
    /// Why answers have no score, counted.
    pub unscored_because: BTreeMap<String, u32>,
    /// Mean overall score of the judged turns.
    pub overall: Mean,
    /// The same by dimension.
    pub dimensions: Vec<DimensionSummary>,
    /// Share of judged turns at or above the rubric's compliance.
    pub compliance: Share,
    /// Mean number of turns before the first one under the rubric's half-life, over the
    /// dialogues that tell.
    pub half_life: Mean,
    /// Mean overall score by turn.
    pub by_turn: Vec<Mean>,
    /// Mean overall score by vector.
    pub by_vector: Vec<VectorMean>,
    /// What can be counted without a judge, over the answered turns.
    pub heuristics: HeuristicShares,
    /// Calls by the region that answered them, as far as that is known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub regions: BTreeMap<String, u32>,
    /// Tokens of the tutor's calls.
    pub tutor_tokens: TokenSum,
    /// Tokens of the calls that played students.
    pub student_tokens: TokenSum,
    /// Tokens of the judge's calls.
    pub judge_tokens: TokenSum,
}

/// A dimension's numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionSummary {
    /// The dimension's name.
    pub name: String,
    /// Mean score of the judged turns.
    pub mean: Mean,
    /// Share of judged turns at the rubric's violation.
    pub violations: Share,
}

/// A vector's mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VectorMean {
    /// The vector.
    pub vector: Vector,
    /// Mean overall score of its judged turns.
    pub overall: Mean,
}

/// Shares of the answered turns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeuristicShares {
    /// It asks something.
    pub has_question: Share,
    /// It asks exactly one thing.
    pub one_question: Share,
    /// It asks openly.
    pub open_ended: Share,
    /// It advises.
    pub has_advice: Share,
    /// It leads.
    pub is_leading: Share,
}

/// Tokens of several calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TokenSum {
    /// Calls that told their tokens.
    pub calls: u32,
    /// Calls that were answered but did not tell.
    pub untold: u32,
    /// Their sum.
    #[serde(flatten)]
    pub sum: Tokens,
}

impl ModelSummary {
    /// Sums up a model's transcripts.
    #[must_use]
    pub fn of(model: &Model, rubric: &Rubric, transcripts: &[&Transcript]) -> Self {
        let turns: Vec<&Turn> = transcripts.iter().flat_map(|own| &own.turns).collect();
        let judgments: Vec<&Judgment> = turns.iter().filter_map(|turn| turn.judgment()).collect();
        let overall = || judgments.iter().map(|judgment| judgment.overall);
        let unscored_because = counted(turns.iter().filter_map(|turn| unscored(turn)));
        let not_answered_because = counted(turns.iter().filter_map(|turn| turn.not_answered()));
        Self {
            model: model.name.clone(),
            model_id: model.id.clone(),
            label: model.label.clone(),
            dialogues: number(transcripts.len()),
            attempted: number(turns.len()),
            answered: number(turns.iter().filter(|turn| turn.answer().is_some()).count()),
            judged: number(judgments.len()),
            unscored: unscored_because.values().sum(),
            not_answered_because,
            unscored_because,
            overall: overall().collect(),
            dimensions: dimensions(rubric, &judgments),
            compliance: Share::of(overall().map(|overall| overall >= rubric.compliance)),
            half_life: transcripts
                .iter()
                .filter_map(|own| half_life(own, rubric))
                .collect(),
            by_turn: by_turn(transcripts),
            by_vector: by_vector(transcripts),
            heuristics: HeuristicShares::of(&turns),
            regions: regions(transcripts),
            tutor_tokens: turns.iter().filter_map(|turn| tutor_tokens(turn)).collect(),
            student_tokens: turns
                .iter()
                .filter_map(|turn| student_tokens(turn))
                .collect(),
            judge_tokens: turns.iter().filter_map(|turn| judge_tokens(turn)).collect(),
        }
    }
}

/// The number of turns before the first one under the rubric's half-life; all of them if none
/// is. `None` if a turn without a score comes first: the dialogue does not tell.
fn half_life(transcript: &Transcript, rubric: &Rubric) -> Option<Points> {
    let mut held = Points::ZERO;
    for turn in &transcript.turns {
        if turn.judgment()?.overall < rubric.half_life {
            break;
        }
        held = held + Points::whole(1);
    }
    Some(held)
}

fn dimensions(rubric: &Rubric, judgments: &[&Judgment]) -> Vec<DimensionSummary> {
    let summary = |name: &String| {
        let scores = || {
            let all = judgments.iter().flat_map(|judgment| &judgment.scores);
            all.filter(|score| score.dimension == *name)
                .map(|score| score.score)
        };
        DimensionSummary {
            name: name.clone(),
            mean: scores().collect(),
            violations: Share::of(scores().map(|score| score <= rubric.violation)),
        }
    };
    rubric
        .dimensions
        .iter()
        .map(|dimension| summary(&dimension.name))
        .collect()
}

fn by_turn(transcripts: &[&Transcript]) -> Vec<Mean> {
    let longest = transcripts
        .iter()
        .map(|own| own.turns.len())
        .max()
        .unwrap_or(0);
    let at = |index: usize| {
        transcripts
            .iter()
            .filter_map(move |own| own.turns.get(index))
    };
    (0..longest).map(|index| overall(at(index))).collect()
}

fn by_vector(transcripts: &[&Transcript]) -> Vec<VectorMean> {
    let of = |vector| transcripts.iter().filter(move |own| own.vector == vector);
    Vector::ALL
        .into_iter()
        .filter(|vector| of(*vector).next().is_some())
        .map(|vector| VectorMean {
            vector,
            overall: overall(of(vector).flat_map(|own| &own.turns)),
        })
        .collect()
}

fn regions(transcripts: &[&Transcript]) -> BTreeMap<String, u32> {
    let all = transcripts.iter().flat_map(|own| &own.regions);
    all.fold(BTreeMap::new(), |mut sums, (region, calls)| {
        *sums.entry(region.clone()).or_default() += calls;
        sums
    })
}

fn overall<'a>(turns: impl Iterator<Item = &'a Turn>) -> Mean {
    turns
        .filter_map(|turn| turn.judgment())
        .map(|judgment| judgment.overall)
        .collect()
}

fn unscored(turn: &Turn) -> Option<String> {
    match &turn.judge {
        Judging::Unscored { reason, .. } => Some(reason.label()),
        _ => None,
    }
}

fn counted(reasons: impl Iterator<Item = String>) -> BTreeMap<String, u32> {
    reasons.fold(BTreeMap::new(), |mut counts, reason| {
        *counts.entry(reason).or_default() += 1;
        counts
    })
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl HeuristicShares {
    fn of(turns: &[&Turn]) -> Self {
        let share = |holds: fn(&crate::judge::Heuristics) -> bool| {
            let answers = turns.iter().filter_map(|turn| turn.answer());
            Share::of(answers.map(|answer| holds(&answer.heuristics)))
        };
        Self {
            has_question: share(|counted| counted.has_question),
            one_question: share(|counted| counted.question_count == 1),
            open_ended: share(|counted| counted.open_ended),
            has_advice: share(|counted| counted.has_advice),
            is_leading: share(|counted| counted.is_leading),
        }
    }
}

/// What an answered call told of its tokens, if it did.
struct Told(Option<Tokens>);

fn tutor_tokens(turn: &Turn) -> Option<Told> {
    match &turn.tutor {
        TutorTurn::Answered(answer) => Some(Told(answer.tokens)),
        TutorTurn::Empty { tokens, .. } | TutorTurn::Blocked { tokens, .. } => Some(Told(*tokens)),
        TutorTurn::Failed { .. } | TutorTurn::NotReached => None,
    }
}

fn student_tokens(turn: &Turn) -> Option<Told> {
    match &turn.student {
        StudentTurn::Model { tokens, .. } => Some(Told(*tokens)),
        _ => None,
    }
}

fn judge_tokens(turn: &Turn) -> Option<Told> {
    match &turn.judge {
        Judging::Judged { tokens, .. } => Some(Told(*tokens)),
        Judging::Unscored { reason, tokens } if reason.was_replied() => Some(Told(*tokens)),
        _ => None,
    }
}

impl FromIterator<Told> for TokenSum {
    fn from_iter<I: IntoIterator<Item = Told>>(calls: I) -> Self {
        calls.into_iter().fold(Self::default(), |mut sum, call| {
            match call.0 {
                Some(tokens) => {
                    sum.calls += 1;
                    sum.sum += tokens;
                }
                None => sum.untold += 1,
            }
            sum
        })
    }
}

impl AddAssign for TokenSum {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.untold += other.untold;
        self.sum += other.sum;
    }
}
