//! Where a product that tutors would be: its prompts and its judge are the files beside it.

/// The plan whose dialogues are recorded, and whose judge is under test.
pub const PLAN: &str = "scenarios/tutoring.toml";
