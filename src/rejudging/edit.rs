//! A judge and its edit before the same dialogues.

use jiff::civil::Date;

use super::dialogues::dialogues;
use super::error::RejudgingError;
use super::missing::{Missing, NotRecorded, Sides, sides};
use super::questions::{Asked, Questions};
use super::source::Source;
use super::spent::spent;
use crate::bench::{Plan, Transcript};
use crate::judge::Judge;
use crate::regression::{Anchors, Changes, Comparison, Incomparable, Judged, Options, comparable};

/// A judge, and the same after an edit.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Where everything lies.
    pub source: Source,
    /// The plan of the dialogues.
    pub plan: Plan,
    /// The judge before the edit.
    pub a: Judge,
    /// The judge after it.
    pub b: Judge,
    /// How often each turn is judged.
    pub epochs: u32,
    baseline: Option<String>,
    candidate: Option<String>,
}

/// What is recorded of the two, and what is not.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The dialogues.
    pub transcripts: Vec<Transcript>,
    /// What the judge before the edit said.
    pub a: Asked,
    /// What the judge after it said.
    pub b: Asked,
    /// What is missing of each, with the command that records it.
    pub missing: [(Missing, String); 2],
}

impl Edit {
    /// Finds both judges by what a person calls them: by default the pinned one and the plan's.
    ///
    /// # Errors
    /// What is wrong with the plan or with a judge.
    pub fn load(
        source: Source,
        baseline: Option<&str>,
        candidate: Option<&str>,
        epochs: u32,
    ) -> Result<Self, RejudgingError> {
        let plan = source.load()?;
        let b = source.candidate(&plan, candidate)?;
        Ok(Self {
            a: source.baseline(&b, baseline)?,
            b,
            plan,
            source,
            epochs,
            baseline: baseline.map(str::to_owned),
            candidate: candidate.map(str::to_owned),
        })
    }

    /// In what they differ.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes::between(&self.a, &self.b)
    }

    /// Whether both measure the same thing on the same scale; it is known before anything is
    /// recorded.
    ///
    /// # Errors
    /// [`RejudgingError::Incomparable`].
    pub fn comparable(&self) -> Result<(), RejudgingError> {
        comparable_judges(&self.a, &self.b)
    }

    /// Replays the dialogues and what the judges said of them; what is missing has the price of
    /// the day.
    ///
    /// # Errors
    /// What is wrong with a cassette or with the prices beside the plan, or
    /// [`RejudgingError::NotHeld`].
    pub async fn recorded(&self, today: Date) -> Result<Recorded, RejudgingError> {
        let held = self.source.dialogues(&self.plan);
        let transcripts = dialogues(&self.source, &self.plan).await?;
        let (a, b) = (
            self.questions(&self.a, &transcripts),
            self.questions(&self.b, &transcripts),
        );
        let asked_a = a.replayed(&held).await?;
        let asked_b = b.replayed(&self.source.candidates(&self.plan)).await?;
        let region = self.source.region.as_deref();
        let of_a = Missing::of("baseline", &a, &asked_a).priced_today(&a, &held, region, today)?;
        let of_b = Missing::of("candidate", &b, &asked_b).priced_today(&b, &held, region, today)?;
        Ok(Recorded {
            a: asked_a,
            b: asked_b,
            missing: [(of_a, self.record_a()), (of_b, self.record_b())],
            transcripts,
        })
    }

    /// Compares what the two said; the dialogues are replayed, and nothing is sent.
    ///
    /// # Errors
    /// As [`recorded`](Self::recorded), [`RejudgingError::NotRecorded`] where a judgment is
    /// missing, and [`RejudgingError::Option`].
    pub async fn compare(
        &self,
        today: Date,
        anchors: Option<&Anchors>,
        options: &Options,
    ) -> Result<Comparison, RejudgingError> {
        options.fit(&self.a.rubric)?;
        let Recorded {
            transcripts,
            a,
            mut b,
            missing,
        } = self.recorded(today).await?;
        if self.comparable().is_err() {
            // What is missing would not make them comparable: nobody is to pay for it.
            return Ok(self.incomparable([a, b], &transcripts, options));
        }
        if missing.iter().any(|(missing, _)| !missing.is_none()) {
            return Err(self.not_recorded(missing).into());
        }
        let probed = self.questions(&self.b, &transcripts);
        b.evidence.probes = probed.probed(&self.source.candidates(&self.plan)).await?;
        let (a, b, changes) = (a.evidence, b.evidence, self.changes());
        let mut compared = Comparison::of(a, b, &self.a.rubric, changes, anchors, options);
        for (side, judge) in [(&mut compared.a, &self.a), (&mut compared.b, &self.b)] {
            side.cost_usd = spent(&self.plan, &judge.model, &side.tokens, today)?;
        }
        Ok(compared)
    }

    /// A comparison that says why there is none.
    fn incomparable(
        &self,
        [mut a, mut b]: [Asked; 2],
        transcripts: &[Transcript],
        options: &Options,
    ) -> Comparison {
        for (asked, judge) in [(&mut a, &self.a), (&mut b, &self.b)] {
            if asked.evidence.epochs.is_empty() {
                let unheard = Judged::of(judge, &self.plan.scenarios, transcripts);
                asked.evidence.epochs.push(unheard);
            }
        }
        let (rubric, changes) = (&self.a.rubric, self.changes());
        Comparison::of(a.evidence, b.evidence, rubric, changes, None, options)
    }

    /// The command that makes this comparison.
    #[must_use]
    pub fn command(&self) -> String {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        self.source.comparing(baseline, candidate, self.epochs)
    }

    fn questions<'a>(&'a self, judge: &'a Judge, transcripts: &'a [Transcript]) -> Questions<'a> {
        Questions {
            plan: &self.plan,
            judge,
            transcripts,
            epochs: self.epochs,
        }
    }

    /// What is recorded, as what it still needs.
    #[must_use]
    pub fn not_recorded(&self, missing: [(Missing, String); 2]) -> NotRecorded {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        NotRecorded {
            sides: sides(missing, self.sides()),
            changes: Some(self.changes()),
            listing: self.source.listing(baseline, candidate, self.epochs),
        }
    }

    /// A judge that is compared with itself is asked once, unless the two lie apart.
    fn sides(&self) -> Sides {
        let is_one = self.a.identity().fingerprint == self.b.identity().fingerprint;
        let held = self.source.dialogues(&self.plan);
        if is_one && held == self.source.candidates(&self.plan) {
            return Sides::One;
        }
        Sides::Two
    }

    /// The baseline's judgments lie with the dialogues.
    fn record_a(&self) -> String {
        let beside = Source {
            judgments: None,
            ..self.source.clone()
        };
        let version = self.a.identity().to_string();
        let reference = self.baseline.as_deref().unwrap_or(&version);
        beside.recording(self.baseline.as_deref(), Some(reference), self.epochs)
    }

    fn record_b(&self) -> String {
        let reference = self.candidate.as_deref();
        self.source
            .recording(self.baseline.as_deref(), reference, self.epochs)
    }
}

/// Whether two judges measure the same thing on the same scale.
///
/// # Errors
/// [`RejudgingError::Incomparable`].
pub fn comparable_judges(a: &Judge, b: &Judge) -> Result<(), RejudgingError> {
    comparable(&a.rubric, &b.rubric).map_err(|why: Incomparable| RejudgingError::Incomparable {
        a: a.identity().to_string(),
        b: b.identity().to_string(),
        why,
    })
}
