//! Who is asked.

use serde::Serialize;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The model under test.
    Tutor,
    /// The model that plays the student.
    Student,
    /// The judge.
    Judge,
}

impl Role {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Tutor, Self::Student, Self::Judge];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tutor => "tutor",
            Self::Student => "student",
            Self::Judge => "judge",
        }
    }
}
