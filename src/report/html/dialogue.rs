//! A dialogue as a page shows it: what was said, what it scored, and what has no score and why.

use serde::Serialize;

use super::parts::Said;
use crate::bench::{
    Answer, CallFailure, Judging, Mean, StudentKind, StudentTurn, Transcript, Turn, TutorTurn,
    Unscored,
};
use crate::judge::{Heuristics, Judgment, Points, Rubric, Tokens};

/// One dialogue.
#[derive(Debug, Serialize)]
pub(super) struct DialogueView<'a> {
    id: String,
    scenario: &'a str,
    title: &'a str,
    vector: String,
    model: &'a str,
    series: usize,
    sample: u32,
    student: &'static str,
    overall: String,
    regions: String,
    turns: Vec<TurnView<'a>>,
}

/// One turn.
#[derive(Debug, Serialize)]
struct TurnView<'a> {
    number: u32,
    /// How it went, in one word that the page's style and filters know.
    level: Level,
    /// Every outcome that a filter finds it by.
    outcomes: String,
    overall: Option<Points>,
    /// The overall score, or why there is none, in a character.
    mark: String,
    student: Said<'a>,
    tutor: Said<'a>,
    notes: Vec<String>,
    scores: Vec<ScoreView<'a>>,
    unscored: Option<String>,
    rejected: Option<&'a str>,
}

/// How a turn went, by the rubric's thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Holds,
    Complies,
    Below,
    Unscored,
    NotAnswered,
}

/// A dimension's score.
#[derive(Debug, Serialize)]
struct ScoreView<'a> {
    dimension: &'a str,
    score: String,
    high: String,
    is_violation: bool,
    rationale: &'a str,
}

impl<'a> DialogueView<'a> {
    /// The dialogue in its place of the run; `series` is its model's place.
    pub(super) fn of(
        place: usize,
        series: usize,
        transcript: &'a Transcript,
        rubric: &Rubric,
    ) -> Self {
        let judged = transcript.turns.iter().filter_map(Turn::judgment);
        let overall: Mean = judged.map(|judgment| judgment.overall).collect();
        let turns = transcript.turns.iter();
        Self {
            id: format!("d{}", place + 1),
            scenario: &transcript.scenario,
            title: &transcript.title,
            vector: transcript.vector.to_string(),
            model: &transcript.model,
            series,
            sample: transcript.sample,
            student: match transcript.student {
                StudentKind::Script => "follows a script",
                StudentKind::Model => "is played by a model",
            },
            overall: overall.to_string(),
            regions: transcript.answered_in().unwrap_or_default(),
            turns: turns.map(|turn| TurnView::of(turn, rubric)).collect(),
        }
    }
}

impl<'a> TurnView<'a> {
    fn of(turn: &'a Turn, rubric: &Rubric) -> Self {
        let judgment = turn.judgment();
        let level = Level::of(turn, rubric);
        let (unscored, rejected) = unscored(&turn.judge);
        Self {
            number: turn.turn,
            level,
            outcomes: outcomes(level, judgment, rubric),
            overall: judgment.map(|judgment| judgment.overall),
            mark: mark(level, judgment),
            student: student(turn),
            tutor: tutor(&turn.tutor),
            notes: turn.answer().map(notes).unwrap_or_default(),
            scores: judgment.map_or_else(Vec::new, |judgment| scores(judgment, rubric)),
            unscored,
            rejected,
        }
    }
}

impl Level {
    fn of(turn: &Turn, rubric: &Rubric) -> Self {
        match (&turn.judge, turn.judgment()) {
            (_, Some(judgment)) if judgment.overall >= rubric.half_life => Self::Holds,
            (_, Some(judgment)) if judgment.overall >= rubric.compliance => Self::Complies,
            (_, Some(_)) => Self::Below,
            (Judging::Unscored { .. }, None) => Self::Unscored,
            (_, None) => Self::NotAnswered,
        }
    }
}

fn outcomes(level: Level, judgment: Option<&Judgment>, rubric: &Rubric) -> String {
    let first = match level {
        Level::Holds | Level::Complies => "complies",
        Level::Below => "below",
        Level::Unscored => "unscored",
        Level::NotAnswered => "not-answered",
    };
    let mut scores = judgment.into_iter().flat_map(|judgment| &judgment.scores);
    if scores.any(|score| score.score <= rubric.violation) {
        return format!("{first} violation");
    }
    first.to_owned()
}

fn mark(level: Level, judgment: Option<&Judgment>) -> String {
    match (judgment, level) {
        (Some(judgment), _) => judgment.overall.to_string(),
        (None, Level::Unscored) => "?".to_owned(),
        (None, _) => "–".to_owned(),
    }
}

fn student(turn: &Turn) -> Said<'_> {
    match &turn.student {
        StudentTurn::Script { text } | StudentTurn::Model { text, .. } => Said::text(text),
        StudentTurn::Failed { failure } => failed(failure),
        StudentTurn::NotReached if turn.tutor == TutorTurn::NotReached => Said::note("not reached"),
        StudentTurn::NotReached => Said::note("not known"),
    }
}

fn tutor(tutor: &TutorTurn) -> Said<'_> {
    match tutor {
        TutorTurn::Answered(answer) => Said::text(&answer.text),
        TutorTurn::Empty { stop_reason, .. } => Said::note(TutorTurn::emptiness(stop_reason)),
        TutorTurn::Blocked {
            stop_reason, text, ..
        } => Said {
            note: Some(format!("blocked: {stop_reason}")),
            ..Said::text(text)
        },
        TutorTurn::Failed { failure } => failed(failure),
        TutorTurn::NotReached => Said::note("not asked"),
    }
}

fn failed(failure: &CallFailure) -> Said<'_> {
    Said::note(format!("no answer: {failure}"))
}

/// What can be told of an answer without its judge.
fn notes(answer: &Answer) -> Vec<String> {
    let mut notes = habits(answer.heuristics);
    let stopped = answer.stopped_by();
    notes.extend(stopped.map(|reason| format!("stopped by {reason}")));
    notes.extend(answer.tokens.map(tokens));
    notes.extend(answer.latency_ms.map(|latency| format!("{latency} ms")));
    notes
}

fn habits(counted: Heuristics) -> Vec<String> {
    let questions = match (counted.question_count, counted.open_ended) {
        (0, _) => "no question".to_owned(),
        (1, true) => "one open question".to_owned(),
        (1, false) => "one closed question".to_owned(),
        (count, _) => format!("{count} questions"),
    };
    let mut habits = vec![questions];
    habits.extend(counted.has_advice.then(|| "advice".to_owned()));
    habits.extend(counted.is_leading.then(|| "leading".to_owned()));
    habits
}

fn tokens(tokens: Tokens) -> String {
    let read = tokens.all_input();
    format!("{read} tokens in, {} out", tokens.output)
}

fn scores<'a>(judgment: &'a Judgment, rubric: &Rubric) -> Vec<ScoreView<'a>> {
    let high = |name: &str| {
        let mut dimensions = rubric.dimensions.iter();
        let dimension = dimensions.find(|dimension| dimension.name == name);
        dimension.map_or(Points::ZERO, |dimension| dimension.high)
    };
    let scores = judgment.scores.iter();
    scores
        .map(|score| ScoreView {
            dimension: &score.dimension,
            score: score.score.to_string(),
            high: high(&score.dimension).to_string(),
            is_violation: score.score <= rubric.violation,
            rationale: &score.rationale,
        })
        .collect()
}

/// Why there is no score, and what the judge said where that is the reason.
fn unscored(judging: &Judging) -> (Option<String>, Option<&str>) {
    match judging {
        Judging::Unscored { reason, .. } => {
            let answer = match reason {
                Unscored::Rejected { answer, .. } => Some(answer.as_str()),
                Unscored::AnswerCut | Unscored::CallFailed(_) => None,
            };
            (Some(reason.detail()), answer)
        }
        Judging::Judged { .. } | Judging::NotAnswered => (None, None),
    }
}
