//! Has a dialogue's tutor turns judged by InvokeModel: one call a turn, each in its own scope,
//! so that a changed judge leaves the dialogue's lane as it was.

use aws_sdk_bedrockruntime::primitives::Blob;

use super::attempt::Try;
use super::call::{CallFailure, Failed};
use super::caller::{Answered, Ask, Caller};
use super::scenario::Scenario;
use super::transcript::{Judging, Turn, Unscored, is_cut};
use crate::exchange::Operation;
use crate::judge::{Judge, NotAMessage, Parameters, Reply, Speaker, Subject, SubjectTurn, Tokens};
use crate::playback::Scope;
use crate::quota::Size;

const JSON: &str = "application/json";
/// What the scope of a judge's call has after its dialogue's.
const JUDGED: &str = "/judge/";

/// Whether a judge was asked in this scope, the plan's or another one.
#[must_use]
pub fn is_of_a_judge(scope: &str) -> bool {
    scope.contains(JUDGED)
}

/// The dialogue that a judge was asked about in this scope, or the contest's two.
pub(crate) fn dialogue_of_a_judge(scope: &str) -> Option<&str> {
    scope.split_once(JUDGED).map(|(dialogue, _)| dialogue)
}

/// Where a judge is asked about a turn of a dialogue.
pub(crate) fn judge_scope(dialogue: &str, turn: u32) -> String {
    format!("{dialogue}{JUDGED}turn-{turn}")
}

/// A judge at work on one dialogue.
pub(crate) struct Bench<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) judge: &'a Judge,
    pub(crate) scenario: &'a Scenario,
    /// The dialogue's scope.
    pub(crate) scope: &'a str,
}

impl Bench<'_> {
    /// Judges every answered turn.
    pub(crate) async fn judge_all(&self, turns: &mut [Turn]) {
        let mut before = Vec::new();
        for turn in turns {
            let Some(answer) = turn.answer().cloned() else {
                continue;
            };
            before.extend(said(Speaker::Student, turn.student.text()));
            let subject = Subject {
                scenario: self.scenario.subject(),
                dialogue: before.clone(),
                tutor_turn: answer.text.clone(),
                turn: turn.turn,
            };
            turn.judge = if is_cut(&answer.stop_reason) {
                unscored(Unscored::AnswerCut)
            } else {
                let scope = Scope::new(judge_scope(self.scope, turn.turn));
                scope.enter(self.judge(&subject)).await
            };
            before.extend(said(Speaker::Tutor, Some(&answer.text)));
        }
    }

    async fn judge(&self, subject: &Subject) -> Judging {
        let reply = match self.ask(subject).await {
            Ok(Replied(Ok(reply))) => reply,
            Ok(Replied(Err(other))) => {
                let rejection = other.into();
                let answer = String::new();
                return unscored(Unscored::Rejected { rejection, answer });
            }
            Err(failure) => return unscored(Unscored::CallFailed(failure)),
        };
        let tokens = reply.tokens;
        match self.judge.read(&reply) {
            Ok(judgment) => Judging::Judged { judgment, tokens },
            Err(rejection) => Judging::Unscored {
                reason: Unscored::Rejected {
                    rejection,
                    answer: reply.text,
                },
                tokens,
            },
        }
    }

    async fn ask(&self, subject: &Subject) -> Result<Replied, CallFailure> {
        let prompt = self
            .judge
            .prompt(subject)
            .map_err(|error| not_sent(&error))?;
        let body = self.judge.body(&prompt).map_err(|error| not_sent(&error))?;
        invoke(self.caller, &self.judge.model, &self.judge.parameters, body).await
    }
}

/// Asks a judge's model by InvokeModel; the parameters are in the body already.
pub(crate) async fn invoke(
    caller: &Caller,
    model: &str,
    parameters: &Parameters,
    body: Vec<u8>,
) -> Result<Replied, CallFailure> {
    let temperature = parameters.temperature.as_ref();
    let ask = Ask {
        operation: Operation::InvokeModel,
        temperature: temperature.and_then(|written| written.to_string().parse().ok()),
        model,
        size: Size::estimate(body.len(), parameters.max_tokens.into()),
    };
    let call = caller
        .client
        .invoke_model()
        .model_id(model)
        .content_type(JSON)
        .accept(JSON)
        .body(Blob::new(body));
    let once = |attempt: Try| {
        let call = attempt.of(call.clone().customize());
        async move {
            let answer = call.send().await.map_err(|error| Failed::of(&error))?;
            Ok(Replied(Reply::read(answer.body.as_ref())))
        }
    };
    caller.ask(ask, once).await
}

/// What a judge's call brought back.
pub(crate) struct Replied(pub(crate) Result<Reply, NotAMessage>);

impl Answered for Replied {
    fn tokens(&self) -> Option<Tokens> {
        self.0.as_ref().ok()?.tokens
    }

    fn stop_reason(&self) -> Option<&str> {
        Some(&self.0.as_ref().ok()?.stop_reason)
    }
}

fn said(speaker: Speaker, text: Option<&str>) -> Option<SubjectTurn> {
    text.map(|text| SubjectTurn {
        speaker,
        text: text.to_owned(),
    })
}

fn unscored(reason: Unscored) -> Judging {
    Judging::Unscored {
        reason,
        tokens: None,
    }
}

pub(crate) fn not_sent(error: &(dyn std::error::Error + 'static)) -> CallFailure {
    CallFailure::NotSent {
        message: error.to_string(),
    }
}
