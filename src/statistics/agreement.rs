//! Agreement of two raters on a scale of categories.

use super::clustered::count;

/// What a disagreement weighs, by how many categories apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Any disagreement weighs the same.
    Nominal,
    /// `|i − j|`.
    Linear,
    /// `(i − j)²`.
    Quadratic,
}

impl Weights {
    fn of(self, apart: usize) -> f64 {
        match self {
            Self::Nominal => f64::from(u8::from(apart > 0)),
            Self::Linear => count(apart),
            Self::Quadratic => count(apart) * count(apart),
        }
    }
}

/// Cohen's κ, weighted: `1 − Σ w_ij·o_ij / Σ w_ij·e_ij` over the numbers `o_ij` of subjects in
/// category `i` by one rater and `j` by the other, and those `e_ij` that their margins alone
/// would give. Without unit, at most 1, 0 by chance.
///
/// Pairs are indices of `categories` categories; one out of range leaves it undefined, as does a
/// scale of which both raters used one and the same category. Source: Cohen, Psychological
/// Bulletin 70 (1968).
#[must_use]
pub fn kappa(pairs: &[(usize, usize)], categories: usize, weights: Weights) -> Option<f64> {
    let mut table = vec![0_usize; categories * categories];
    let (mut left, mut right) = (vec![0_usize; categories], vec![0_usize; categories]);
    for (a, b) in pairs {
        *left.get_mut(*a)? += 1;
        *right.get_mut(*b)? += 1;
        *table.get_mut(a * categories + b)? += 1;
    }
    let (mut observed, mut expected) = (0.0, 0.0);
    for (a, in_row) in left.iter().enumerate() {
        for (b, in_column) in right.iter().enumerate() {
            let weight = weights.of(a.abs_diff(b));
            observed += weight * count(table[a * categories + b]);
            expected += weight * count(*in_row) * count(*in_column);
        }
    }
    (expected > 0.0).then(|| 1.0 - observed * count(pairs.len()) / expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clustered::tests::{are_near, pairs};
    use super::*;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "scores"
    )]
    fn indices() -> Vec<(usize, usize)> {
        let all = pairs().into_iter();
        all.map(|(a, b)| (a as usize, b as usize)).collect()
    }

    fn near(found: Option<f64>, expected: f64, digits: i32) {
        let found = found.unwrap();
        assert!(
            (found - expected).abs() < 0.6 * 10_f64.powi(-digits),
            "{found}"
        );
    }

    #[test]
    fn the_worked_example_agrees_with_scikit_learn() {
        let of = |weights| kappa(&indices(), 11, weights);
        near(of(Weights::Nominal), 0.435_028_248_6, 10);
        near(of(Weights::Linear), 0.8, 10);
        near(of(Weights::Quadratic), 0.944_680_851_1, 10);
    }

    #[test]
    fn judges_against_human_labels_have_their_published_values() {
        for ([tn, fp, fun, tp], expected) in [
            ([65, 32, 12, 21], 0.2554),
            ([88, 9, 24, 9], 0.2117),
            ([22, 75, 1, 32], 0.1129),
            ([74, 23, 16, 17], 0.2599),
            ([86, 11, 23, 10], 0.2155),
        ] {
            let cells = [((0, 0), tn), ((0, 1), fp), ((1, 0), fun), ((1, 1), tp)];
            let pairs: Vec<_> = cells
                .into_iter()
                .flat_map(|(pair, times)| std::iter::repeat_n(pair, times))
                .collect();
            assert_eq!(pairs.len(), 130);
            near(kappa(&pairs, 2, Weights::Nominal), expected, 4);
        }
    }

    #[test]
    fn where_one_category_is_used_there_is_none() {
        assert_eq!(kappa(&[(3, 3); 9], 11, Weights::Quadratic), None);
        assert_eq!(kappa(&[], 11, Weights::Nominal), None);
        assert_eq!(kappa(&[(3, 11)], 11, Weights::Nominal), None);
    }

    proptest! {
        #[test]
        fn it_is_at_most_1_and_has_no_side_and_no_direction(
            pairs in proptest::collection::vec((0_usize..6, 0_usize..6), 0..30),
        ) {
            let turned: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            let mirrored: Vec<_> = pairs.iter().map(|(a, b)| (5 - a, 5 - b)).collect();
            for weights in [Weights::Nominal, Weights::Linear, Weights::Quadratic] {
                let plain = kappa(&pairs, 6, weights);
                prop_assert!(plain.is_none_or(|found| found <= 1.0));
                prop_assert!(are_near(plain, kappa(&turned, 6, weights)));
                prop_assert!(are_near(plain, kappa(&mirrored, 6, weights)));
                // A category that nobody uses changes nothing.
                prop_assert!(are_near(plain, kappa(&pairs, 9, weights)));
            }
            let renamed: Vec<_> = pairs.iter().map(|(a, b)| (a * 5 % 6, b * 5 % 6)).collect();
            prop_assert!(are_near(kappa(&pairs, 6, Weights::Nominal), kappa(&renamed, 6, Weights::Nominal)));
        }

        #[test]
        fn raters_who_agree_have_1_and_two_categories_one_weight(
            values in proptest::collection::vec(0_usize..6, 1..20),
            coins in proptest::collection::vec((0_usize..2, 0_usize..2), 1..20),
        ) {
            let same: Vec<_> = values.iter().map(|value| (*value, *value)).collect();
            let is_flat = values.iter().all(|value| *value == values[0]);
            let of = |weights| kappa(&coins, 2, weights);
            for weights in [Weights::Nominal, Weights::Linear, Weights::Quadratic] {
                prop_assert!(are_near(kappa(&same, 6, weights), (!is_flat).then_some(1.0)));
                prop_assert!(are_near(of(weights), of(Weights::Nominal)));
            }
        }
    }
}
