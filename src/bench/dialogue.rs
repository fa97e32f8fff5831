//! Holds one dialogue by Converse. A turn without an answer ends it: the next turn would
//! answer words that nobody said.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_bedrockruntime::types::{ConversationRole, Message};

use super::attempt::Try;
use super::call::CallFailure;
use super::caller::Caller;
use super::converse::{Call, Said, message};
use super::heard::Heard;
use super::plan::{Model, Plan};
use super::scenario::{Scenario, Student};
use super::transcript::{Judging, StudentTurn, Turn, TutorTurn, is_cut};
use crate::exchange::Operation;

/// What one dialogue is between.
pub(crate) struct Dialogue<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) plan: &'a Plan,
    pub(crate) model: &'a Model,
    pub(crate) scenario: &'a Scenario,
    /// Its scope.
    pub(crate) name: &'a str,
}

/// Who is asked to speak.
#[derive(Clone, Copy)]
enum Speaker {
    Student,
    Tutor,
}

impl Dialogue<'_> {
    /// Every turn of the plan, reached or not, none of them judged yet.
    pub(crate) async fn hold(&self) -> Vec<Turn> {
        let mut turns = Vec::new();
        for number in 1..=self.plan.turns {
            let turn = self.turn(number, &turns).await;
            self.tell(Heard::TurnEnded);
            let is_answered = turn.answer().is_some();
            turns.push(turn);
            if !is_answered {
                break;
            }
        }
        self.tell(Heard::Ended);
        let reached = u32::try_from(turns.len()).unwrap_or(self.plan.turns);
        turns.extend((reached + 1..=self.plan.turns).map(Turn::not_reached));
        turns
    }

    async fn turn(&self, number: u32, before: &[Turn]) -> Turn {
        let student = self.student(number, before).await;
        let tutor = match student.text() {
            Some(text) => self.tutor(before, text).await,
            None => TutorTurn::NotReached,
        };
        Turn {
            turn: number,
            student,
            tutor,
            judge: Judging::NotAnswered,
        }
    }

    async fn student(&self, number: u32, before: &[Turn]) -> StudentTurn {
        let scripted = |text: &String| {
            self.tell(Heard::Student(text));
            StudentTurn::Script { text: text.clone() }
        };
        if number == 1 {
            return scripted(&self.scenario.opening);
        }
        match &self.scenario.student {
            Student::Scripted(replies) => {
                let reply = replies.get(number as usize - 2);
                reply.map_or(StudentTurn::NotReached, scripted)
            }
            Student::Played(prompt) => self.played(prompt, before).await,
        }
    }

    async fn played(&self, prompt: &str, before: &[Turn]) -> StudentTurn {
        let Some(player) = &self.plan.player else {
            return StudentTurn::NotReached;
        };
        let call = Call {
            model: &player.model,
            quirks: self.plan.quirks(&player.model),
            system: prompt,
            caching: self.plan.prompt_cache,
            temperature: player.temperature,
            max_tokens: player.max_tokens,
            messages: heard_by_student(before),
        };
        match self.converse(&call, Speaker::Student).await {
            Err(failure) => StudentTurn::Failed { failure },
            Ok(said) if said.text.trim().is_empty() => StudentTurn::Failed {
                failure: CallFailure::Unreadable {
                    message: format!("expected some words, found none (`{}`)", said.stop.as_str()),
                },
            },
            Ok(said) => StudentTurn::Model {
                cut_by: Some(said.stop.as_str().to_owned()).filter(|reason| is_cut(reason)),
                text: said.text,
                tokens: said.tokens,
            },
        }
    }

    async fn tutor(&self, before: &[Turn], student: &str) -> TutorTurn {
        let call = Call {
            model: &self.model.id,
            quirks: self.plan.quirks(&self.model.id),
            system: &self.scenario.tutor_prompt,
            caching: self.plan.prompt_cache,
            temperature: self.plan.temperature,
            max_tokens: self.plan.max_tokens,
            messages: heard_by_tutor(before, student),
        };
        match self.converse(&call, Speaker::Tutor).await {
            Err(failure) => TutorTurn::Failed { failure },
            Ok(said) => said.into_turn(),
        }
    }

    /// Streamed only where somebody listens and the model can.
    async fn converse(&self, call: &Call<'_>, speaker: Speaker) -> Result<Said, CallFailure> {
        let client = &self.caller.client;
        let request = call.request();
        if self.caller.listener.is_none() || !call.quirks.streaming.may_work() {
            let once = |attempt: Try| request.clone().whole(client.clone(), attempt);
            let said = self.caller.ask(call.ask(Operation::Converse), once).await?;
            self.tell(speaker.says(&said.text));
            return Ok(said);
        }
        let once = |attempt: Try| async {
            let is_heard = AtomicBool::new(false);
            let tell = |part: &str| {
                is_heard.store(true, Ordering::Relaxed);
                self.tell(speaker.says(part));
            };
            let said = request.clone().streamed(client.clone(), attempt, tell);
            let said = said.await;
            // Of a call that missed, or was refused at once, nothing was heard.
            if said.is_err() && is_heard.load(Ordering::Relaxed) {
                self.tell(Heard::BrokenOff);
            }
            said
        };
        self.caller
            .ask(call.ask(Operation::ConverseStream), once)
            .await
    }

    fn tell(&self, heard: Heard<'_>) {
        if let Some(listener) = &self.caller.listener {
            listener(self.name, heard);
        }
    }
}

impl Speaker {
    const fn says(self, text: &str) -> Heard<'_> {
        match self {
            Self::Student => Heard::Student(text),
            Self::Tutor => Heard::Tutor(text),
        }
    }
}

fn heard_by_tutor(before: &[Turn], student: &str) -> Vec<Message> {
    let mut messages = Vec::with_capacity(before.len() * 2 + 1);
    for turn in before {
        messages.extend(
            turn.student
                .text()
                .map(|text| message(ConversationRole::User, text)),
        );
        let answer = turn.answer();
        messages.extend(answer.map(|answer| message(ConversationRole::Assistant, &answer.text)));
    }
    messages.push(message(ConversationRole::User, student));
    messages.into_iter().flatten().collect()
}

/// The student's own opening stands in the system prompt: a conversation begins with a user,
/// and here that is the tutor.
fn heard_by_student(before: &[Turn]) -> Vec<Message> {
    let mut messages = Vec::with_capacity(before.len() * 2);
    for turn in before {
        let own = turn.student.text().filter(|_| turn.turn > 1);
        messages.extend(own.map(|text| message(ConversationRole::Assistant, text)));
        let answer = turn.answer();
        messages.extend(answer.map(|answer| message(ConversationRole::User, &answer.text)));
    }
    messages.into_iter().flatten().collect()
}
