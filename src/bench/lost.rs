//! A transmission that failed, with what whoever watches is told of it once its call has.

use std::time::Duration;

use super::call::Failed;
use super::stop::Stopped;
use crate::retry::Again;
use crate::telemetry::{Ended, Made, Transmission};

/// What is known of a transmission beside how it ended.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The operation, as AWS names it.
    pub(crate) operation: &'static str,
    pub(crate) region: Option<String>,
    pub(crate) latency: Duration,
    pub(crate) made: Made,
}

/// A failed transmission.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) failed: Failed,
    /// `None` where it was never made.
    pub(crate) facts: Option<Facts>,
}

impl Facts {
    pub(crate) fn transmission<'a>(&'a self, model: &'a str, ended: Ended<'a>) -> Transmission<'a> {
        Transmission {
            model,
            operation: self.operation,
            region: self.region.as_deref(),
            latency: self.latency,
            made: self.made,
            ended,
        }
    }
}

impl Lost {
    pub(crate) fn new(failed: Failed, facts: Facts) -> Self {
        let facts = (!failed.failure.is_of_no_call()).then_some(facts);
        Self { failed, facts }
    }
}

impl Failed {
    pub(crate) fn ended(&self) -> Ended<'_> {
        Ended::Failed {
            error: self.failure.label(),
            is_throttled: self.again == Again::Slower,
        }
    }
}

impl From<Stopped> for Lost {
    fn from(stopped: Stopped) -> Self {
        Self {
            failed: stopped.into(),
            facts: None,
        }
    }
}
