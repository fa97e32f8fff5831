//! What a plan can see, and how large a plan would decide.

use super::clustered::count;
use super::quantile::{critical_t, t_quantile};

/// More clusters than that are not worth looking for.
const MOST: usize = 1_000_000;

/// The smallest shift that is found with a given power, in the unit of the standard error:
/// `(t_{1−α/2, G−1} + t_{power, G−1}) · SE`.
///
/// Source: Bloom, Evaluation Review 19 (1995), with Student's t as in Djimeu and Houndolo,
/// Journal of Development Effectiveness 8 (2016).
#[must_use]
pub fn minimum_detectable(
    standard_error: f64,
    clusters: usize,
    alpha: f64,
    power: f64,
) -> Option<f64> {
    let degrees = clusters.checked_sub(1)?;
    let multiplier = critical_t(1.0 - alpha, degrees)? + t_quantile(power, degrees)?;
    let effect = multiplier * standard_error;
    effect.is_finite().then_some(effect)
}

/// How many clusters bring an interval's half width down to `half_width`, if they spread as
/// these do: the smallest `G'` with `t_{G'−1} · SE · √(G/G') ≤ half_width`.
///
/// `None` where there is no such number up to a million.
#[must_use]
pub fn clusters_needed(
    standard_error: f64,
    clusters: usize,
    half_width: f64,
    confidence: f64,
) -> Option<usize> {
    if half_width.is_nan() || half_width <= 0.0 || clusters < 2 {
        return None;
    }
    let is_enough = |wanted: usize| {
        let shrunk = standard_error * (count(clusters) / count(wanted)).sqrt();
        critical_t(confidence, wanted - 1).is_some_and(|t| t * shrunk <= half_width)
    };
    let (mut few, mut many) = (1, MOST);
    if !is_enough(many) {
        return None;
    }
    while many - few > 1 {
        let middle = usize::midpoint(few, many);
        if is_enough(middle) {
            many = middle;
        } else {
            few = middle;
        }
    }
    Some(many)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_multiplier_is_2_8_for_many_clusters_and_3_for_a_dozen() {
        let multiplier = |clusters| minimum_detectable(1.0, clusters, 0.05, 0.8).unwrap();
        assert!(
            (multiplier(12) - 3.076_514).abs() < 1e-5,
            "{}",
            multiplier(12)
        );
        assert!((multiplier(100_000) - 2.801_6).abs() < 1e-3);
        assert_eq!(minimum_detectable(1.0, 1, 0.05, 0.8), None);
        assert_eq!(minimum_detectable(1.0, 0, 0.05, 0.8), None);
    }

    #[test]
    fn the_number_needed_is_the_first_that_is_enough() {
        let half = |clusters: usize| {
            let shrunk = 0.2 * (12.0 / count(clusters)).sqrt();
            critical_t(0.95, clusters - 1).unwrap() * shrunk
        };
        let needed = clusters_needed(0.2, 12, 0.25, 0.95).unwrap();
        assert!(half(needed) <= 0.25 && half(needed - 1) > 0.25, "{needed}");
    }

    #[test]
    fn what_no_number_decides_has_none() {
        assert_eq!(clusters_needed(0.2, 12, 0.0, 0.95), None);
        assert_eq!(clusters_needed(0.2, 12, f64::NAN, 0.95), None);
        assert_eq!(clusters_needed(1e6, 12, 0.001, 0.95), None);
        assert_eq!(clusters_needed(0.0, 12, 0.1, 0.95), Some(2));
    }

    proptest! {
        #[test]
        fn what_can_be_seen_grows_with_the_error_and_shrinks_with_clusters(
            error in 0.01_f64..2.0, clusters in 2_usize..200, power in 0.5_f64..0.95,
        ) {
            let mde = |error, clusters, alpha, power| {
                minimum_detectable(error, clusters, alpha, power).unwrap()
            };
            let plain = mde(error, clusters, 0.05, power);
            prop_assert!(plain > 0.0);
            prop_assert!((mde(3.0 * error, clusters, 0.05, power) - 3.0 * plain).abs() < 1e-9 * plain);
            prop_assert!(mde(error, clusters + 1, 0.05, power) < plain);
            prop_assert!(mde(error, clusters, 0.05, power + 0.03) > plain);
            prop_assert!(mde(error, clusters, 0.10, power) < plain);
        }

        /// With power ½ the minimum detectable effect is the interval's half width, so each of the
        /// two takes back what the other does.
        #[test]
        fn the_number_needed_for_what_can_be_seen_is_the_number_there_is(
            error in 0.01_f64..2.0, clusters in 2_usize..200, alpha in 0.01_f64..0.2,
        ) {
            let half = minimum_detectable(error, clusters, alpha, 0.5).unwrap();
            let needed = |half| clusters_needed(error, clusters, half, 1.0 - alpha);
            prop_assert_eq!(needed(half * (1.0 + 1e-6)), Some(clusters));
            prop_assert_eq!(needed(half * (1.0 - 1e-6)), Some(clusters + 1));
        }

        #[test]
        fn a_wider_spread_and_a_narrower_interval_need_more(
            error in 0.01_f64..1.0, clusters in 2_usize..100, half in 0.05_f64..1.0,
        ) {
            let needed = |error, half| clusters_needed(error, clusters, half, 0.95);
            let plain = needed(error, half).unwrap();
            prop_assert!(needed(error * 1.5, half).unwrap() >= plain);
            prop_assert!(needed(error, half / 1.5).unwrap() >= plain);
            prop_assert_eq!(needed(error * 4.0, half * 4.0), Some(plain));
        }
    }
}
