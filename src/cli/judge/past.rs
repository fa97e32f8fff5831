//! What the histories of both kinds of judges share: the pinned versions, and what is said of one
//! that is not recorded.

use std::path::Path;

use bedrock_replay::bench::{Plan, Transcript};
use bedrock_replay::judge::{Judges, Pin};
use bedrock_replay::rejudging::{Missing, RejudgingError, Source};

use crate::cli::failure::Failure;

/// What was pinned, and the dialogues that all of it is asked about.
pub struct Past {
    pub source: Source,
    pub plan: Plan,
    pub judges: Judges,
    pub pins: Vec<Pin>,
    pub transcripts: Vec<Transcript>,
}

/// A table, and what is not in it for want of judgments.
pub struct Shown {
    pub table: String,
    pub unrecorded: Vec<String>,
}

/// A version and what it said.
pub struct Version<Judge, Said> {
    pub label: String,
    pub judge: Judge,
    pub evidence: Said,
    pub missing: Missing,
}

/// In a cell of what nothing can be said.
pub const UNKNOWN: &str = "n/a";

/// The side that a version is, where what is missing of it is told.
pub const VERSION: &str = "version";

impl Past {
    /// All versions, oldest first, in a table.
    pub async fn shown<Judge, Said>(
        &self,
        version: impl AsyncFn(&Pin) -> Result<Version<Judge, Said>, Failure>,
        table: impl FnOnce(&[Version<Judge, Said>]) -> Result<String, Failure>,
    ) -> Result<Shown, Failure> {
        let mut versions = Vec::new();
        for pin in &self.pins {
            versions.push(version(pin).await?);
        }
        let unheard = versions.iter().filter(|own| !own.missing.is_none());
        Ok(Shown {
            unrecorded: unheard.map(|own| self.unrecorded(&own.missing)).collect(),
            table: table(&versions)?,
        })
    }

    /// What a version said: it lies with the candidates' judgments or, where nothing of it is
    /// there, with the dialogues.
    pub async fn heard<Said>(
        &self,
        replayed: impl AsyncFn(&Path) -> Result<Said, RejudgingError>,
        missing: impl Fn(&Said) -> Missing,
    ) -> Result<(Said, Missing), RejudgingError> {
        let (beside, held) = (
            self.source.candidates(&self.plan),
            self.source.dialogues(&self.plan),
        );
        let said = replayed(&beside).await?;
        let lacking = missing(&said);
        let is_elsewhere = lacking.missing.len() as u64 == lacking.calls;
        if beside == held || !is_elsewhere {
            return Ok((said, lacking));
        }
        let said = replayed(&held).await?;
        let lacking = missing(&said);
        Ok((said, lacking))
    }

    /// What is to be said of a version of which something is not recorded.
    fn unrecorded(&self, missing: &Missing) -> String {
        let reference = missing.judge.to_string();
        let command = self.source.recording(None, Some(&reference), 1);
        format!("{}\n  help      {command}", missing.heading())
    }
}

/// How much of a version is recorded, where that is not all.
pub fn recorded(missing: &Missing) -> Option<String> {
    let lacking = missing.missing.len() as u64;
    match missing.calls.saturating_sub(lacking) {
        _ if lacking == 0 => None,
        0 => Some("not recorded".to_owned()),
        there => Some(format!("{there}/{} recorded", missing.calls)),
    }
}
