//! Has contests judged by InvokeModel: two calls each, one for each order, each in its own scope.

use std::num::NonZeroUsize;

use futures_util::StreamExt as _;

use super::caller::Caller;
use super::contest::{Choosing, Contest, ContestKey, Order, Unheard};
use super::judging::{Replied, invoke, not_sent};
use super::transcript::Unscored;
use crate::judge::{PairSubject, PairwiseJudge};
use crate::playback::Scope;

/// What every contest needs.
pub(crate) struct Arena<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) judge: &'a PairwiseJudge,
}

impl Arena<'_> {
    /// Judges them all, several at a time; the result is in their order.
    pub(crate) async fn judge_all(
        &self,
        contests: Vec<Unheard>,
        concurrency: NonZeroUsize,
    ) -> Vec<Contest> {
        let heard = contests.into_iter().map(|contest| self.hear(contest));
        futures_util::stream::iter(heard)
            .buffered(concurrency.get())
            .collect()
            .await
    }

    async fn hear(&self, contest: Unheard) -> Contest {
        let Unheard {
            key,
            subject,
            is_cut,
        } = contest;
        let (named, swapped) = if is_cut {
            (unscored(Unscored::AnswerCut), unscored(Unscored::AnswerCut))
        } else {
            let named = self.choose(&key, Order::Named, subject.clone()).await;
            let swapped = self.choose(&key, Order::Swapped, subject.clone()).await;
            (named, swapped)
        };
        Contest {
            key,
            subject,
            named,
            swapped,
        }
    }

    async fn choose(&self, key: &ContestKey, order: Order, subject: PairSubject) -> Choosing {
        let shown = match order {
            Order::Named => subject,
            Order::Swapped => subject.swapped(),
        };
        Scope::new(contest_scope(key, order))
            .enter(self.ask(&shown))
            .await
    }

    async fn ask(&self, subject: &PairSubject) -> Choosing {
        let prompt = match self.judge.prompt(subject) {
            Ok(prompt) => prompt,
            Err(error) => return unscored(Unscored::CallFailed(not_sent(&error))),
        };
        let body = match self.judge.body(&prompt) {
            Ok(body) => body,
            Err(error) => return unscored(Unscored::CallFailed(not_sent(&error))),
        };
        let parameters = &self.judge.parameters;
        let reply = match invoke(self.caller, &self.judge.model, parameters, body).await {
            Ok(Replied(Ok(reply))) => reply,
            Ok(Replied(Err(other))) => {
                return unscored(Unscored::Rejected {
                    rejection: other.into(),
                    answer: String::new(),
                });
            }
            Err(failure) => return unscored(Unscored::CallFailed(failure)),
        };
        let tokens = reply.tokens;
        match self.judge.read(&reply) {
            Ok(preference) => Choosing::Chosen { preference, tokens },
            Err(rejection) => Choosing::Unscored {
                reason: Unscored::Rejected {
                    rejection,
                    answer: reply.text,
                },
                tokens,
            },
        }
    }
}

/// Where a contest is asked about: `SCENARIO/one-vs-other/0/judge/turn-1/named`.
pub(crate) fn contest_scope(key: &ContestKey, order: Order) -> String {
    let turn = match key.turn {
        Some(turn) => format!("turn-{turn}"),
        None => "dialogue".to_owned(),
    };
    format!(
        "{}/{}-vs-{}/{}/judge/{turn}/{}",
        key.scenario,
        key.one,
        key.other,
        key.sample,
        order.label()
    )
}

fn unscored(reason: Unscored) -> Choosing {
    Choosing::Unscored {
        reason,
        tokens: None,
    }
}
