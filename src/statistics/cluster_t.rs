//! The mean of clustered values, its interval and its tests.

use super::clustered::{Clustered, count};
use super::interval::Interval;
use super::quantile::{critical_t, two_sided_t, upper_t};

/// Under this share of the values' size a standard error is the rounding of a float.
const ROUNDING: f64 = 1e-12;

/// The mean with a standard error that allows for the clusters (CR1):
/// `SE² = G/(G−1) · Σ_g (Σ_{i∈g} (x_i − x̄))² / N²`, tested with `G − 1` degrees of freedom.
///
/// Everything is in the unit of the values. With one value a cluster this is the one-sample
/// (paired) t. Source: Liang and Zeger, Biometrika 73 (1986); the correction and the degrees of
/// freedom: Cameron and Miller, Journal of Human Resources 50 (2015).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterT {
    /// The mean of all values.
    pub mean: f64,
    /// Its standard error; 0 where the clusters do not differ at all.
    pub standard_error: f64,
    /// How many clusters.
    pub clusters: usize,
}

impl ClusterT {
    /// Of two clusters or more.
    #[must_use]
    pub fn of(data: &Clustered) -> Option<Self> {
        let clusters = data.clusters();
        let mean = data.mean().filter(|_| clusters >= 2)?;
        let squares: f64 = data
            .groups()
            .map(|group| group.iter().map(|value| value - mean).sum::<f64>().powi(2))
            .sum();
        let correction = count(clusters) / count(clusters - 1);
        let standard_error = (correction * squares).sqrt() / count(data.len());
        let is_rounding = standard_error <= ROUNDING * mean.abs().max(1.0);
        Some(Self {
            mean,
            standard_error: if is_rounding { 0.0 } else { standard_error },
            clusters,
        })
    }

    /// The degrees of freedom.
    #[must_use]
    pub const fn degrees(&self) -> usize {
        self.clusters - 1
    }

    /// `x̄ ± t · SE`; a confidence of 0.95 for 95 %.
    #[must_use]
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        let t = critical_t(confidence, self.degrees())?;
        Some(Interval::around(self.mean, t * self.standard_error))
    }

    /// `x̄ / SE`; not defined where the clusters do not differ.
    #[must_use]
    pub fn t(&self) -> Option<f64> {
        (self.standard_error > 0.0).then(|| self.mean / self.standard_error)
    }

    /// Two-sided p of a mean of 0.
    #[must_use]
    pub fn p(&self) -> Option<f64> {
        two_sided_t(self.t()?, self.degrees())
    }

    /// The p of two one-sided tests (TOST) that the mean lies outside ±`margin`: a small one
    /// shows equivalence. `max(P(T ≥ (x̄+δ)/SE), P(T ≥ (δ−x̄)/SE))`; Schuirmann, Journal of
    /// Pharmacokinetics and Biopharmaceutics 15 (1987).
    #[must_use]
    pub fn equivalence(&self, margin: f64) -> Option<f64> {
        if self.standard_error == 0.0 {
            return Some(if self.mean.abs() < margin { 0.0 } else { 1.0 });
        }
        let above = upper_t((self.mean + margin) / self.standard_error, self.degrees())?;
        let below = upper_t((margin - self.mean) / self.standard_error, self.degrees())?;
        Some(above.max(below))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clustered::tests::{dialogues, differences};
    use super::*;

    #[track_caller]
    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-10, "{found} for {expected}");
    }

    #[test]
    fn one_value_a_cluster_is_the_paired_t_of_scipy() {
        let t = ClusterT::of(&Clustered::apart(differences())).unwrap();
        assert_near(t.mean, -0.45);
        assert_near(t.standard_error * 20_f64.sqrt(), 0.686_332_741_2);
        assert_near(t.standard_error, 0.153_468_666_4);
        assert_near(t.t().unwrap(), -2.932_194_632_5);
        assert_eq!(t.degrees(), 19);
        assert_near(t.p().unwrap(), 0.008_551_024_0);
    }

    #[test]
    fn turns_of_one_dialogue_count_less() {
        let t = ClusterT::of(&dialogues()).unwrap();
        let uncorrected = t.standard_error * (3_f64 / 4.0).sqrt();
        assert_near(uncorrected, 0.147_901_994_6);
        assert_near(t.standard_error, 0.170_782_512_8);
        assert_eq!(t.degrees(), 3);
        let interval = t.interval(0.95).unwrap();
        assert_near(
            interval.half_width(),
            3.182_446_305_284_263 * t.standard_error,
        );
    }

    #[test]
    fn one_cluster_has_no_interval() {
        assert_eq!(ClusterT::of(&Clustered::of([vec![1.0, 2.0]])), None);
        assert_eq!(ClusterT::of(&Clustered::default()), None);
        assert_eq!(ClusterT::of(&Clustered::apart([1.0, f64::NAN])), None);
    }

    #[test]
    fn values_that_do_not_differ_have_an_interval_of_one_point_and_no_t() {
        let t = ClusterT::of(&Clustered::of(vec![vec![-0.3; 5]; 12])).unwrap();
        assert_eq!((t.standard_error, t.t(), t.p()), (0.0, None, None));
        let interval = t.interval(0.95).unwrap();
        assert_eq!(interval.low.to_bits(), interval.high.to_bits());
        assert_eq!(t.equivalence(0.25), Some(1.0));
        assert_eq!(t.equivalence(0.5), Some(0.0));
    }

    #[test]
    fn two_one_sided_tests_agree_with_the_interval() {
        let t = ClusterT::of(&dialogues()).unwrap();
        let ninety = t.interval(0.90).unwrap();
        let just_inside = ninety.low.abs().max(ninety.high.abs());
        assert_near(t.equivalence(just_inside).unwrap(), 0.05);
    }

    proptest! {
        #[test]
        fn a_shift_moves_the_mean_alone_and_a_sign_turns_it(
            groups in proptest::collection::vec(
                proptest::collection::vec(-10_i32..10, 1..6), 2..12),
            shift in -5_i32..5,
        ) {
            let with = |change: fn(f64, f64) -> f64| {
                let shift = f64::from(shift);
                let groups = groups.iter().map(move |group| {
                    group.iter().map(move |value| change(f64::from(*value), shift))
                });
                ClusterT::of(&Clustered::of(groups)).unwrap()
            };
            let plain = with(|value, _| value);
            let shifted = with(|value, shift| value + shift);
            let turned = with(|value, _| -value);
            prop_assert!((shifted.mean - plain.mean - f64::from(shift)).abs() < 1e-9);
            prop_assert!((shifted.standard_error - plain.standard_error).abs() < 1e-9);
            prop_assert!((turned.mean + plain.mean).abs() < 1e-9);
            prop_assert!((turned.standard_error - plain.standard_error).abs() < 1e-9);
        }
    }
}
