//! Agreement of any number of raters, with gaps.

use super::clustered::count;

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Names.
    Nominal,
    /// An order: what lies between two values counts.
    Ordinal,
    /// Numbers: the square of their difference counts.
    Interval,
}

/// Krippendorff's α: `1 − D_o/D_e` over the coincidences of values within units. Without unit;
/// 1 is full agreement, 0 what chance gives.
///
/// A unit holds what its raters said, as many as there were; units of fewer than two do not
/// count. Not defined where all values are one and the same. Source: Krippendorff, Computing
/// Krippendorff's Alpha-Reliability (2011).
#[must_use]
pub fn krippendorff(units: &[Vec<f64>], level: Level) -> Option<f64> {
    let paired = || units.iter().filter(|unit| unit.len() >= 2);
    let mut values: Vec<f64> = paired().flatten().copied().collect();
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    values.sort_by(f64::total_cmp);
    values.dedup();
    let mut together = Coincidences::new(values.len());
    for unit in paired() {
        let places = unit
            .iter()
            .filter_map(|value| values.binary_search_by(|known| known.total_cmp(value)).ok());
        together.add(&places.collect::<Vec<_>>());
    }
    together.alpha(&values, level)
}

struct Coincidences {
    size: usize,
    cells: Vec<f64>,
}

impl Coincidences {
    fn new(size: usize) -> Self {
        Self {
            size,
            cells: vec![0.0; size * size],
        }
    }

    /// Every ordered pair of a unit's values, so that each value counts once in all.
    fn add(&mut self, places: &[usize]) {
        let weight = 1.0 / count(places.len() - 1);
        for (at, a) in places.iter().enumerate() {
            for (other, b) in places.iter().enumerate() {
                if at != other {
                    self.cells[a * self.size + b] += weight;
                }
            }
        }
    }

    fn alpha(&self, values: &[f64], level: Level) -> Option<f64> {
        let totals: Vec<f64> = self
            .cells
            .chunks(self.size.max(1))
            .map(|row| row.iter().sum())
            .collect();
        let all: f64 = totals.iter().sum();
        let (mut observed, mut expected) = (0.0, 0.0);
        for a in 0..self.size {
            for b in 0..self.size {
                let apart = difference(a, b, values, &totals, level);
                observed += self.cells[a * self.size + b] * apart;
                expected += totals[a] * totals[b] * apart;
            }
        }
        (expected > 0.0).then(|| 1.0 - (all - 1.0) * observed / expected)
    }
}

fn difference(a: usize, b: usize, values: &[f64], totals: &[f64], level: Level) -> f64 {
    match level {
        Level::Nominal => f64::from(u8::from(a != b)),
        Level::Interval => (values[a] - values[b]).powi(2),
        Level::Ordinal => {
            let (low, high) = (a.min(b), a.max(b));
            let between: f64 = totals[low..=high].iter().sum();
            (between - f64::midpoint(totals[a], totals[b])).powi(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clustered::tests::{are_near, pairs};
    use super::*;

    const LEVELS: [Level; 3] = [Level::Nominal, Level::Ordinal, Level::Interval];

    /// By the Python package `krippendorff`, `alpha([A, B], level_of_measurement=…)`.
    #[test]
    fn the_worked_example_has_the_values_of_another_program() {
        let units: Vec<Vec<f64>> = pairs().into_iter().map(|(a, b)| vec![a, b]).collect();
        for (level, expected) in
            LEVELS
                .into_iter()
                .zip([0.446_022_727_3, 0.939_776_951_7, 0.945_595_020_9])
        {
            let found = krippendorff(&units, level).unwrap();
            assert!((found - expected).abs() < 1e-9, "{level:?}: {found}");
        }
    }

    /// Four observers and twelve units, with gaps: section E of the source.
    fn published() -> Vec<Vec<f64>> {
        let columns: [&[i32]; 12] = [
            &[1, 1, 1],
            &[2, 2, 3, 2],
            &[3, 3, 3, 3],
            &[3, 3, 3, 3],
            &[2, 2, 2, 2],
            &[1, 2, 3, 4],
            &[4, 4, 4, 4],
            &[1, 1, 2, 1],
            &[2, 2, 2, 2],
            &[5, 5, 5],
            &[1, 1],
            &[3],
        ];
        let floats = |unit: &&[i32]| unit.iter().map(|value| f64::from(*value)).collect();
        columns.iter().map(floats).collect()
    }

    #[test]
    fn the_published_example_has_its_values() {
        for (level, expected) in [
            (Level::Nominal, 0.743),
            (Level::Ordinal, 0.815),
            (Level::Interval, 0.849),
        ] {
            let found = krippendorff(&published(), level).unwrap();
            assert!((found - expected).abs() < 0.000_6, "{level:?}: {found}");
        }
    }

    #[test]
    fn full_agreement_is_1_and_no_difference_is_nothing() {
        let units = vec![vec![1.0; 3], vec![4.0; 3], vec![2.0; 3]];
        assert_eq!(krippendorff(&units, Level::Ordinal), Some(1.0));
        assert_eq!(
            krippendorff(&[vec![3.0; 3], vec![3.0; 2]], Level::Interval),
            None
        );
        assert_eq!(krippendorff(&[vec![3.0], vec![4.0]], Level::Interval), None);
        assert_eq!(krippendorff(&[], Level::Nominal), None);
        assert_eq!(krippendorff(&[vec![f64::NAN, 1.0]], Level::Interval), None);
    }

    fn any_units() -> impl Strategy<Value = Vec<Vec<i32>>> {
        proptest::collection::vec(proptest::collection::vec(0_i32..6, 0..5), 0..12)
    }

    fn of(units: &[Vec<i32>], level: Level, change: impl Fn(i32) -> f64) -> Option<f64> {
        let floats = |unit: &Vec<i32>| unit.iter().map(|value| change(*value)).collect();
        krippendorff(&units.iter().map(floats).collect::<Vec<_>>(), level)
    }

    proptest! {
        #[test]
        fn raters_who_agree_have_1_and_others_have_less(
            values in proptest::collection::vec(0_i32..6, 2..12), raters in 2_usize..5, odd in 0_usize..12,
        ) {
            let mut units: Vec<Vec<i32>> = values.iter().map(|value| vec![*value; raters]).collect();
            let is_flat = values.iter().all(|value| *value == values[0]);
            for level in LEVELS {
                let found = of(&units, level, f64::from);
                prop_assert_eq!(found.is_none(), is_flat);
                prop_assert!(found.is_none_or(|found| (found - 1.0).abs() < 1e-12));
            }
            units[odd % values.len()][0] += 1;
            for level in LEVELS {
                prop_assert!(of(&units, level, f64::from).unwrap() < 1.0);
            }
        }

        #[test]
        fn neither_the_order_of_units_nor_of_raters_counts(units in any_units()) {
            let mut back = units.clone();
            back.reverse();
            for unit in &mut back {
                unit.reverse();
            }
            for level in LEVELS {
                let plain = of(&units, level, f64::from);
                prop_assert!(plain.is_none_or(|found| found <= 1.0 + 1e-12));
                prop_assert!(are_near(plain, of(&back, level, f64::from)));
            }
        }

        #[test]
        fn each_level_keeps_what_it_measures(units in any_units()) {
            let renamed = |value: i32| f64::from((value * 5 + 2) % 7);
            let stretched = |value: i32| f64::from(value).powi(3);
            let rescaled = |value: i32| 40.0 - 2.5 * f64::from(value);
            for (level, change) in [
                (Level::Nominal, &renamed as &dyn Fn(i32) -> f64),
                (Level::Ordinal, &stretched),
                (Level::Interval, &rescaled),
            ] {
                let plain = of(&units, level, f64::from);
                prop_assert!(are_near(plain, of(&units, level, change)), "{:?}", level);
            }
        }

        #[test]
        fn of_two_values_every_level_says_the_same(
            units in proptest::collection::vec(proptest::collection::vec(0_i32..2, 0..5), 0..12),
        ) {
            let [nominal, ordinal, interval] = LEVELS.map(|level| of(&units, level, f64::from));
            prop_assert!(are_near(nominal, ordinal) && are_near(nominal, interval));
        }
    }
}
