//! A judge before the dialogues that are recorded of a plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::blocking::wait;
use super::moved::JudgeMoved;
use super::stable::{StableJudging, StableTranscript};
use crate::clock::{Clock as _, SystemClock};
use crate::regression::{Comparison, Options, Verdict};
use crate::rejudging::{Edit, RejudgingError, Source, judged};

/// A test of a plan's judge: [`of`](Self::of) a plan, everything else where it lies by default.
#[derive(Debug, Clone)]
pub struct JudgeTest {
    source: Source,
    baseline: Option<String>,
    candidate: Option<String>,
    epochs: u32,
    options: Options,
}

/// Fails unless a plan's judge is equivalent to the pinned one on the recorded dialogues: a
/// whole test in one call, offline.
///
/// # Panics
/// With the head of the report: the verdict, what moved, or which judgments are not recorded
/// and what they cost, and the next command.
#[track_caller]
pub fn assert_judge_is_equivalent(plan: impl Into<PathBuf>) {
    JudgeTest::of(plan).assert_equivalent();
}

impl JudgeTest {
    /// The judge of a plan, against its pinned version, on the dialogues of
    /// `cassettes/PLAN.sqlite`.
    pub fn of(plan: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::of_plan(plan),
            baseline: None,
            candidate: None,
            epochs: 1,
            options: Options::default(),
        }
    }

    /// The cassette of the dialogues.
    #[must_use]
    pub fn cassette(mut self, path: impl Into<PathBuf>) -> Self {
        self.source.cassette = Some(path.into());
        self
    }

    /// The cassette of the edited judge's judgments, if they are not in the dialogues' own.
    #[must_use]
    pub fn judgments(mut self, path: impl Into<PathBuf>) -> Self {
        self.source.judgments = Some(path.into());
        self
    }

    /// The folder of judges and their pins, if it is not `judges/` beside the plan.
    #[must_use]
    pub fn judges(mut self, folder: impl Into<PathBuf>) -> Self {
        self.source.judges = Some(folder.into());
        self
    }

    /// Only this model, by name or id; called again, this one too.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.source.models.push(model.into());
        self
    }

    /// Only this scenario, by id; called again, this one too.
    #[must_use]
    pub fn scenario(mut self, id: impl Into<String>) -> Self {
        self.source.scenarios.push(id.into());
        self
    }

    /// The judge to compare with, in place of the pinned one: a folder, `name@fingerprint` or
    /// `git:REF:path`.
    #[must_use]
    pub fn baseline(mut self, judge: impl Into<String>) -> Self {
        self.baseline = Some(judge.into());
        self
    }

    /// The judge to test, in place of the plan's.
    #[must_use]
    pub fn candidate(mut self, judge: impl Into<String>) -> Self {
        self.candidate = Some(judge.into());
        self
    }

    /// How often every turn was judged.
    #[must_use]
    pub fn epochs(mut self, epochs: u32) -> Self {
        self.epochs = epochs;
        self
    }

    /// What decides: margin, α, guards.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Compares the two judges.
    ///
    /// # Errors
    /// [`JudgeMoved`] with whatever verdict is not [`Verdict::Equivalent`], or why there is none.
    pub fn check(&self) -> Result<Comparison, JudgeMoved> {
        let edit = self.edit().map_err(|error| self.not_compared(error))?;
        let compared = wait(|| edit.compare(today(), None, &self.options));
        let comparison = compared
            .map_err(JudgeMoved::NotRun)?
            .map_err(|error| self.not_compared(error))?;
        if comparison.decision.verdict == Verdict::Equivalent {
            return Ok(comparison);
        }
        Err(JudgeMoved::of(&edit, comparison))
    }

    /// Fails unless the two judges are equivalent.
    ///
    /// # Panics
    /// With [`JudgeMoved`] in its own words.
    #[track_caller]
    pub fn assert_equivalent(&self) {
        if let Err(moved) = self.check() {
            panic!("the judge is not what it was\n{moved}");
        }
    }

    /// The recorded dialogues with what the tested judge says of them, for a snapshot.
    ///
    /// # Errors
    /// [`JudgeMoved::NotCompared`] with what is not recorded.
    pub fn transcripts(&self) -> Result<Vec<StableTranscript>, JudgeMoved> {
        let candidate = self.candidate.as_deref();
        let said = wait(|| judged(&self.source, candidate, today()));
        let transcripts = said
            .map_err(JudgeMoved::NotRun)?
            .map_err(|error| self.not_compared(error))?;
        Ok(transcripts.iter().map(StableTranscript::of).collect())
    }

    /// What the tested judge says alone, by dialogue and turn, for a snapshot.
    ///
    /// # Errors
    /// As [`transcripts`](Self::transcripts).
    pub fn judgings(&self) -> Result<BTreeMap<String, StableJudging>, JudgeMoved> {
        let transcripts = self.transcripts()?;
        Ok(transcripts
            .iter()
            .flat_map(StableTranscript::judgments)
            .collect())
    }

    fn edit(&self) -> Result<Edit, RejudgingError> {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        Edit::load(self.source.clone(), baseline, candidate, self.epochs)
    }

    fn not_compared(&self, error: RejudgingError) -> JudgeMoved {
        let next = match &error {
            RejudgingError::NotHeld { .. } => Some(self.source.holding()),
            _ => None,
        };
        let error = Box::new(error);
        JudgeMoved::NotCompared { error, next }
    }
}

fn today() -> Date {
    SystemClock::new().now().to_zoned(TimeZone::UTC).date()
}
