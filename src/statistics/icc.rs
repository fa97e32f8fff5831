//! How much the values of a cluster are alike.

use super::clustered::{Clustered, count};

/// The intra-class correlation by the one-way analysis of variance, without unit:
/// `(MSB − MSW) / (MSB + (n₀ − 1)·MSW)` with `n₀ = (N − Σn_g²/N)/(G − 1)`.
///
/// Under 0 where the values of a cluster differ more than the clusters do; not defined with
/// fewer than two clusters, with one value each, or where nothing differs. Source: Donner,
/// International Statistical Review 54 (1986).
#[must_use]
pub fn icc(data: &Clustered) -> Option<f64> {
    let (values, clusters) = (data.len(), data.clusters());
    if clusters < 2 || values == clusters {
        return None;
    }
    let mean = data.mean()?;
    let (mut between, mut within, mut sizes) = (0.0, 0.0, 0.0);
    for group in data.groups() {
        let size = count(group.len());
        let own = group.iter().sum::<f64>() / size;
        between += size * (own - mean).powi(2);
        within += group.iter().map(|value| (value - own).powi(2)).sum::<f64>();
        sizes += size * size;
    }
    let between = between / count(clusters - 1);
    let within = within / count(values - clusters);
    let size = (count(values) - sizes / count(values)) / count(clusters - 1);
    let whole = between + (size - 1.0) * within;
    (whole > 1e-15).then(|| (between - within) / whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clustered::tests::{are_near, dialogues};
    use super::*;

    /// The F of scipy 1.17.1 (`f_oneway` over the clusters) gives the same figure by another way:
    /// `(F − 1) / (F + n₀ − 1)`.
    #[test]
    fn clusters_of_any_size_have_the_value_of_scipy() {
        let uneven = [vec![1., 2., 4.], vec![2., 2.], vec![5., 7., 6., 5.]];
        for (data, expected) in [
            (Clustered::of(uneven), 0.782_314_205_1),
            (dialogues(), 0.055_944_055_9),
        ] {
            let found = icc(&data).unwrap();
            assert!((found - expected).abs() < 1e-9, "{found}");
        }
    }

    #[test]
    fn shrout_and_fleiss_have_their_value() {
        // Table 2 of Shrout and Fleiss, Psychological Bulletin 86 (1979): ICC(1,1) = .17.
        let targets = [
            [9., 2., 5., 8.],
            [6., 1., 3., 2.],
            [8., 4., 6., 8.],
            [7., 1., 2., 6.],
            [10., 5., 6., 9.],
            [6., 2., 4., 7.],
        ];
        let found = icc(&Clustered::of(targets)).unwrap();
        assert!((found - 0.165_741_768_4).abs() < 1e-9, "{found}");
    }

    #[test]
    fn clusters_of_one_kind_each_are_wholly_alike() {
        let data = Clustered::of([vec![1.0; 4], vec![3.0; 2], vec![7.0; 3]]);
        assert_eq!(icc(&data), Some(1.0));
    }

    #[test]
    fn where_nothing_differs_there_is_none() {
        assert_eq!(icc(&Clustered::of([vec![1.0; 4], vec![1.0; 4]])), None);
        assert_eq!(icc(&Clustered::apart([1.0, 2.0, 3.0])), None);
        assert_eq!(icc(&Clustered::of([vec![1.0, 2.0]])), None);
        assert_eq!(icc(&Clustered::default()), None);
    }

    fn any_groups() -> impl Strategy<Value = Vec<Vec<i32>>> {
        proptest::collection::vec(proptest::collection::vec(-9_i32..9, 1..6), 2..9)
    }

    fn of(groups: &[Vec<i32>], change: impl Fn(f64) -> f64) -> Option<f64> {
        let change = &change;
        let floats = |group: &Vec<i32>| -> Vec<f64> {
            let values = group.iter();
            values.map(|value| change(f64::from(*value))).collect()
        };
        icc(&Clustered::of(groups.iter().map(floats)))
    }

    proptest! {
        #[test]
        fn it_is_at_most_1_and_has_no_unit_no_zero_and_no_order(
            groups in any_groups(), shift in -20_i32..20, scale in 1_i32..9,
        ) {
            let plain = of(&groups, |value| value);
            prop_assert!(plain.is_none_or(|found| found <= 1.0 + 1e-12));
            let (shift, scale) = (f64::from(shift), f64::from(scale));
            prop_assert!(are_near(plain, of(&groups, |value| value + shift)));
            prop_assert!(are_near(plain, of(&groups, |value| -value * scale)));
            let mut back = groups.clone();
            back.reverse();
            for group in &mut back {
                group.reverse();
            }
            prop_assert!(are_near(plain, of(&back, |value| value)));
        }

        #[test]
        fn clusters_of_one_size_have_a_floor_where_their_means_are_one(
            groups in proptest::collection::vec(proptest::collection::vec(-9_i32..9, 4), 2..9),
        ) {
            let found = of(&groups, |value| value);
            prop_assert!(found.is_none_or(|found| found >= -1.0 / 3.0 - 1e-12));
            let centred = groups.iter().map(|group| {
                let mean = f64::from(group.iter().sum::<i32>()) / 4.0;
                group.iter().map(move |value| f64::from(*value) - mean).collect::<Vec<_>>()
            });
            let centred = icc(&Clustered::of(centred));
            prop_assert!(centred.is_none_or(|found| (found + 1.0 / 3.0).abs() < 1e-9));
        }

        #[test]
        fn clusters_that_move_apart_are_more_alike_inside(groups in any_groups()) {
            let Some(before) = of(&groups, |value| value) else { return Ok(()) };
            let data = Clustered::of(groups.iter().map(|group| group.iter().map(|own| f64::from(*own))));
            let mean = data.mean().unwrap();
            let apart = data.groups().map(|group| {
                let own = group.iter().sum::<f64>() / count(group.len());
                group.iter().map(move |value| value + 2.0 * (own - mean)).collect::<Vec<_>>()
            });
            let after = icc(&Clustered::of(apart)).unwrap();
            prop_assert!(after >= before - 1e-9, "{} {}", before, after);
        }
    }
}
