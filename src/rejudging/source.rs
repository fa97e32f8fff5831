//! Where a comparison's material lies, and the commands that go with it.

use std::path::{Path, PathBuf};

use super::error::RejudgingError;
use crate::bench::Plan;
use crate::judge::{AnyJudge, Judge, JudgeError, Judges, Pin, Reference};
use crate::words::quoted;

/// The plan where none is named.
const PLAN: &str = "scenarios/weekly.toml";
const JUDGES: &str = "judges";

/// Which dialogues are judged, and where what was said of them is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The plan of the dialogues.
    pub plan: PathBuf,
    /// The cassette of the dialogues; else the plan's.
    pub cassette: Option<PathBuf>,
    /// Where the candidate's judgments are, if not in the same cassette.
    pub judgments: Option<PathBuf>,
    /// The folder of judges and their pins; else `judges/` beside the plan.
    pub judges: Option<PathBuf>,
    /// Only these models, by name or id; none named is all.
    pub models: Vec<String>,
    /// Only these scenarios, by id; none named is all.
    pub scenarios: Vec<String>,
    /// The region whose prices hold; else the default one.
    pub region: Option<String>,
}

impl Source {
    /// A plan with everything where it is by default.
    pub fn of_plan(plan: impl Into<PathBuf>) -> Self {
        Self {
            plan: plan.into(),
            cassette: None,
            judgments: None,
            judges: None,
            models: Vec::new(),
            scenarios: Vec::new(),
            region: None,
        }
    }

    /// The plan, for the chosen models and scenarios.
    ///
    /// # Errors
    /// What is wrong with its files, or a name that it does not have.
    pub fn load(&self) -> Result<Plan, RejudgingError> {
        Ok(Plan::load(&self.plan)?.select(&self.models, &self.scenarios)?)
    }

    /// The project's judges.
    #[must_use]
    pub fn judges(&self) -> Judges {
        let beside = || self.plan.with_file_name(JUDGES);
        Judges::at(self.judges.clone().unwrap_or_else(beside))
    }

    /// The cassette of a plan's dialogues, and of the baseline's judgments.
    #[must_use]
    pub fn dialogues(&self, plan: &Plan) -> PathBuf {
        self.cassette.clone().unwrap_or_else(|| plan.cassette())
    }

    /// The cassette of the candidate's judgments.
    #[must_use]
    pub fn candidates(&self, plan: &Plan) -> PathBuf {
        let same = || self.dialogues(plan);
        self.judgments.clone().unwrap_or_else(same)
    }

    /// A judge by what a person calls it, or the plan's.
    ///
    /// # Errors
    /// [`JudgeError`] with what there is instead.
    pub fn candidate(&self, plan: &Plan, reference: Option<&str>) -> Result<Judge, RejudgingError> {
        match reference {
            Some(reference) => self.find(reference),
            None => Ok(plan.judge.clone()),
        }
    }

    /// What a candidate is compared with: a judge by what a person calls it, or the pinned one
    /// of the candidate's name.
    ///
    /// # Errors
    /// [`JudgeError`] with what there is instead, or what to compare with where nothing is pinned.
    pub fn baseline(
        &self,
        candidate: &Judge,
        reference: Option<&str>,
    ) -> Result<Judge, RejudgingError> {
        if let Some(reference) = reference {
            return self.find(reference);
        }
        let pin = self.last_pin(&AnyJudge::Rubric(candidate.clone()))?;
        Ok(self.judges().pinned(&pin)?)
    }

    fn find(&self, reference: &str) -> Result<Judge, RejudgingError> {
        Ok(self.judges().find(&named(reference))?)
    }

    /// A judge of either kind by what a person calls it.
    ///
    /// # Errors
    /// [`JudgeError`] with what there is instead.
    pub fn find_any(&self, reference: &str) -> Result<AnyJudge, RejudgingError> {
        Ok(self.judges().find_any(&named(reference))?)
    }

    /// The last pin of a judge's name, of either kind.
    ///
    /// # Errors
    /// [`JudgeError`] with what to compare with where there is none.
    pub fn pinned(&self, judge: &AnyJudge) -> Result<AnyJudge, RejudgingError> {
        let pin = self.last_pin(judge)?;
        Ok(self.judges().pinned_any(&pin)?)
    }

    fn last_pin(&self, judge: &AnyJudge) -> Result<Pin, RejudgingError> {
        let last = self.judges().baseline(judge.name())?;
        last.ok_or_else(|| {
            RejudgingError::Judge(JudgeError::NotPinned {
                name: judge.name().to_owned(),
                version: "pinned".to_owned(),
                hint: self.without_a_pin(judge),
            })
        })
    }

    /// The command that records a judge's judgments of these dialogues, to be compared with the
    /// baseline.
    #[must_use]
    pub fn recording(
        &self,
        baseline: Option<&str>,
        candidate: Option<&str>,
        epochs: u32,
    ) -> String {
        self.between("record", [baseline, candidate], epochs)
    }

    /// The command that says what a comparison still needs, and what that costs.
    #[must_use]
    pub fn planning(&self, baseline: Option<&str>, candidate: Option<&str>, epochs: u32) -> String {
        self.between("plan", [baseline, candidate], epochs)
    }

    /// The command that lists every call which a comparison still needs.
    #[must_use]
    pub fn listing(&self, baseline: Option<&str>, candidate: Option<&str>, epochs: u32) -> String {
        format!("{} --all", self.planning(baseline, candidate, epochs))
    }

    /// The command that compares a judge with another on these dialogues.
    #[must_use]
    pub fn comparing(
        &self,
        baseline: Option<&str>,
        candidate: Option<&str>,
        epochs: u32,
    ) -> String {
        self.between("regress", [baseline, candidate], epochs)
    }

    /// The command that makes a judge the baseline.
    #[must_use]
    pub fn pinning(&self, judge: &Judge) -> String {
        self.pinning_folder(&judge.folder)
    }

    /// The same by the folder of a judge of either kind.
    pub(super) fn pinning_folder(&self, folder: &Path) -> String {
        let folder = of_path(folder);
        let mut words = vec![format!("bedrock-replay judge pin {folder}")];
        words.extend(self.plan_words());
        let judges = self.judges.iter();
        words.extend(judges.map(|path| format!("--judges {}", of_path(path))));
        words.join(" ")
    }

    /// The command that holds the dialogues that are not recorded.
    #[must_use]
    pub fn holding(&self) -> String {
        let mut words = vec!["bedrock-replay run --mode record-missing".to_owned()];
        words.extend(self.plan_words());
        let cassette = self.cassette.iter();
        words.extend(cassette.map(|path| format!("--cassette {}", of_path(path))));
        words.extend(self.chosen());
        words.join(" ")
    }

    fn between(
        &self,
        command: &str,
        [baseline, candidate]: [Option<&str>; 2],
        epochs: u32,
    ) -> String {
        let mut words = vec![format!("bedrock-replay judge {command}")];
        for (option, reference) in [("--baseline", baseline), ("--candidate", candidate)] {
            words.extend(reference.map(|reference| format!("{option} {}", quoted(reference))));
        }
        words.extend((epochs > 1).then(|| format!("--epochs {epochs}")));
        words.extend(self.plan_words());
        let paths = [
            ("--cassette", &self.cassette),
            ("--judgments", &self.judgments),
            ("--judges", &self.judges),
        ];
        for (option, path) in paths {
            words.extend(
                path.iter()
                    .map(|path| format!("{option} {}", of_path(path))),
            );
        }
        words.extend(self.chosen());
        words.join(" ")
    }

    fn plan_words(&self) -> Option<String> {
        (self.plan != Path::new(PLAN)).then(|| format!("--plan {}", of_path(&self.plan)))
    }

    fn chosen(&self) -> Vec<String> {
        let models = self.models.iter();
        let models = models.map(|name| format!("--model {}", quoted(name)));
        let scenarios = self.scenarios.iter();
        models
            .chain(scenarios.map(|id| format!("--scenario {}", quoted(id))))
            .collect()
    }
}

fn named(reference: &str) -> Reference {
    match reference.parse() {
        Ok(reference) => reference,
        Err(never) => match never {},
    }
}

fn of_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}
