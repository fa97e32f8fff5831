//! Has dialogues judged, as often as is asked for.

use std::path::Path;

use jiff::Timestamp;

use super::dialogues::answers;
use super::error::RejudgingError;
use crate::bench::{CONCURRENCY, Outcome, Plan, Run, Transcript};
use crate::client::Cassette;
use crate::exchange::Provenance;
use crate::judge::Judge;
use crate::playback::{Explained, Mode};
use crate::regression::{Evidence, Judged};

/// What a judge is to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Questions<'a> {
    /// The plan of the dialogues.
    pub plan: &'a Plan,
    /// Who is asked.
    pub judge: &'a Judge,
    /// What was said.
    pub transcripts: &'a [Transcript],
    /// How often every turn is judged.
    pub epochs: u32,
}

/// What a judge said.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// For a comparison.
    pub evidence: Evidence,
    /// One for each epoch; none where there is no cassette yet.
    pub outcomes: Vec<Outcome>,
}

impl Questions<'_> {
    /// How many calls that is.
    #[must_use]
    pub fn calls(&self) -> u64 {
        let turns = self.transcripts.iter().flat_map(|own| &own.turns);
        turns.filter(|turn| turn.is_judged()).count() as u64 * u64::from(self.epochs)
    }

    /// What a cassette has of the answers. Each judge gets a cassette of its own: two may ask
    /// the very same. One that is not there yet holds nothing.
    ///
    /// # Errors
    /// What is wrong with the cassette; a missing judgment is part of what was said.
    pub async fn replayed(&self, path: &Path) -> Result<Asked, RejudgingError> {
        self.looked_up(path, Explained::First, None).await
    }

    /// What it has of them since a time.
    ///
    /// # Errors
    /// As [`replayed`](Self::replayed).
    pub async fn replayed_since(
        &self,
        path: &Path,
        since: Option<Timestamp>,
    ) -> Result<Asked, RejudgingError> {
        self.looked_up(path, Explained::Never, since).await
    }

    /// The same, with more or less said of what is missing.
    pub(super) async fn looked_up(
        &self,
        path: &Path,
        explained: Explained,
        since: Option<Timestamp>,
    ) -> Result<Asked, RejudgingError> {
        if !path.exists() {
            return Ok(self.asked(Vec::new(), Vec::new()));
        }
        let cassette = answers(path, explained, since)?;
        let run = self.run(&cassette).await?.unlogged();
        let asked = self.asked_by(run, &cassette).await?;
        cassette.finish()?;
        Ok(asked)
    }

    /// A run that asks through a cassette, to be told how before it is [asked by](Self::asked_by).
    ///
    /// # Errors
    /// [`RejudgingError::Client`].
    pub async fn run(&self, cassette: &Cassette) -> Result<Run, RejudgingError> {
        let plan = Plan {
            judge: self.judge.clone(),
            ..self.plan.clone()
        };
        let client = Box::pin(cassette.client()).await?;
        Ok(Run::new(plan, client)
            .judging(self.transcripts)
            .concurrency(CONCURRENCY))
    }

    /// Asks by such a run, once for each epoch.
    ///
    /// # Errors
    /// A cassette that cannot say who answered.
    pub async fn asked_by(&self, run: Run, cassette: &Cassette) -> Result<Asked, RejudgingError> {
        let mut outcomes = Vec::new();
        for _ in 0..self.epochs {
            outcomes.push(Box::pin(run.clone().execute()).await);
        }
        let provenance = provenance(cassette, &outcomes)?;
        Ok(self.asked(outcomes, provenance))
    }

    fn asked(&self, outcomes: Vec<Outcome>, provenance: Vec<Provenance>) -> Asked {
        let judged =
            |outcome: &Outcome| Judged::of(self.judge, &self.plan.scenarios, &outcome.transcripts);
        let evidence = Evidence {
            judge: self.judge.identity(),
            epochs: outcomes.iter().map(judged).collect(),
            provenance,
            probes: Vec::new(),
        };
        Asked { evidence, outcomes }
    }
}

/// Who gave the answers; what passes by a cassette says it by itself.
fn provenance(
    cassette: &Cassette,
    outcomes: &[Outcome],
) -> Result<Vec<Provenance>, RejudgingError> {
    if cassette.mode() != Mode::Passthrough {
        return Ok(cassette.provenance()?);
    }
    let is_simulated = outcomes.iter().any(|outcome| outcome.is_simulated);
    Ok(vec![if is_simulated {
        Provenance::Simulated
    } else {
        Provenance::Live
    }])
}
