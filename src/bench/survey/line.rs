//! A dialogue's calls of one role.

use serde::Serialize;

use super::estimate::Estimate;
use super::role::Role;
use crate::bench::plan::Plan;
use crate::pricing::{Bill, Usage};

/// The calls of one role in one dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Which of the plan's scenarios.
    pub scenario: usize,
    /// Which of the plan's models is the tutor.
    pub model: usize,
    /// Which of several dialogues of the same kind.
    pub sample: u32,
    /// Who is asked.
    pub role: Role,
    /// What the cassette has.
    pub recorded: Recorded,
    /// What it has not.
    pub to_record: ToRecord,
}

/// Recorded calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// How many.
    pub calls: u64,
    /// How many of them got an error for an answer, and keep it.
    pub refused: u64,
    /// What they used, as far as they told.
    pub usage: Usage,
    /// What they cost, or would have, on the day of their recording.
    pub bill: Bill,
    /// What they would cost if they were made again: today, where missing ones would be made.
    pub again: Bill,
}

/// Calls that would be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ToRecord {
    /// How many.
    pub calls: u64,
    /// What they would use.
    pub estimate: Estimate,
    /// What that would cost today.
    pub bill: Bill,
}

impl Plan {
    /// The id of the model that a line's calls ask; none of a student who follows a script.
    #[must_use]
    pub fn asked_of(&self, line: &Line) -> Option<&str> {
        match line.role {
            Role::Tutor => self.models.get(line.model).map(|model| &*model.id),
            Role::Student => self.player.as_ref().map(|player| &*player.model),
            Role::Judge => Some(&self.judge.model),
        }
    }
}

impl Line {
    /// Nothing yet.
    pub(super) fn new(place: super::places::Place, role: Role) -> Self {
        Self {
            scenario: place.scenario,
            model: place.model,
            sample: place.sample,
            role,
            recorded: Recorded::default(),
            to_record: ToRecord::default(),
        }
    }

    /// Both parts together.
    #[must_use]
    pub fn bill(&self) -> Bill {
        let mut bill = self.recorded.bill;
        bill += self.to_record.bill;
        bill
    }
}
