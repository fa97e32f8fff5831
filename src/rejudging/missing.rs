//! Judgments that are not recorded: which, how many, and about what they cost.

use std::fmt;

use crate::judge::Identity;
use crate::pricing::{Bill, Usage};

/// Missing calls that are named.
const NAMED: usize = 5;

/// What is missing of one judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// `candidate`, `baseline`.
    pub side: &'static str,
    /// The judge.
    pub judge: Identity,
    /// Where the missing calls would be made: `SCENARIO/model/sample · turn 1`.
    pub places: Vec<String>,
    /// All calls to this judge, recorded or not.
    pub calls: u64,
    /// About what the missing ones use.
    pub usage: Usage,
    /// About what they cost.
    pub bill: Bill,
}

impl Missing {
    /// Whether everything is recorded.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.places.is_empty()
    }

    /// How many are missing and about what they cost, in a line.
    #[must_use]
    pub fn heading(&self) -> String {
        let noun = if self.calls == 1 { "call" } else { "calls" };
        let text = format!(
            "{} {}: {} of {} judge {noun} not recorded",
            self.side,
            self.judge,
            self.places.len(),
            self.calls
        );
        if self.is_none() {
            return text;
        }
        let Usage { input, output, .. } = self.usage;
        let cost = match (self.bill.priced, self.bill.unpriced) {
            (0, _) => format!("price n/a for {}", self.judge.model),
            _ => format!("about {}", self.bill),
        };
        format!("{text}, {cost} (about {input} tokens in and {output} out)")
    }
}

/// The heading, and the missing calls as far as there is room.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.heading())?;
        for place in self.places.iter().take(NAMED) {
            write!(f, "\n  {place}")?;
        }
        match self.places.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// All that is missing of a comparison, each with the command that records it.
#[derive(Debug, Clone, PartialEq)]
pub struct NotRecorded(pub Vec<(Missing, String)>);

impl std::error::Error for NotRecorded {}

impl fmt::Display for NotRecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("judgments are not recorded")?;
        for (missing, command) in &self.0 {
            for line in missing.to_string().lines() {
                write!(f, "\n  {line}")?;
            }
            write!(f, "\n  help      {command}")?;
        }
        Ok(())
    }
}
