//! What a listener hears of a dialogue while it is held.

use std::sync::Arc;

/// A moment of a dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// The student said something, perhaps only a part of it.
    Student(&'a str),
    /// The tutor said something, perhaps only a part of it.
    Tutor(&'a str),
    /// What was being said broke off, and may be asked for again.
    BrokenOff,
    /// A turn is over.
    TurnEnded,
    /// The dialogue is over; its judge is asked next.
    Ended,
}

/// In which form the models are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Speaking {
    /// Each answer at once, by Converse.
    #[default]
    AtOnce,
    /// Word by word, by ConverseStream, where the model can.
    Streamed,
}

/// Who listens: it is told the dialogue's name and the moment.
pub type Listener = Arc<dyn Fn(&str, Heard<'_>) + Send + Sync>;
