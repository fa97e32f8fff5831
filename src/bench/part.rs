//! Which part of a run is carried out: all of it, or one side without the other.

use std::collections::HashMap;
use std::sync::Arc;

use super::transcript::{Judging, Transcript, Turn};

/// Which part of a run is carried out.
#[derive(Debug, Clone, Default)]
pub(crate) enum Part {
    /// The dialogues are held and judged.
    #[default]
    Whole,
    /// They are held.
    Dialogues,
    /// These dialogues, by name, are judged.
    Judgments(Arc<HashMap<String, Vec<Turn>>>),
}

impl Part {
    /// Only what is said in these dialogues is judged, whatever was made of it before.
    pub(crate) fn judgments(transcripts: &[Transcript]) -> Self {
        let held = transcripts.iter().map(|transcript| {
            let turns = transcript.turns.iter().cloned();
            let unjudged = turns.map(|turn| Turn {
                judge: Judging::NotAnswered,
                ..turn
            });
            (transcript.name(), unjudged.collect())
        });
        Self::Judgments(Arc::new(held.collect()))
    }

    /// A dialogue that was held already; one that is not among them has no turns.
    pub(crate) fn held(&self, name: &str) -> Option<Vec<Turn>> {
        match self {
            Self::Judgments(held) => Some(held.get(name).cloned().unwrap_or_default()),
            Self::Whole | Self::Dialogues => None,
        }
    }

    pub(crate) const fn is_judged(&self) -> bool {
        !matches!(self, Self::Dialogues)
    }
}
