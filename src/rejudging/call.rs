//! A judge's call that is not recorded: what it is about, and by what it would be found.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use crate::bench::{ContestKey, Order, Transcript, contest_scope, judge_scope};
use crate::exchange::{Headers, Operation, Origin, Request, Target};
use crate::identity::{MatchOn, RequestKey};
use crate::judge::{Judge, PairSubject, PairwiseJudge, Subject};
use crate::pricing::Money;

/// A judge's call that is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingCall {
    /// The key of its request, 64 hexadecimal digits; none where no request can be made.
    pub key: Option<String>,
    /// The scope in which it is made.
    pub scope: String,
    /// The scenario's id.
    pub scenario: String,
    /// Whose answer is judged.
    pub model: String,
    /// Against whose, by a pairwise judge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// In which order a pairwise judge is shown the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<&'static str>,
    /// Which of several dialogues of the same kind.
    pub sample: u32,
    /// Which turn, counted from 1; none where whole dialogues are judged.
    pub turn: Option<u32>,
    /// Which of several judgments of the same turn, counted from 1.
    pub epoch: u32,
    /// About what it costs, in US dollars, where the price is known.
    pub cost_usd: Option<Money>,
    #[serde(skip)]
    place: String,
}

impl MissingCall {
    /// Of a turn.
    pub(super) fn of_turn(
        key: Option<String>,
        transcript: &Transcript,
        turn: u32,
        epoch: u32,
    ) -> Self {
        let dialogue = transcript.name();
        Self {
            key,
            scope: judge_scope(&dialogue, turn),
            scenario: transcript.scenario.clone(),
            model: transcript.model.clone(),
            against: None,
            order: None,
            sample: transcript.sample,
            turn: Some(turn),
            epoch,
            cost_usd: None,
            place: format!("{dialogue} · turn {turn}"),
        }
    }

    /// Of a contest, in one order.
    pub(super) fn of_contest(key: Option<String>, contest: &ContestKey, order: Order) -> Self {
        Self {
            key,
            scope: contest_scope(contest, order),
            scenario: contest.scenario.clone(),
            model: contest.one.clone(),
            against: Some(contest.other.clone()),
            order: Some(order.label()),
            sample: contest.sample,
            turn: contest.turn,
            epoch: 1,
            cost_usd: None,
            place: format!("{contest}, {}", order.label()),
        }
    }
}

/// Where it is made, for people: `SCENARIO/model/sample · turn 1`.
impl fmt::Display for MissingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

/// The key of what a judge would be asked; `judge` is as it is asked.
pub(super) fn key_of_turn(judge: &Judge, subject: &Subject) -> Option<String> {
    let prompt = judge.prompt(subject).ok()?;
    Some(key(&judge.model, judge.body(&prompt).ok()?))
}

/// The same of a pairwise judge.
pub(super) fn key_of_contest(
    judge: &PairwiseJudge,
    subject: &PairSubject,
    order: Order,
) -> Option<String> {
    let shown = match order {
        Order::Named => subject.clone(),
        Order::Swapped => subject.clone().swapped(),
    };
    let prompt = judge.prompt(&shown).ok()?;
    Some(key(&judge.model, judge.body(&prompt).ok()?))
}

fn key(model: &str, body: Vec<u8>) -> String {
    let request = Request {
        target: Target::model_call(Operation::InvokeModel, model),
        headers: Headers::default(),
        body: Bytes::from(body),
        origin: Origin::of_region(None),
        invocation: None,
    };
    RequestKey::of(&request, &MatchOn::default()).to_string()
}
