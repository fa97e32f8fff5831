//! Has a dialogue's tutor turns judged by InvokeModel: one call a turn, each in its own scope,
//! so that a changed judge leaves the dialogue's lane as it was.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::Blob;

use super::call::CallFailure;
use super::origin::Origin;
use super::progress::Tick;
use super::scenario::Scenario;
use super::transcript::{Judging, Turn, Unscored};
use crate::judge::{Judge, Reply, Speaker, Subject, SubjectTurn};
use crate::playback::Scope;

/// Stop reasons by which a tutor did not finish what it was saying.
const CUT: [&str; 2] = ["max_tokens", "model_context_window_exceeded"];
const JSON: &str = "application/json";

/// A judge at work on one dialogue.
pub(crate) struct Bench<'a> {
    pub(crate) client: &'a Client,
    pub(crate) judge: &'a Judge,
    pub(crate) scenario: &'a Scenario,
    pub(crate) tick: &'a Tick,
    pub(crate) origin: &'a Origin,
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
            turn.judge = if CUT.contains(&answer.stop_reason.as_str()) {
                unscored(Unscored::AnswerCut)
            } else {
                let scope = Scope::new(format!("{}/judge/turn-{}", self.scope, turn.turn));
                scope.enter(self.judge(&subject)).await
            };
            before.extend(said(Speaker::Tutor, Some(&answer.text)));
        }
    }

    async fn judge(&self, subject: &Subject) -> Judging {
        let reply = match self.ask(subject).await {
            Ok(body) => Reply::read(&body),
            Err(failure) => return unscored(Unscored::CallFailed(failure)),
        };
        let reply = match reply {
            Ok(reply) => reply,
            Err(other) => {
                let rejection = other.into();
                let answer = String::new();
                return unscored(Unscored::Rejected { rejection, answer });
            }
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

    async fn ask(&self, subject: &Subject) -> Result<Vec<u8>, CallFailure> {
        let prompt = self
            .judge
            .prompt(subject)
            .map_err(|error| not_sent(&error))?;
        let body = self.judge.body(&prompt).map_err(|error| not_sent(&error))?;
        let answer = self
            .client
            .invoke_model()
            .model_id(&self.judge.model)
            .content_type(JSON)
            .accept(JSON)
            .body(Blob::new(body))
            .customize()
            .interceptor(self.origin.clone())
            .send()
            .await;
        self.tick.call_ended();
        let answer = answer.map_err(|error| CallFailure::of(&error))?;
        Ok(answer.body.into_inner())
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

fn not_sent(error: &(dyn std::error::Error + 'static)) -> CallFailure {
    CallFailure::NotSent {
        message: error.to_string(),
    }
}
