//! What was answered so far.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::tokens::Tokens;
use super::witness::Source;
use crate::playback::{PlaybackReport, ReplayMiss};

/// Misses that are kept for whoever asks; of more there is the number.
const KEPT: usize = 100;

/// A miss, as the control API tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissedCall {
    /// The scope; empty for the default.
    pub scope: String,
    /// The operation.
    pub operation: String,
    /// The model, or what else it was addressed to.
    pub subject: String,
    /// The request key.
    pub key: String,
    /// The explanation that the client got.
    pub message: String,
}

/// What an endpoint did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Requests for an operation; a retry counts again.
    pub calls: u64,
    /// Answered from the cassette.
    pub hits: u64,
    /// Sent on, answered and recorded.
    pub recorded: u64,
    /// Sent on, and throttled, failed, cut or refused: no answer is recorded.
    pub unanswered: u64,
    /// Sent on and not recorded.
    pub passed: u64,
    /// Without a recording.
    pub misses: u64,
    /// Not taken.
    pub refused: u64,
    /// Recorded exchanges that no request asked for, in mode `replay`.
    pub unused: u64,
    /// Tokens that the answers read.
    pub input_tokens: u64,
    /// Tokens that the answers wrote.
    pub output_tokens: u64,
}

impl Summary {
    /// Whether nothing came, neither a call nor a request that was not taken.
    #[must_use]
    pub const fn is_silence(&self) -> bool {
        self.calls == 0 && self.refused == 0
    }
}

/// Counts.
#[derive(Debug, Default)]
pub struct Tally {
    hits: AtomicU64,
    recorded: AtomicU64,
    passed: AtomicU64,
    misses: AtomicU64,
    refused: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
    missed: Mutex<Vec<MissedCall>>,
}

impl Tally {
    /// Counts an answer by its source.
    pub fn count(&self, source: Source) {
        self.of(source).fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an answer's tokens.
    pub fn spent(&self, tokens: Tokens) {
        self.input_tokens.fetch_add(tokens.input, Ordering::Relaxed);
        self.output_tokens
            .fetch_add(tokens.output, Ordering::Relaxed);
    }

    /// Keeps a miss.
    pub fn keep(&self, miss: &ReplayMiss, message: &str) {
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if missed.len() < KEPT {
            missed.push(MissedCall {
                scope: miss.scope.name().to_owned(),
                operation: miss.operation.name().to_owned(),
                subject: miss.subject.clone(),
                key: miss.key.to_string(),
                message: message.to_owned(),
            });
        }
    }

    /// The first misses, in their order.
    pub fn missed(&self) -> Vec<MissedCall> {
        let missed = self.missed.lock();
        missed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The figures; what became of what was sent on, and what was not asked for, is not known
    /// here.
    pub fn summary(&self, played: &PlaybackReport) -> Summary {
        let sent = self.of(Source::Recorded).load(Ordering::Relaxed);
        let unanswered = played.unanswered.min(sent);
        let number = |source| self.of(source).load(Ordering::Relaxed);
        let sources = [Source::Hit, Source::Recorded, Source::Passed, Source::Miss];
        Summary {
            calls: sources.into_iter().map(number).sum(),
            hits: number(Source::Hit),
            recorded: sent - unanswered,
            unanswered,
            passed: number(Source::Passed),
            misses: number(Source::Miss),
            refused: number(Source::Refused),
            unused: played.unused.len() as u64,
            input_tokens: self.input_tokens.load(Ordering::Relaxed),
            output_tokens: self.output_tokens.load(Ordering::Relaxed),
        }
    }

    const fn of(&self, source: Source) -> &AtomicU64 {
        match source {
            Source::Hit => &self.hits,
            Source::Recorded => &self.recorded,
            Source::Passed => &self.passed,
            Source::Miss => &self.misses,
            Source::Refused => &self.refused,
        }
    }
}
