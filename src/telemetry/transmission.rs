//! What one transmission of a call came to.

use std::sync::Arc;
use std::time::Duration;

/// A transmission that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmission<'a> {
    /// The model's id as sent.
    pub model: &'a str,
    /// The operation, as AWS names it.
    pub operation: &'static str,
    /// How long it took; for a recorded one, how long it took when it was recorded.
    pub latency: Duration,
    /// How it ended.
    pub ended: Ended<'a>,
}

/// How a transmission ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended<'a> {
    /// With an answer.
    Answered {
        /// Input tokens, those from and for a prompt cache included; where they were told.
        input: Option<u64>,
        /// Output tokens, where they were told.
        output: Option<u64>,
    },
    /// With an error.
    Failed {
        /// Its type.
        error: &'a str,
        /// Whether the service says that it is asked too often.
        is_throttled: bool,
    },
}

/// Who is told of each transmission.
pub type Meter = Arc<dyn Fn(&Transmission<'_>) + Send + Sync>;
