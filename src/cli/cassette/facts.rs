//! What one line says of an exchange.

use std::time::Duration;

use bedrock_replay::cassette::StoredExchange;
use bedrock_replay::exchange::{Attempt, Ending, Outcome, Provenance, Response};
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
            outcome: last.map(outcome).unwrap_or_default(),
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

/// `200`, `429 ThrottlingException`, `200 truncated`, `timeout: …`.
pub fn outcome(attempt: &Attempt) -> String {
    let response = match &attempt.outcome {
        Outcome::Fault(fault) => return fault.kind.name().to_owned(),
        Outcome::Response(response) => response,
    };
    let words = [error_type(response), ending(&response.ending)];
    let words = words.into_iter().flatten();
    words.fold(response.status.to_string(), |text, word| {
        format!("{text} {word}")
    })
}

/// The error's type: from the header, cut as SDKs cut it, or from a frame of the stream.
fn error_type(response: &Response) -> Option<String> {
    if let Some(exception) = response.exception() {
        return Some(exception.error_type);
    }
    let line = response.headers.get("x-amzn-errortype")?;
    let end = line.find([':', '#']).unwrap_or(line.len());
    Some(line[..end].to_owned())
}

fn ending(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Complete => None,
        Ending::Truncated => Some("truncated".to_owned()),
        Ending::Abandoned => Some("abandoned".to_owned()),
        Ending::Broken(fault) => Some(fault.kind.name().to_owned()),
    }
}
