//! Whether two lists are in the same order.

use super::clustered::count;

/// Pearson's correlation, without unit; not defined where one list never differs. Source:
/// Pearson, Proceedings of the Royal Society 58 (1895).
#[must_use]
pub fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = count(pairs.len());
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (left, right) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut both, mut own, mut other) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        both += (a - left) * (b - right);
        own += (a - left).powi(2);
        other += (b - right).powi(2);
    }
    let spread = (own * other).sqrt();
    (spread > 1e-12).then(|| (both / spread).clamp(-1.0, 1.0))
}

/// Spearman's ρ: Pearson's correlation of the ranks, equal values sharing the mean of theirs.
/// Source: Spearman, American Journal of Psychology 15 (1904).
#[must_use]
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let ranks = |of: fn(&(f64, f64)) -> f64| ranks(&pairs.iter().map(of).collect::<Vec<_>>());
    let (left, right) = (ranks(|pair| pair.0), ranks(|pair| pair.1));
    pearson(&left.into_iter().zip(right).collect::<Vec<_>>())
}

/// Kendall's τ-b: `(C − D) / √((n₀ − n₁)(n₀ − n₂))` over concordant and discordant pairs, less
/// those tied in either list; not defined where one list never differs. Source: Kendall,
/// Biometrika 33 (1945), counted in n·log n as in Knight, JASA 61 (1966).
#[must_use]
pub fn kendall(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.iter().any(|(a, b)| !(a.is_finite() && b.is_finite())) {
        return None;
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let all = pairs_of(pairs.len());
    let tied_left = tied(&sorted, |a, b| a.0.total_cmp(&b.0).is_eq());
    let tied_both = tied(&sorted, |a, b| a == b);
    let mut right: Vec<f64> = sorted.iter().map(|pair| pair.1).collect();
    let discordant = count(exchanges(&mut right));
    let tied_right = tied(&right, |a, b| a.total_cmp(b).is_eq());
    let agreed = all - tied_left - tied_right + tied_both - 2.0 * discordant;
    let spread = ((all - tied_left) * (all - tied_right)).sqrt();
    (spread > 0.0).then(|| agreed / spread)
}

fn pairs_of(number: usize) -> f64 {
    count(number) * (count(number) - 1.0) / 2.0
}

/// Pairs of equal neighbours' runs in a sorted list.
fn tied<T>(sorted: &[T], is_equal: fn(&T, &T) -> bool) -> f64 {
    let runs = sorted.chunk_by(is_equal);
    runs.map(|run| pairs_of(run.len())).sum()
}

/// Sorts, and counts the pairs that stood in the other order.
fn exchanges(values: &mut [f64]) -> usize {
    let middle = values.len() / 2;
    if middle == 0 {
        return 0;
    }
    let (left, right) = values.split_at_mut(middle);
    let mut total = exchanges(left) + exchanges(right);
    let (mut from_left, mut from_right) = (left.iter().peekable(), right.iter().peekable());
    let mut merged = Vec::with_capacity(middle * 2 + 1);
    while let (Some(a), Some(b)) = (from_left.peek(), from_right.peek()) {
        if b.total_cmp(a).is_lt() {
            total += from_left.len();
            merged.extend(from_right.next());
        } else {
            merged.extend(from_left.next());
        }
    }
    merged.extend(from_left);
    merged.extend(from_right);
    values.copy_from_slice(&merged);
    total
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for run in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let shared = count(before) + f64::midpoint(count(run.len()), 1.0);
        for at in run {
            ranks[*at] = shared;
        }
        before += run.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clustered::tests::{are_near, pairs};
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 5e-10, "{found} for {expected}");
    }

    #[test]
    fn the_worked_example_agrees_with_scipy() {
        near(pearson(&pairs()), 0.961_433_626_0);
        near(spearman(&pairs()), 0.964_476_699_8);
        near(kendall(&pairs()), 0.902_857_142_9);
    }

    #[test]
    fn a_list_that_never_differs_has_no_order() {
        let flat = [(1.0, 3.0), (2.0, 3.0), (3.0, 3.0)];
        assert_eq!(
            (pearson(&flat), spearman(&flat), kendall(&flat)),
            (None, None, None)
        );
        assert_eq!(kendall(&[]), None);
        assert_eq!(kendall(&[(1.0, 2.0)]), None);
        assert_eq!(kendall(&[(1.0, f64::NAN), (2.0, 1.0)]), None);
    }

    /// Pair by pair, as the definition has it.
    fn slowly(pairs: &[(f64, f64)]) -> Option<f64> {
        let (mut agreed, mut left, mut right) = (0.0, 0.0, 0.0);
        for (at, a) in pairs.iter().enumerate() {
            for b in &pairs[at + 1..] {
                let (first, second) = (a.0 - b.0, a.1 - b.1);
                let sign = |value: f64| if value == 0.0 { 0.0 } else { value.signum() };
                agreed += sign(first) * sign(second);
                left += sign(first).abs();
                right += sign(second).abs();
            }
        }
        let spread = f64::sqrt(left * right);
        (spread > 0.0).then(|| agreed / spread)
    }

    proptest! {
        #[test]
        fn counted_by_sorting_or_pair_by_pair_it_is_the_same(
            pairs in proptest::collection::vec((0_i32..6, 0_i32..6), 0..30),
        ) {
            let pairs: Vec<_> =
                pairs.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).collect();
            let (fast, slow) = (kendall(&pairs), slowly(&pairs));
            prop_assert_eq!(fast.is_some(), slow.is_some());
            prop_assert!((fast.unwrap_or(0.0) - slow.unwrap_or(0.0)).abs() < 1e-12);
        }

        #[test]
        fn each_correlation_is_between_two_bounds_and_has_no_first_list_and_no_order(pairs in any_pairs()) {
            for of in [pearson, spearman, kendall] {
                let plain = of(&pairs);
                prop_assert!(plain.is_none_or(|found| (-1.0..=1.0).contains(&found)));
                let turned: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
                prop_assert!(are_near(plain, of(&turned)));
                let back: Vec<_> = pairs.iter().rev().copied().collect();
                prop_assert!(are_near(plain, of(&back)));
                let mirrored: Vec<_> = pairs.iter().map(|(a, b)| (*a, -b)).collect();
                prop_assert!(are_near(plain.map(|found| -found), of(&mirrored)));
            }
        }

        #[test]
        fn pearson_has_no_unit_and_the_orders_no_distance(
            pairs in any_pairs(), shift in -20_i32..20, scale in 1_i32..9,
        ) {
            let (shift, scale) = (f64::from(shift), f64::from(scale));
            let with = |change: &dyn Fn(f64) -> f64| -> Vec<(f64, f64)> {
                pairs.iter().map(|(a, b)| (*a, change(*b))).collect()
            };
            let rescaled = with(&|value| value * scale + shift);
            prop_assert!(are_near(pearson(&pairs), pearson(&rescaled)));
            let stretched = with(&|value| value.powi(3) + value.exp());
            prop_assert!(are_near(spearman(&pairs), spearman(&stretched)));
            prop_assert!(are_near(kendall(&pairs), kendall(&stretched)));
        }

        #[test]
        fn a_line_has_the_sign_of_its_slope(
            values in proptest::collection::vec(-20_i32..20, 2..20), slope in -9_i32..9, start in -9_i32..9,
        ) {
            let line = |value: &i32| (f64::from(*value), f64::from(value * slope + start));
            let pairs: Vec<_> = values.iter().map(line).collect();
            let is_flat = slope == 0 || values.iter().all(|value| *value == values[0]);
            let expected = (!is_flat).then(|| f64::from(slope.signum()));
            for of in [pearson, spearman, kendall] {
                prop_assert!(are_near(of(&pairs), expected), "{:?}", of(&pairs));
            }
        }

        /// The textbook's short form, `1 − 6·Σd² / (n(n² − 1))`, holds where no value comes twice.
        #[test]
        fn without_ties_spearman_is_its_short_form(
            order in (2_usize..12).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle()),
        ) {
            let pairs: Vec<_> = order.iter().enumerate().map(|(a, b)| (count(a), count(*b))).collect();
            let squares: f64 = pairs.iter().map(|(a, b)| (a - b).powi(2)).sum();
            let n = count(pairs.len());
            let short = 1.0 - 6.0 * squares / (n * (n * n - 1.0));
            prop_assert!(are_near(spearman(&pairs), Some(short)));
        }
    }

    fn any_pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
        let pairs = proptest::collection::vec((-5_i32..6, -5_i32..6), 0..20);
        pairs.prop_map(|pairs| {
            let floats = pairs.into_iter();
            floats.map(|(a, b)| (f64::from(a), f64::from(b))).collect()
        })
    }
}
