//! What a judge said of a variant that must not move its scores.

use super::judged::Judged;
use crate::judge::Probe;

/// What a judge said of a probe.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeEvidence {
    /// What was asked otherwise.
    pub probe: Probe,
    /// What it said; the turns are those of the dialogues, without what the probe adds.
    pub judged: Judged,
    /// Turns of which that is not recorded.
    pub not_recorded: usize,
}
