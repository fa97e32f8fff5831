//! Where a conversation is to go, as far as the tutor's instructions tell.

/// The three ways of a Socratic conversation, or none that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vector {
    /// Brings out a contradiction.
    Elenchus,
    /// Helps a thought into the world.
    Maieutics,
    /// Undoes a certainty.
    Aporia,
    Open,
}

const MARKS: [(Vector, &[&str]); 3] = [
    (
        Vector::Elenchus,
        &[
            "elenchus",
            "two beliefs",
            "contradict",
            "do not go together",
        ],
    ),
    (
        Vector::Maieutics,
        &["maieutic", "scaffold", "next small step", "work out alone"],
    ),
    (
        Vector::Aporia,
        &[
            "aporia",
            "misconception",
            "sure of something",
            "no longer fit together",
        ],
    ),
];

impl Vector {
    /// The vector whose marks come most often.
    pub(super) fn of(instructions: &str) -> Self {
        let text = instructions.to_lowercase();
        let hits = |marks: &[&str]| marks.iter().filter(|mark| text.contains(*mark)).count();
        let most = MARKS.iter().rev().max_by_key(|(_, marks)| hits(marks));
        most.filter(|(_, marks)| hits(marks) > 0)
            .map_or(Self::Open, |(vector, _)| *vector)
    }
}
