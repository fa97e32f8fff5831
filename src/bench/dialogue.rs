//! Holds one dialogue by Converse. A turn without an answer ends it: the next turn would
//! answer words that nobody said.

use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message, StopReason,
    SystemContentBlock, TokenUsage,
};

use super::attempt::Try;
use super::call::{CallFailure, Failed};
use super::caller::{Answered, Ask, Caller};
use super::plan::{Model, Plan};
use super::scenario::{Scenario, Student};
use super::transcript::{Answer, Judging, StudentTurn, Turn, TutorTurn};
use crate::judge::{Heuristics, Tokens};
use crate::quota::Size;

/// What one dialogue is between.
pub(crate) struct Dialogue<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) plan: &'a Plan,
    pub(crate) model: &'a Model,
    pub(crate) scenario: &'a Scenario,
}

/// A Converse call of this program.
struct Call<'a> {
    model: &'a str,
    system: &'a str,
    temperature: f32,
    max_tokens: i32,
    messages: Vec<Message>,
}

/// What came back, in this program's words.
struct Said {
    text: String,
    stop: StopReason,
    tokens: Option<Tokens>,
    latency_ms: Option<i64>,
}

impl Dialogue<'_> {
    /// Every turn of the plan, reached or not, none of them judged yet.
    pub(crate) async fn hold(&self) -> Vec<Turn> {
        let mut turns = Vec::new();
        for number in 1..=self.plan.turns {
            let turn = self.turn(number, &turns).await;
            let is_answered = turn.answer().is_some();
            turns.push(turn);
            if !is_answered {
                break;
            }
        }
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
        let scripted = |text: &String| StudentTurn::Script { text: text.clone() };
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
        let said = self.converse(Call {
            model: &player.model,
            system: prompt,
            temperature: player.temperature,
            max_tokens: player.max_tokens,
            messages: heard_by_student(before),
        });
        match said.await {
            Err(failure) => StudentTurn::Failed { failure },
            Ok(said) if said.text.trim().is_empty() => StudentTurn::Failed {
                failure: CallFailure::Unreadable {
                    message: format!("expected some words, found none (`{}`)", said.stop.as_str()),
                },
            },
            Ok(said) => StudentTurn::Model {
                text: said.text,
                tokens: said.tokens,
            },
        }
    }

    async fn tutor(&self, before: &[Turn], student: &str) -> TutorTurn {
        let said = self.converse(Call {
            model: &self.model.id,
            system: &self.scenario.tutor_prompt,
            temperature: self.plan.temperature,
            max_tokens: self.plan.max_tokens,
            messages: heard_by_tutor(before, student),
        });
        match said.await {
            Err(failure) => TutorTurn::Failed { failure },
            Ok(said) => said.into_turn(),
        }
    }

    async fn converse(&self, call: Call<'_>) -> Result<Said, CallFailure> {
        let settings = InferenceConfiguration::builder()
            .temperature(call.temperature)
            .max_tokens(call.max_tokens)
            .build();
        let ask = Ask {
            model: call.model,
            size: call.size(),
        };
        let converse = self
            .caller
            .client
            .converse()
            .model_id(call.model)
            .system(SystemContentBlock::Text(call.system.to_owned()))
            .set_messages(Some(call.messages))
            .inference_config(settings);
        let once = |attempt: Try| {
            let converse = attempt.of(converse.clone().customize());
            async move {
                let answer = converse.send().await.map_err(|error| Failed::of(&error))?;
                Said::of(answer).map_err(Failed::for_good)
            }
        };
        self.caller.ask(ask, once).await
    }
}

impl Call<'_> {
    fn size(&self) -> Size {
        let texts = self.messages.iter().flat_map(|message| &message.content);
        let texts = texts.filter_map(|block| block.as_text().ok());
        let bytes = self.system.len() + texts.map(String::len).sum::<usize>();
        Size::estimate(bytes, u64::try_from(self.max_tokens).unwrap_or_default())
    }
}

impl Answered for Said {
    fn tokens(&self) -> Option<Tokens> {
        self.tokens
    }
}

impl Said {
    fn of(answer: ConverseOutput) -> Result<Self, CallFailure> {
        let message = answer
            .output
            .as_ref()
            .and_then(|output| output.as_message().ok())
            .ok_or_else(|| CallFailure::Unreadable {
                message: "expected an output message, found none".to_owned(),
            })?;
        let texts = message.content.iter();
        Ok(Self {
            text: texts
                .filter_map(|block| block.as_text().ok().cloned())
                .collect(),
            tokens: answer.usage.as_ref().map(tokens),
            latency_ms: answer.metrics.as_ref().map(|metrics| metrics.latency_ms),
            stop: answer.stop_reason,
        })
    }

    fn into_turn(self) -> TutorTurn {
        let stop_reason = self.stop.as_str().to_owned();
        let tokens = self.tokens;
        if matches!(
            self.stop,
            StopReason::GuardrailIntervened | StopReason::ContentFiltered
        ) {
            return TutorTurn::Blocked {
                stop_reason,
                text: self.text,
                tokens,
            };
        }
        if self.text.trim().is_empty() {
            return TutorTurn::Empty {
                stop_reason,
                tokens,
            };
        }
        TutorTurn::Answered(Answer {
            heuristics: Heuristics::of(&self.text),
            text: self.text,
            stop_reason,
            tokens,
            latency_ms: self.latency_ms,
        })
    }
}

fn tokens(usage: &TokenUsage) -> Tokens {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    Tokens {
        input: count(usage.input_tokens),
        output: count(usage.output_tokens),
        cache_read: usage.cache_read_input_tokens.map_or(0, count),
        cache_write: usage.cache_write_input_tokens.map_or(0, count),
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

/// `None` only without a role or content, and both are given.
fn message(role: ConversationRole, text: &str) -> Option<Message> {
    Message::builder()
        .role(role)
        .content(ContentBlock::Text(text.to_owned()))
        .build()
        .ok()
}
