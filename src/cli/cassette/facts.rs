//! What one line says of an exchange.

use std::time::Duration;

use bedrock_replay::cassette::StoredExchange;
use bedrock_replay::exchange::{Attempt, Ending, Provenance};
use serde_json::{Value, json};

use super::conversation::{Answer, Tokens};

/// An exchange in brief.
#[derive(Debug)]
pub struct Facts {
    pub key: String,
    pub scope: String,
    pub occurrence: u32,
    pub operation: &'static str,
    pub model: String,
    pub outcome: String,
    pub attempts: usize,
    pub faults: usize,
    pub is_whole: bool,
    pub tokens: Option<Tokens>,
    pub total: Duration,
    pub provenance: Provenance,
}

impl Facts {
    /// Reads them off an exchange.
    pub fn of(stored: &StoredExchange) -> Self {
        let exchange = &stored.exchange;
        let target = &exchange.request.target;
        let last = exchange.attempts.last();
        let answer = last.and_then(Attempt::response).map(Answer::of);
        let is_fault = |attempt: &&Attempt| attempt.response().is_none();
        Self {
            key: stored.slot.key.to_string(),
            scope: stored.slot.scope.clone(),
            occurrence: stored.slot.occurrence,
            operation: target.operation().name(),
            model: target.subject().to_owned(),
            outcome: last
                .map(|last| last.outcome.to_string())
                .unwrap_or_default(),
            attempts: exchange.attempts.len(),
            faults: exchange.attempts.iter().filter(is_fault).count(),
            is_whole: last.is_some_and(is_whole),
            tokens: answer.and_then(|answer| answer.tokens),
            total: last.map(|last| last.total).unwrap_or_default(),
            provenance: exchange.provenance.clone(),
        }
    }

    /// The first digits of the key, and the occurrence where it is not the first.
    pub fn short_key(&self) -> String {
        let digits = &self.key[..8];
        match self.occurrence {
            0 => digits.to_owned(),
            number => format!("{digits}#{number}"),
        }
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "key": self.key,
            "scope": self.scope,
            "occurrence": self.occurrence,
            "operation": self.operation,
            "model": self.model,
            "outcome": self.outcome,
            "attempts": self.attempts,
            "is_whole": self.is_whole,
            "input_tokens": self.tokens.map(|tokens| tokens.input),
            "output_tokens": self.tokens.and_then(|tokens| tokens.output),
            "total_us": u64::try_from(self.total.as_micros()).unwrap_or(u64::MAX),
            "provenance": self.provenance.to_string(),
        })
    }
}

fn is_whole(attempt: &Attempt) -> bool {
    match attempt.response() {
        Some(response) => response.ending == Ending::Complete,
        None => true,
    }
}
