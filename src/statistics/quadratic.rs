//! Quadratic-weighted κ from sums, with an interval that leaves out one dialogue at a time.

use std::ops::{Add, Sub};

use super::clustered::count;
use super::interval::Interval;
use super::quantile::critical_t;

/// Cohen's κ with quadratic weights: `1 − E[(a−b)²] / (Var a + Var b + (ā−b̄)²)` with variances
/// over n. Without unit; equal to [`kappa`](super::kappa) on an evenly spaced scale (Fleiss and
/// Cohen, Educational and Psychological Measurement 33 (1973)).
///
/// The interval is a jackknife over clusters, `κ ± t_{G−1} · √((G−1)/G · Σ(κ_(−g) − κ̄_(·))²)`,
/// cut to [−1, 1] (Efron and Tibshirani, An Introduction to the Bootstrap, chapter 11): the
/// textbook's standard error takes turns for independent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuadraticKappa {
    /// κ; 1 is full agreement, 0 what chance gives.
    pub kappa: f64,
    /// Its interval, where there are clusters to leave out.
    pub interval: Option<Interval>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    a: f64,
    b: f64,
    aa: f64,
    bb: f64,
    ab: f64,
}

impl QuadraticKappa {
    /// Of pairs of scores, cluster by cluster. Not defined where neither rater ever leaves one
    /// and the same score.
    #[must_use]
    pub fn of(clusters: &[Vec<(f64, f64)>], confidence: f64) -> Option<Self> {
        let (kappa, without) = leave_one_out(clusters)?;
        let interval = without.and_then(|without| jackknife(kappa, &without, confidence));
        Some(Self {
            kappa,
            interval: interval.map(|interval| interval.clamped(-1.0, 1.0)),
        })
    }

    /// The interval of κ's change from one rater to another, both held against the same third:
    /// the jackknife of the difference, cut to [−2, 2]. The clusters are the same in both.
    #[must_use]
    pub fn change(
        from: &[Vec<(f64, f64)>],
        to: &[Vec<(f64, f64)>],
        confidence: f64,
    ) -> Option<Interval> {
        let (before, without_before) = leave_one_out(from)?;
        let (after, without_after) = leave_one_out(to)?;
        let both = without_after?.into_iter().zip(without_before?);
        let without: Vec<f64> = both.map(|(after, before)| after - before).collect();
        let interval = jackknife(after - before, &without, confidence)?;
        Some(interval.clamped(-2.0, 2.0))
    }
}

/// κ of all clusters, and of all but one, for each of them.
fn leave_one_out(clusters: &[Vec<(f64, f64)>]) -> Option<(f64, Option<Vec<f64>>)> {
    let sums: Vec<Sums> = clusters
        .iter()
        .filter(|pairs| !pairs.is_empty())
        .map(|pairs| pairs.iter().map(Sums::of).fold(Sums::default(), Sums::add))
        .collect();
    let all = sums.iter().copied().fold(Sums::default(), Sums::add);
    let without = sums.iter().map(|own| (all - *own).kappa());
    Some((all.kappa()?, without.collect()))
}

/// An interval from the figures that leave out one cluster each.
fn jackknife(whole: f64, without: &[f64], confidence: f64) -> Option<Interval> {
    let clusters = without.len();
    let t = critical_t(confidence, clusters.checked_sub(1)?)?;
    let mean = without.iter().sum::<f64>() / count(clusters);
    let squares: f64 = without.iter().map(|own| (own - mean).powi(2)).sum();
    let error = (squares * count(clusters - 1) / count(clusters)).sqrt();
    error
        .is_finite()
        .then(|| Interval::around(whole, t * error))
}

impl Sums {
    fn of((a, b): &(f64, f64)) -> Self {
        Self {
            n: 1.0,
            a: *a,
            b: *b,
            aa: a * a,
            bb: b * b,
            ab: a * b,
        }
    }

    fn kappa(self) -> Option<f64> {
        let apart = self.aa + self.bb - 2.0 * self.ab;
        let by_chance = self.aa + self.bb - 2.0 * self.a * self.b / self.n;
        let is_defined = by_chance.is_finite() && by_chance > 1e-9;
        is_defined.then(|| 1.0 - apart / by_chance)
    }
}

impl Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            a: self.a + other.a,
            b: self.b + other.b,
            aa: self.aa + other.aa,
            bb: self.bb + other.bb,
            ab: self.ab + other.ab,
        }
    }
}

impl Sub for Sums {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            a: self.a - other.a,
            b: self.b - other.b,
            aa: self.aa - other.aa,
            bb: self.bb - other.bb,
            ab: self.ab - other.ab,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::agreement::{Weights, kappa};
    use super::super::clustered::tests::pairs;
    use super::*;

    fn of(pairs: &[(f64, f64)]) -> Option<QuadraticKappa> {
        let clusters: Vec<_> = pairs.chunks(5).map(<[_]>::to_vec).collect();
        QuadraticKappa::of(&clusters, 0.95)
    }

    #[test]
    fn the_worked_example_agrees_with_scikit_learn() {
        let found = of(&pairs()).unwrap();
        assert!(
            (found.kappa - 0.944_680_851_1).abs() < 5e-11,
            "{}",
            found.kappa
        );
        let interval = found.interval.unwrap();
        // κ ± t·SE ends at 1.1184, and κ at 1.
        assert!(
            (interval.low - 0.770_968_024_0).abs() < 5e-9,
            "{interval:?}"
        );
        assert_eq!(interval.high.to_bits(), 1_f64.to_bits());
    }

    /// By scikit-learn 1.9.1 (`cohen_kappa_score(…, weights="quadratic", labels=0..10)` without
    /// one cluster at a time) and scipy 1.17.1 (`t.ppf`), put together as the formula has it.
    #[test]
    fn the_intervals_have_the_values_of_scikit_learn_and_scipy() {
        let by_turn: Vec<_> = pairs().into_iter().map(|pair| vec![pair]).collect();
        let interval = QuadraticKappa::of(&by_turn, 0.95)
            .unwrap()
            .interval
            .unwrap();
        assert!(
            (interval.low - 0.886_186_075_0).abs() < 5e-9,
            "{interval:?}"
        );
        let human = [8, 8, 6, 5, 4, 10, 9, 8, 6, 7, 3, 4, 2, 4, 1, 8, 8, 6, 7, 5];
        let beside = |by: fn(&(f64, f64)) -> f64| -> Vec<Vec<(f64, f64)>> {
            let both = human.iter().zip(pairs());
            let both: Vec<_> = both
                .map(|(human, own)| (f64::from(*human), by(&own)))
                .collect();
            both.chunks(5).map(<[_]>::to_vec).collect()
        };
        let change = QuadraticKappa::change(&beside(|own| own.0), &beside(|own| own.1), 0.95);
        let change = change.unwrap();
        assert!((change.low + 0.036_119_143_5).abs() < 5e-9, "{change:?}");
        assert!((change.high - 0.025_846_844_6).abs() < 5e-9, "{change:?}");
    }

    #[test]
    fn scores_that_never_differ_have_no_kappa() {
        assert_eq!(of(&[(7.0, 7.0); 20]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_rater_does_not_differ_from_itself() {
        let clusters: Vec<_> = pairs().chunks(5).map(<[_]>::to_vec).collect();
        let change = QuadraticKappa::change(&clusters, &clusters, 0.95).unwrap();
        assert!(change.low.abs() < 1e-12 && change.high.abs() < 1e-12);
        let human: Vec<Vec<_>> = clusters
            .iter()
            .map(|group| group.iter().map(|(a, _)| (*a, *a)).collect())
            .collect();
        let change = QuadraticKappa::change(&human, &clusters, 0.95).unwrap();
        assert!(!change.excludes(-0.055_319_148_9), "{change:?}");
    }

    #[test]
    fn one_dialogue_has_no_interval() {
        assert_eq!(of(&[(1.0, 2.0), (3.0, 3.0)]).unwrap().interval, None);
    }

    proptest! {
        #[test]
        fn sums_and_table_give_the_same(
            pairs in proptest::collection::vec((0_u32..11, 0_u32..11), 2..40),
        ) {
            let indices: Vec<_> = pairs.iter().map(|(a, b)| (*a as usize, *b as usize)).collect();
            let floats: Vec<_> =
                pairs.iter().map(|(a, b)| (f64::from(*a), f64::from(*b))).collect();
            let table = kappa(&indices, 11, Weights::Quadratic);
            let sums = of(&floats).map(|found| found.kappa);
            prop_assert_eq!(table.is_some(), sums.is_some());
            let apart = table.unwrap_or_default() - sums.unwrap_or_default();
            prop_assert!(apart.abs() < 1e-9);
        }

        #[test]
        fn it_has_no_unit_no_side_and_no_order_and_lies_in_its_interval(
            clusters in any_clusters(), shift in -9_i32..9, scale in 1_i32..5,
        ) {
            let plain = QuadraticKappa::of(&floats(&clusters, |pair| pair), 0.95);
            let (shift, scale) = (f64::from(shift), f64::from(scale));
            let rescaled = floats(&clusters, |(a, b)| (a * scale + shift, b * scale + shift));
            let turned = floats(&clusters, |(a, b)| (b, a));
            let mut back = floats(&clusters, |pair| pair);
            back.reverse();
            for other in [rescaled, turned, back] {
                let other = QuadraticKappa::of(&other, 0.95);
                prop_assert_eq!(plain.is_some(), other.is_some());
                let (Some(one), Some(other)) = (plain, other) else { continue };
                prop_assert!((one.kappa - other.kappa).abs() < 1e-9);
                prop_assert_eq!(one.interval.is_some(), other.interval.is_some());
                let (Some(one), Some(other)) = (one.interval, other.interval) else { continue };
                prop_assert!((one.low - other.low).abs() < 1e-6, "{:?} {:?}", one, other);
                prop_assert!((one.high - other.high).abs() < 1e-6, "{:?} {:?}", one, other);
            }
            if let Some(found) = plain {
                prop_assert!((-1.0 - 1e-9..=1.0 + 1e-9).contains(&found.kappa));
                let is_outside = |own: Interval| {
                    found.kappa < own.low - 1e-9 || found.kappa > own.high + 1e-9
                };
                prop_assert!(!found.interval.is_some_and(is_outside), "{:?}", found);
            }
        }

        #[test]
        fn a_change_back_is_the_same_the_other_way_round(
            clusters in proptest::collection::vec(
                proptest::collection::vec((0_i32..6, 0_i32..6, 0_i32..6), 1..5), 2..9),
        ) {
            let beside = |at: fn((i32, i32, i32)) -> i32| -> Vec<Vec<(f64, f64)>> {
                let pair = |own: &(i32, i32, i32)| (f64::from(own.0), f64::from(at(*own)));
                clusters.iter().map(|group| group.iter().map(pair).collect()).collect()
            };
            let (one, other) = (beside(|own| own.1), beside(|own| own.2));
            let there = QuadraticKappa::change(&one, &other, 0.95);
            let back = QuadraticKappa::change(&other, &one, 0.95);
            prop_assert_eq!(there.is_some(), back.is_some());
            if let (Some(there), Some(back)) = (there, back) {
                prop_assert!((there.low + back.high).abs() < 1e-9);
                prop_assert!((there.high + back.low).abs() < 1e-9);
                prop_assert!(-2.0 <= there.low && there.low <= there.high && there.high <= 2.0);
            }
        }
    }

    type Clusters = Vec<Vec<(i32, i32)>>;

    fn any_clusters() -> impl Strategy<Value = Clusters> {
        let pairs = proptest::collection::vec((0_i32..6, 0_i32..6), 1..5);
        proptest::collection::vec(pairs, 1..9)
    }

    fn floats(
        clusters: &Clusters,
        change: impl Fn((f64, f64)) -> (f64, f64),
    ) -> Vec<Vec<(f64, f64)>> {
        let pair = |(a, b): &(i32, i32)| change((f64::from(*a), f64::from(*b)));
        let groups = clusters.iter();
        groups
            .map(|group| group.iter().map(pair).collect())
            .collect()
    }
}
