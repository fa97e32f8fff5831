//! Judgments that are not recorded: which, how many, and about what they cost.

use std::fmt;

use super::call::MissingCall;
use crate::judge::Identity;
use crate::pricing::{Bill, Usage};
use crate::regression::Changes;
use crate::words::{counted, grouped};

/// Missing calls that are named.
const NAMED: usize = 5;

/// What is missing of one judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// `candidate`, `baseline`, or `judge` where there is one alone.
    pub side: &'static str,
    /// The judge.
    pub judge: Identity,
    /// The missing calls.
    pub missing: Vec<MissingCall>,
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
        self.missing.is_empty()
    }

    /// How many are missing and about what they cost, in a line.
    #[must_use]
    pub fn heading(&self) -> String {
        let text = format!(
            "{} {}: {} of {} not recorded",
            self.side,
            self.judge,
            grouped(self.missing.len()),
            counted(self.calls, "judge call")
        );
        if self.is_none() {
            return text;
        }
        let Usage { input, output, .. } = self.usage;
        let cost = self.cost();
        format!(
            "{text}, {cost} (about {} tokens in and {} out)",
            grouped(input),
            grouped(output)
        )
    }

    /// About what the missing calls cost, in words.
    #[must_use]
    pub fn cost(&self) -> String {
        match (self.bill.priced, self.bill.unpriced) {
            (0, _) => format!("price n/a for {}", self.judge.model),
            _ => format!("about {}", self.bill),
        }
    }

    /// The heading, and so many of the missing calls.
    #[must_use]
    pub fn listed(&self, most: usize) -> String {
        let named = self.missing.iter().take(most);
        let text = named.fold(self.heading(), |text, call| format!("{text}\n  {call}"));
        match self.missing.len().saturating_sub(most) {
            0 => text,
            more => format!("{text}\n  and {more} more"),
        }
    }
}

/// The heading, and the missing calls as far as there is room.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.listed(NAMED))
    }
}

/// Whether two sides are the same calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    /// Each has calls of its own.
    Two,
    /// One judge, recorded in one place.
    One,
}

/// What is missing of both sides, each call once.
pub(super) fn sides([a, b]: [(Missing, String); 2], sides: Sides) -> Vec<(Missing, String)> {
    match sides {
        Sides::Two => vec![a, b],
        Sides::One => {
            let (missing, command) = b;
            let side = "judge";
            vec![(Missing { side, ..missing }, command)]
        }
    }
}

/// What a comparison still needs.
#[derive(Debug, Clone, PartialEq)]
pub struct NotRecorded {
    /// What is missing of each judge, with the command that records it; of one that stands on
    /// both sides once.
    pub sides: Vec<(Missing, String)>,
    /// In what the two judges differ.
    pub changes: Option<Changes>,
    /// The command that lists every missing call.
    pub listing: String,
}

impl NotRecorded {
    /// The judges of which something is missing.
    pub fn lacking(&self) -> impl Iterator<Item = &(Missing, String)> {
        self.sides.iter().filter(|(missing, _)| !missing.is_none())
    }

    /// Whether its words leave out some of the missing calls.
    #[must_use]
    pub fn is_shortened(&self) -> bool {
        self.lacking()
            .any(|(missing, _)| missing.missing.len() > NAMED)
    }

    /// About what everything that is missing costs.
    #[must_use]
    pub fn bill(&self) -> Bill {
        let mut bill = Bill::default();
        for (missing, _) in &self.sides {
            bill += missing.bill;
        }
        bill
    }
}

impl std::error::Error for NotRecorded {}

impl fmt::Display for NotRecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("judgments are not recorded")?;
        for (missing, command) in self.lacking() {
            for line in missing.to_string().lines() {
                write!(f, "\n  {line}")?;
            }
            write!(f, "\n  help      {command}")?;
        }
        if self.is_shortened() {
            write!(f, "\n  all       {}", self.listing)?;
        }
        Ok(())
    }
}
