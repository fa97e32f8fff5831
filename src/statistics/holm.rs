//! Several tests, one promise.

/// Holm's step-down adjustment: with the p sorted upwards, `p̃_(i) = max_{j≤i} min(1, (m−j+1)·p_(j))`.
/// In the order given. Source: Holm, Scandinavian Journal of Statistics 6 (1979).
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut highest = 0.0_f64;
    let mut left = p.len();
    for at in order {
        let factor = super::clustered::count(left);
        highest = highest.max((factor * p[at]).min(1.0));
        adjusted[at] = highest;
        left -= 1;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_smallest_pays_for_all_and_none_overtakes_it() {
        assert_eq!(holm(&[0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn an_adjusted_p_is_no_smaller_and_keeps_its_place(
            p in proptest::collection::vec(0.0_f64..=1.0, 1..8),
        ) {
            let adjusted = holm(&p);
            for (at, before) in p.iter().enumerate() {
                prop_assert!(adjusted[at] >= *before && adjusted[at] <= 1.0);
                for (other, beside) in p.iter().enumerate() {
                    prop_assert!(before > beside || adjusted[at] <= adjusted[other]);
                }
            }
        }
    }
}
