//! How many turns moved by how much, counted by the rubric's step.

use std::collections::BTreeMap;

use crate::judge::Points;
use crate::report::plot::Group;

/// Bars on each side of 0 that can be told apart.
const BARS: u64 = 20;
/// On each side of 0, at least this is shown, so that a small shift looks small.
const LEAST: i64 = 3;

/// Turns by their shift. A bar is one step, or several where there would be too many bars; only
/// what did not move at all is 0.
#[derive(Debug)]
pub(super) struct Shifts {
    width: u64,
    counts: BTreeMap<i64, u32>,
}

impl Shifts {
    /// Counts differences between scores that are multiples of `step`.
    pub(super) fn of(step: Points, differences: &[Points]) -> Self {
        let step = step.thousandths().unsigned_abs().max(1);
        let distances = differences
            .iter()
            .map(|own| own.thousandths().unsigned_abs());
        let steps = distances.max().unwrap_or(0).div_ceil(step);
        let width = step * steps.div_ceil(BARS).max(1);
        let mut counts = BTreeMap::new();
        for own in differences {
            let thousandths = own.thousandths();
            let bars = thousandths.unsigned_abs().div_ceil(width);
            let bar = i64::try_from(bars).unwrap_or(i64::MAX) * thousandths.signum();
            *counts.entry(bar).or_default() += 1;
        }
        Self { width, counts }
    }

    /// The highest bar.
    pub(super) fn most(&self) -> u32 {
        self.counts.values().copied().max().unwrap_or(1)
    }

    /// Every bar from the lowest to the highest, those that no turn is in too.
    pub(super) fn groups(&self) -> Vec<Group> {
        let lowest = self.counts.keys().next().copied().unwrap_or(0).min(-LEAST);
        let highest = self.counts.keys().last().copied().unwrap_or(0).max(LEAST);
        let group = |bar: i64| Group {
            name: self.name(bar),
            values: vec![Some(f64::from(self.counts.get(&bar).copied().unwrap_or(0)))],
        };
        (lowest..=highest).map(group).collect()
    }

    /// The farthest shift of a bar.
    fn name(&self, bar: i64) -> String {
        let thousandths = self.width.saturating_mul(bar.unsigned_abs());
        let distance = Points::of_thousandths(i64::try_from(thousandths).unwrap_or(i64::MAX));
        match bar.signum() {
            0 => "0".to_owned(),
            1 => format!("+{distance}"),
            _ => format!("−{distance}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(step: i64, differences: &[i64]) -> Vec<(String, u32)> {
        let points: Vec<Points> = differences
            .iter()
            .map(|own| Points::of_thousandths(*own))
            .collect();
        let shifts = Shifts::of(Points::of_thousandths(step), &points);
        let counts = shifts.counts.iter();
        counts
            .map(|(bar, count)| (shifts.name(*bar), *count))
            .collect()
    }

    #[track_caller]
    fn assert_shown(step: i64, differences: &[i64], expected: &[(&str, u32)]) {
        let expected: Vec<(String, u32)> = expected
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect();
        assert_eq!(shown(step, differences), expected);
    }

    #[test]
    fn half_a_point_of_a_half_point_rubric_has_moved_as_far_down_as_up() {
        let expected = [("−1", 1), ("−0.5", 2), ("0", 1), ("+0.5", 2), ("+1.5", 1)];
        assert_shown(500, &[-500, 500, 0, 500, -500, -1000, 1500], &expected);
    }

    #[test]
    fn whole_points_are_counted_whole() {
        assert_shown(
            1000,
            &[-2000, 0, 0, 1000],
            &[("−2", 1), ("0", 2), ("+1", 1)],
        );
    }

    #[test]
    fn on_a_fine_scale_a_bar_is_several_steps_and_0_is_still_only_what_did_not_move() {
        // A hundred steps of 0.1: bars of five.
        let differences = [-10_000, -100, 0, 100, 500, 600];
        let expected = [("−10", 1), ("−0.5", 1), ("0", 1), ("+0.5", 2), ("+1", 1)];
        assert_shown(100, &differences, &expected);
    }

    #[test]
    fn bars_between_the_lowest_and_the_highest_are_there_though_no_turn_is_in_them() {
        let points: Vec<Points> = [-8_500, 9_000].map(Points::of_thousandths).into();
        let groups = Shifts::of(Points::of_thousandths(500), &points).groups();
        assert_eq!(groups.len(), 36);
        assert_eq!(
            (groups[0].name.as_str(), groups[17].name.as_str()),
            ("−8.5", "0")
        );
        assert_eq!(groups[1].values, [Some(0.0)]);
    }
}
