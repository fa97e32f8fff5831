//! In what two judges differ, and whether they can be compared at all.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::judge::{Identity, Judge, PairwiseJudge, Part, Rubric, Template, Unit};

/// In what two judges differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The parts of their identity that are not the same.
    pub parts: Vec<Part>,
    /// Lines of the prompts that are new.
    pub added: usize,
    /// Lines of the prompts that are gone.
    pub removed: usize,
    /// The prompts line by line, as `diff` writes it.
    pub diff: String,
}

impl Changes {
    /// Compares two judges.
    #[must_use]
    pub fn between(a: &Judge, b: &Judge) -> Self {
        let parts = a.identity().differences(&b.identity());
        Self::of(parts, [&a.system, &b.system], [&a.user, &b.user])
    }

    /// Compares two pairwise judges.
    #[must_use]
    pub fn between_pairwise(a: &PairwiseJudge, b: &PairwiseJudge) -> Self {
        let parts = a.identity().differences(&b.identity());
        Self::of(parts, [&a.system, &b.system], [&a.user, &b.user])
    }

    fn of(parts: Vec<Part>, system: [&Template; 2], user: [&Template; 2]) -> Self {
        let mut changes = Self {
            parts,
            added: 0,
            removed: 0,
            diff: String::new(),
        };
        for (name, [a, b]) in [("system", system), ("user", user)] {
            changes.add(name, a.source(), b.source());
        }
        changes
    }

    fn add(&mut self, name: &str, a: &str, b: &str) {
        let diff = TextDiff::from_lines(a, b);
        for change in diff.iter_all_changes() {
            match change.tag() {
                ChangeTag::Insert => self.added += 1,
                ChangeTag::Delete => self.removed += 1,
                ChangeTag::Equal => {}
            }
        }
        if a != b {
            let mut unified = diff.unified_diff();
            unified.header(&format!("a/{name}"), &format!("b/{name}"));
            self.diff.push_str(&unified.to_string());
        }
    }
}

/// Why two judges measure different things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// They do not score the same dimensions.
    #[error("the dimensions differ: {a} and {b}")]
    Dimensions {
        /// The baseline's.
        a: String,
        /// The candidate's.
        b: String,
    },
    /// A dimension has another scale.
    #[error("the scale of `{dimension}` differs: {a} and {b}")]
    Scale {
        /// The dimension.
        dimension: String,
        /// The baseline's.
        a: String,
        /// The candidate's.
        b: String,
    },
    /// What is held against each other.
    #[error("one judge compares turns, the other whole dialogues (`compares` in judge.toml)")]
    Compares,
}

/// Whether two pairwise judges hold the same things against each other.
///
/// # Errors
/// [`Incomparable::Compares`].
pub fn comparable_contests(a: Unit, b: Unit) -> Result<(), Incomparable> {
    if a == b {
        return Ok(());
    }
    Err(Incomparable::Compares)
}

/// Whether two rubrics measure the same thing on the same scale.
///
/// # Errors
/// The first difference.
pub fn comparable(a: &Rubric, b: &Rubric) -> Result<(), Incomparable> {
    let names = |rubric: &Rubric| {
        let names = rubric.dimensions.iter();
        names
            .map(|dimension| dimension.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if names(a) != names(b) {
        return Err(Incomparable::Dimensions {
            a: names(a),
            b: names(b),
        });
    }
    for (one, other) in a.dimensions.iter().zip(&b.dimensions) {
        let scale = |rubric: &Rubric, dimension: &crate::judge::Dimension| {
            let (low, high, step) = (dimension.low, dimension.high, rubric.step);
            format!("{low} to {high} in steps of {step}")
        };
        let (one_scale, other_scale) = (scale(a, one), scale(b, other));
        if one_scale != other_scale {
            return Err(Incomparable::Scale {
                dimension: one.name.clone(),
                a: one_scale,
                b: other_scale,
            });
        }
    }
    Ok(())
}

/// Whether the judge itself is the same.
pub(super) fn is_same(a: &Identity, b: &Identity) -> bool {
    a.fingerprint == b.fingerprint
}
