//! A share whose members belong together by cluster, with an interval that keeps inside 0 and 1.

use super::cluster_t::ClusterT;
use super::clustered::{Clustered, count};
use super::interval::Interval;
use super::quantile::{critical_t, critical_z};

/// Wilson's interval of a clustered share, by the effective sample size: with the
/// cluster-robust variance `V` (CR1) of the share `p̂`, it takes the members for
/// `n* = min(n, p̂(1−p̂)/V · (z/t_{G−1})²)` independent ones. A share of 0 or 1 has no variance
/// to see; there each cluster counts as one member. Values from 0 to 1 (½ for a tie), the ends as
/// shares. Not defined of fewer than two clusters.
///
/// Sources: Korn and Graubard, Survey Methodology 24 (1998), for `n*`; Dean and Pagano, Journal
/// of Survey Statistics and Methodology 3 (2015), for Wilson's interval of it; ends at 0 and 1
/// as [`wilson`](super::wilson) has them.
#[must_use]
pub fn wilson_clustered(data: &Clustered, confidence: f64) -> Option<Interval> {
    let is_share = |value: &f64| (0.0..=1.0).contains(value);
    let t = ClusterT::of(data).filter(|_| data.values().iter().all(is_share))?;
    let z = critical_z(confidence)?;
    let share = t.mean.clamp(0.0, 1.0);
    let members = effective(data, &t, share, z / critical_t(confidence, t.degrees())?);
    let squared = z * z / members;
    let spread = z * (share * (1.0 - share) / members + squared / (4.0 * members)).sqrt();
    let center = share + squared / 2.0;
    let interval = Interval::around(center / (1.0 + squared), spread / (1.0 + squared));
    Some(Interval {
        low: interval.low.clamp(0.0, share),
        high: interval.high.clamp(share, 1.0),
    })
}

/// How many independent members tell as much.
fn effective(data: &Clustered, t: &ClusterT, share: f64, ratio: f64) -> f64 {
    let binomial = share * (1.0 - share);
    if binomial <= 0.0 {
        return count(t.clusters);
    }
    let most = count(data.len());
    // Clusters that do not differ at all leave nothing to divide by.
    if t.standard_error == 0.0 {
        return most;
    }
    (binomial / t.standard_error.powi(2) * ratio.powi(2)).min(most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn groups() -> Vec<Vec<f64>> {
        let rows = ["11011", "00100", "11111", "01001", "10111", "00010"];
        let value = |digit| f64::from(u8::from(digit == '1'));
        rows.map(|row| row.chars().map(value).collect()).into()
    }

    #[track_caller]
    fn assert_near(found: Interval, low: f64, high: f64) {
        assert!((found.low - low).abs() < 1e-9, "{found:?}");
        assert!((found.high - high).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn the_worked_example_counts_thirty_turns_as_seven() {
        // n* = 7.2178, worked by hand from V = 0.0197778, z = 1.959964, t(5) = 2.570582.
        let found = wilson_clustered(&Clustered::of(groups()), 0.95).unwrap();
        assert_near(found, 0.250_541_572_405, 0.836_478_174_497);
    }

    #[test]
    fn a_share_of_all_counts_its_clusters() {
        let found = wilson_clustered(&Clustered::of(vec![vec![1.0; 5]; 6]), 0.95).unwrap();
        assert_near(found, 0.609_665_712_098, 1.0);
        let none = wilson_clustered(&Clustered::of(vec![vec![0.0; 5]; 6]), 0.95).unwrap();
        assert_near(none, 0.0, 1.0 - 0.609_665_712_098);
    }

    #[test]
    fn what_is_no_share_has_no_interval() {
        assert_eq!(wilson_clustered(&Clustered::default(), 0.95), None);
        assert_eq!(
            wilson_clustered(&Clustered::of([vec![1.0, 0.0]]), 0.95),
            None
        );
        assert_eq!(wilson_clustered(&Clustered::apart([2.0, 0.0]), 0.95), None);
        assert_eq!(
            wilson_clustered(&Clustered::apart([f64::NAN, 0.0]), 0.95),
            None
        );
    }

    proptest! {
        #[test]
        fn it_holds_the_share_stays_inside_and_turns_with_it(
            groups in proptest::collection::vec(
                proptest::collection::vec(0_u8..3, 1..6), 2..12),
        ) {
            let with = |change: fn(f64) -> f64| {
                let halves = groups.iter().map(|group| {
                    group.iter().map(move |half| change(f64::from(*half) / 2.0))
                });
                Clustered::of(halves)
            };
            let data = with(|value| value);
            let found = wilson_clustered(&data, 0.95).unwrap();
            let share = data.mean().unwrap();
            prop_assert!(0.0 <= found.low && found.low <= share + 1e-12);
            prop_assert!(share <= found.high + 1e-12 && found.high <= 1.0);
            let turned = wilson_clustered(&with(|value| 1.0 - value), 0.95).unwrap();
            prop_assert!((turned.low - (1.0 - found.high)).abs() < 1e-9);
            prop_assert!((turned.high - (1.0 - found.low)).abs() < 1e-9);
        }
    }
}
