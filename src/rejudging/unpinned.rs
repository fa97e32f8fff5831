//! What a judge is compared with of whose name nothing is pinned.

use std::path::Path;

use super::edit::comparable_judges;
use super::error::RejudgingError;
use super::source::Source;
use crate::judge::AnyJudge;
use crate::regression::comparable_contests;
use crate::words::quoted;

impl Source {
    /// The command that goes with judgments which were recorded: it compares them, or keeps the
    /// judge where there is nothing yet to compare it with.
    ///
    /// # Errors
    /// A list of pins that cannot be used.
    pub fn after_recording(
        &self,
        judge: &AnyJudge,
        baseline: Option<&str>,
        candidate: Option<&str>,
        epochs: u32,
    ) -> Result<String, RejudgingError> {
        if baseline.is_some() || self.judges().baseline(judge.name())?.is_some() {
            return Ok(self.comparing(baseline, candidate, epochs));
        }
        Ok(match self.in_place_of_a_pin(judge) {
            Some(reference) => self.comparing(Some(&reference), candidate, epochs),
            None => format!(
                "{}   (keeps the judge as it is now, for later edits)",
                self.pinning_folder(judge.folder())
            ),
        })
    }

    /// What to do about a judge of which no version is pinned. To pin it comes last: an edit that
    /// is pinned would be compared with itself.
    pub(super) fn without_a_pin(&self, judge: &AnyJudge) -> String {
        let compare = match self.in_place_of_a_pin(judge) {
            Some(reference) => format!("compare it by --baseline {}", quoted(&reference)),
            None => "name what it was by --baseline: a folder, name@fingerprint or git:REF:path"
                .to_owned(),
        };
        let pin = self.pinning_folder(judge.folder());
        format!("{compare}; `{pin}` keeps the judge as it is now, for later edits")
    }

    /// The judge as the last commit has it, where it was edited since; else the plan's judge.
    fn in_place_of_a_pin(&self, judge: &AnyJudge) -> Option<String> {
        self.committed(judge).or_else(|| self.of_the_plan(judge))
    }

    fn committed(&self, judge: &AnyJudge) -> Option<String> {
        let folder = judge.folder();
        if folder.is_absolute() {
            return None;
        }
        let from_here = format!("git:HEAD:./{}", folder.display());
        let before = self.find_any(&from_here).ok()?;
        if !is_comparable(&before, judge) {
            return None;
        }
        // In the repository's root both mean the same folder.
        let from_root = format!("git:HEAD:{}", folder.display());
        let same = self.find_any(&from_root).ok();
        let is_same = same.is_some_and(|same| same.identity() == before.identity());
        Some(if is_same { from_root } else { from_here })
    }

    fn of_the_plan(&self, judge: &AnyJudge) -> Option<String> {
        let before = self.load().ok()?.judge;
        let named = self.judges().folder().join(&before.name);
        let reference = if is_same_folder(&named, &before.folder) {
            before.name.clone()
        } else {
            before.folder.display().to_string()
        };
        is_comparable(&AnyJudge::Rubric(before), judge).then_some(reference)
    }
}

fn is_same_folder(a: &Path, b: &Path) -> bool {
    a.components().eq(b.components())
}

/// Whether the two are different judges that can be held against each other.
fn is_comparable(before: &AnyJudge, judge: &AnyJudge) -> bool {
    let is_other = before.identity().fingerprint != judge.identity().fingerprint;
    is_other
        && match (before, judge) {
            (AnyJudge::Rubric(a), AnyJudge::Rubric(b)) => comparable_judges(a, b).is_ok(),
            (AnyJudge::Pairwise(a), AnyJudge::Pairwise(b)) => {
                comparable_contests(a.compares, b.compares).is_ok()
            }
            _ => false,
        }
}
