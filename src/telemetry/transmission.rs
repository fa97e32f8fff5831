//! What one transmission of a call came to.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// A transmission that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmission<'a> {
    /// The model's id as sent.
    pub model: &'a str,
    /// The operation, as AWS names it.
    pub operation: &'static str,
    /// The region that was asked, now or when it was recorded, where it is known.
    pub region: Option<&'a str>,
    /// From its request's first byte to the end of its answer; for a recorded one, as it was
    /// recorded.
    pub latency: Duration,
    /// When it was made.
    pub made: Made,
    /// How it ended.
    pub ended: Ended<'a>,
}

/// When a transmission was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Now.
    Now,
    /// When it was recorded: when that recording began, where it is known.
    Recorded(Option<Timestamp>),
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
