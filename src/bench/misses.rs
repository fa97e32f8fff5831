//! What a replay could not find, and what could not be asked for because of that.

use super::call::{CallFailure, Missed};
use super::outcome::Outcome;
use super::transcript::{StudentKind, Transcript, Turn, TutorTurn};
use crate::playback::MissReason;

/// The replay misses of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misses {
    /// The first one in the plan's order that is explained; only so many are.
    pub first: Missed,
    /// All requests of the run that have no recorded exchange, those included that were never
    /// asked because the words before them are missing.
    pub requests: u64,
}

impl Misses {
    /// Counts an outcome's misses; `None` if there are none.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Option<Self> {
        let transcripts = &outcome.transcripts;
        let turns = transcripts.iter().flat_map(|transcript| &transcript.turns);
        let all: Vec<&Missed> = turns.flat_map(Turn::failures).filter_map(missed).collect();
        let is_explained = |miss: &&&Missed| !matches!(miss.0.reason, MissReason::Unexplained);
        let first = all.iter().find(is_explained).or(all.first())?;
        Some(Self {
            first: (*first).clone(),
            requests: transcripts.iter().map(in_dialogue).sum(),
        })
    }
}

fn missed(failure: &CallFailure) -> Option<&Missed> {
    match failure {
        CallFailure::Missed { miss } => Some(miss),
        _ => None,
    }
}

fn in_dialogue(transcript: &Transcript) -> u64 {
    let calls_a_turn = match transcript.student {
        StudentKind::Script => 2,
        StudentKind::Model => 3,
    };
    let mut requests = 0;
    for turn in &transcript.turns {
        let at_once = turn.failures().filter_map(missed).count() as u64;
        requests += at_once;
        if at_once == 0 || turn.answer().is_some() {
            continue;
        }
        // Neither this turn's tutor (if the student was missed) nor its judge nor anything
        // of the later turns could be asked.
        let unasked = match turn.tutor {
            TutorTurn::NotReached => 2,
            _ => 1,
        };
        let later = transcript
            .turns
            .iter()
            .filter(|other| other.turn > turn.turn);
        return requests + unasked + later.count() as u64 * calls_a_turn;
    }
    requests
}
