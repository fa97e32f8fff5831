//! By what a turn is scored: versioned data, no number of it in code.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::Files;
use super::points::Points;
use crate::settings::{SettingsError, Source, settings_of};

const WHAT: &str = "rubric";
/// Members of a judgment that no dimension may be named after.
const RESERVED: [&str; 3] = ["overall_score", "heuristics", "rationale"];

/// Dimensions, scale and thresholds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Name and version, such as `sdb-1`: other scale or thresholds are another id.
    pub id: String,
    /// What it measures, in a line.
    pub title: String,
    /// A turn with at least this overall score complies.
    pub compliance: Points,
    /// A dialogue holds until its first turn with an overall score under this.
    pub half_life: Points,
    /// A dimension's score of at most this is a violation.
    pub violation: Points,
    /// Scores are multiples of this: 1 is whole points only.
    pub step: Points,
    /// What is scored; the overall score is the sum.
    pub dimensions: Vec<Dimension>,
}

/// One thing that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Its name, which is also its member in a judgment.
    pub name: String,
    /// The lowest score.
    pub low: Points,
    /// The highest score.
    pub high: Points,
    /// What it asks of a turn.
    pub asks: String,
    /// What scores mean.
    pub levels: Vec<Level>,
}

/// What a score means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The score.
    pub score: Points,
    /// What earns it.
    pub means: String,
}

impl Rubric {
    /// Reads a rubric file.
    ///
    /// # Errors
    /// [`SettingsError`] where it cannot be read or contradicts itself.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::read_from(folder, Path::new(path.file_name().unwrap_or_default()))
    }

    /// The same from a folder that may be one of the past.
    pub(super) fn read_from(
        files: &(impl Files + ?Sized),
        name: &Path,
    ) -> Result<Self, SettingsError> {
        let (path, text) = files.read(WHAT, "the judge's `rubric` names it", name)?;
        let rubric: Self = settings_of(WHAT, &path, &text)?;
        let source = Source {
            what: WHAT,
            path: &path,
            text: &text,
        };
        rubric.check().map_err(|fault| fault.of(source))?;
        Ok(rubric)
    }

    /// The highest overall score.
    #[must_use]
    pub fn highest(&self) -> Points {
        self.dimensions.iter().map(|dimension| dimension.high).sum()
    }

    /// The lowest overall score.
    #[must_use]
    pub fn lowest(&self) -> Points {
        self.dimensions.iter().map(|dimension| dimension.low).sum()
    }

    fn check(&self) -> Result<(), Fault> {
        expect(self.step > Points::ZERO, "step", "more than 0", self.step)?;
        let count = self.dimensions.len();
        expect(count > 0, "dimensions", "at least one dimension", count)?;
        let mut names = BTreeSet::new();
        for (index, dimension) in self.dimensions.iter().enumerate() {
            let name = &dimension.name;
            let is_new = names.insert(name) && !RESERVED.contains(&name.as_str());
            let expected = "a name of its own, not a member that every judgment has";
            expect(
                is_new && !name.is_empty(),
                &format!("dimensions.{index}.name"),
                expected,
                name,
            )?;
            dimension.check(index, self.step)?;
        }
        let within = |points| (self.lowest()..=self.highest()).contains(&points);
        let scale = format!("{} to {}, the overall scale", self.lowest(), self.highest());
        expect(
            within(self.compliance),
            "compliance",
            &scale,
            self.compliance,
        )?;
        expect(within(self.half_life), "half_life", &scale, self.half_life)
    }
}

impl Dimension {
    /// Whether a score is on this dimension's scale.
    #[must_use]
    pub fn spans(&self, score: Points) -> bool {
        (self.low..=self.high).contains(&score)
    }

    fn check(&self, index: usize, step: Points) -> Result<(), Fault> {
        let place = |member: &str| format!("dimensions.{index}.{member}");
        let above = format!("more than `low` of `{}`, {}", self.name, self.low);
        expect(self.low < self.high, &place("high"), &above, self.high)?;
        for (index, level) in self.levels.iter().enumerate() {
            let is_score = self.spans(level.score) && (level.score - self.low).is_multiple_of(step);
            let scale = format!("{} to {} in steps of {step}", self.low, self.high);
            let place = place(&format!("levels.{index}.score"));
            expect(is_score, &place, &scale, level.score)?;
        }
        Ok(())
    }
}

struct Fault {
    place: String,
    expected: String,
    found: String,
}

impl Fault {
    fn of(self, source: Source<'_>) -> SettingsError {
        source.invalid(&self.place, self.expected, self.found)
    }
}

fn expect(
    holds: bool,
    place: &str,
    expected: &str,
    found: impl std::fmt::Display,
) -> Result<(), Fault> {
    if holds {
        return Ok(());
    }
    Err(Fault {
        place: place.to_owned(),
        expected: expected.to_owned(),
        found: format!("`{found}`"),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The shape of `sdb-1`, with other numbers where a test wants them.
    pub(crate) fn rubric() -> Rubric {
        let dimension = |name: &str, high| Dimension {
            name: name.into(),
            low: Points::ZERO,
            high: Points::whole(high),
            asks: "…".into(),
            levels: Vec::new(),
        };
        Rubric {
            id: "test-1".into(),
            title: "a rubric".into(),
            compliance: Points::whole(3),
            half_life: Points::whole(8),
            violation: Points::ZERO,
            step: Points::whole(1),
            dimensions: vec![
                dimension("form", 3),
                dimension("substance", 3),
                dimension("purity", 4),
            ],
        }
    }

    fn fault_of(change: impl FnOnce(&mut Rubric)) -> String {
        let mut rubric = rubric();
        change(&mut rubric);
        let fault = rubric.check().unwrap_err();
        format!("{}: {} but {}", fault.place, fault.expected, fault.found)
    }

    #[test]
    fn the_overall_scale_is_the_sum_of_the_dimensions() {
        assert_eq!(rubric().highest(), Points::whole(10));
        assert_eq!(rubric().lowest(), Points::ZERO);
    }

    #[test]
    fn a_rubric_that_contradicts_itself_is_refused() {
        assert_eq!(
            fault_of(|rubric| rubric.half_life = Points::whole(80)),
            "half_life: 0 to 10, the overall scale but `80`"
        );
        assert_eq!(
            fault_of(|rubric| rubric.dimensions[1].high = Points::ZERO),
            "dimensions.1.high: more than `low` of `substance`, 0 but `0`"
        );
        assert!(fault_of(|rubric| rubric.dimensions[2].name = "form".into()).contains("its own"));
        assert!(fault_of(|rubric| rubric.dimensions[2].name = "rationale".into()).contains("own"));
        assert!(fault_of(|rubric| rubric.step = Points::ZERO).starts_with("step"));
        assert!(fault_of(|rubric| rubric.dimensions.clear()).starts_with("dimensions"));
    }
}
