//! The same questions asked otherwise, as far as that must not matter.

use std::path::Path;

use super::error::RejudgingError;
use super::look::unheard;
use super::questions::{Asked, Questions};
use crate::bench::{Plan, Transcript, TutorTurn};
use crate::judge::{Judge, Probe};
use crate::playback::Explained;
use crate::regression::{Judged, ProbeEvidence};

/// A probe, and what is asked by it.
#[derive(Debug, Clone)]
pub struct Probed<'a> {
    /// What is asked otherwise.
    pub probe: Probe,
    plain: Questions<'a>,
    judge: Judge,
    transcripts: Vec<Transcript>,
}

impl<'a> Questions<'a> {
    /// Every probe that the judge can be put to.
    #[must_use]
    pub fn probes(&self) -> Vec<Probed<'a>> {
        let probes = self.judge.probes().into_iter();
        probes
            .map(|(probe, judge)| Probed {
                transcripts: self
                    .transcripts
                    .iter()
                    .map(|own| shown(&probe, own))
                    .collect(),
                plain: *self,
                probe,
                judge,
            })
            .collect()
    }

    /// What a cassette has of the probes; one of which it has nothing was not recorded, and is
    /// left out.
    ///
    /// # Errors
    /// What is wrong with the cassette.
    pub async fn probed(&self, path: &Path) -> Result<Vec<ProbeEvidence>, RejudgingError> {
        let mut found = Vec::new();
        for probed in self.probes() {
            let questions = probed.questions();
            // Mostly nobody has recorded them: that is no surprise to explain.
            let asked = questions.looked_up(path, Explained::Never, None).await?;
            let (calls, missing) = unheard(&questions, &asked);
            if (missing as u64) < calls {
                found.push(probed.evidence(&asked, missing));
            }
        }
        Ok(found)
    }
}

impl Probed<'_> {
    /// What is asked, once for each turn.
    #[must_use]
    pub fn questions(&self) -> Questions<'_> {
        Questions {
            plan: self.plain.plan,
            judge: &self.judge,
            transcripts: &self.transcripts,
            epochs: 1,
        }
    }

    fn evidence(&self, asked: &Asked, not_recorded: usize) -> ProbeEvidence {
        let outcomes = asked.outcomes.first();
        let heard: &[Transcript] = outcomes.map_or(&[], |own| own.transcripts.as_slice());
        let plain = restored(self.plain.transcripts, heard);
        let Plan { scenarios, .. } = self.plain.plan;
        ProbeEvidence {
            probe: self.probe.clone(),
            judged: Judged::of(&self.judge, scenarios, &plain),
            not_recorded,
        }
    }
}

/// A dialogue as a probe shows its judged words.
fn shown(probe: &Probe, transcript: &Transcript) -> Transcript {
    let mut transcript = transcript.clone();
    for turn in &mut transcript.turns {
        if let TutorTurn::Answered(answer) = &mut turn.tutor {
            answer.text = probe.shown(&answer.text);
        }
    }
    transcript
}

/// The dialogues as they were held, with the judgments of a probe: turns pair by what was said.
fn restored(held: &[Transcript], heard: &[Transcript]) -> Vec<Transcript> {
    let mut plain = held.to_vec();
    for (own, probed) in plain.iter_mut().zip(heard) {
        for (turn, heard) in own.turns.iter_mut().zip(&probed.turns) {
            turn.judge = heard.judge.clone();
        }
    }
    plain
}
