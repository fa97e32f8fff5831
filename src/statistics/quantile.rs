//! The distributions, by the crate `statrs`. Arguments out of range give nothing.

use statrs::distribution::{Binomial, ContinuousCDF as _, DiscreteCDF as _, Normal, StudentsT};

use super::clustered::count;

/// The two-sided critical value of Student's t: `t` with P(|T| ≤ t) = `confidence`.
pub(super) fn critical_t(confidence: f64, degrees: usize) -> Option<f64> {
    t_quantile(f64::midpoint(1.0, confidence), degrees)
}

/// The quantile of Student's t.
pub(super) fn t_quantile(probability: f64, degrees: usize) -> Option<f64> {
    let is_inside = probability > 0.0 && probability < 1.0;
    let t = StudentsT::new(0.0, 1.0, count(degrees)).ok()?;
    is_inside
        .then(|| t.inverse_cdf(probability))
        .filter(|quantile| quantile.is_finite())
}

/// P(|T| ≥ |t|).
pub(super) fn two_sided_t(t: f64, degrees: usize) -> Option<f64> {
    upper_t(t.abs(), degrees).map(|p| (2.0 * p).min(1.0))
}

/// P(T ≥ t).
pub(super) fn upper_t(t: f64, degrees: usize) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, count(degrees)).ok()?;
    t.is_finite().then(|| distribution.sf(t))
}

/// The two-sided critical value of the normal distribution.
pub(super) fn critical_z(confidence: f64) -> Option<f64> {
    let probability = f64::midpoint(1.0, confidence);
    let is_inside = probability > 0.0 && probability < 1.0;
    let normal = Normal::new(0.0, 1.0).ok()?;
    is_inside.then(|| normal.inverse_cdf(probability))
}

/// P(X ≤ `most`) for `trials` throws of a fair coin.
pub(super) fn fair_coin(most: u64, trials: u64) -> Option<f64> {
    let coin = Binomial::new(0.5, trials).ok()?;
    Some(coin.cdf(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_scipy() {
        for (degrees, expected) in [
            (1, 12.706_204_736_174_698),
            (3, 3.182_446_305_284_263),
            (11, 2.200_985_160_082_949),
            (26, 2.055_529_438_642_871),
            (9_999, 1.960_201_263_621_358),
        ] {
            let found = critical_t(0.95, degrees).unwrap();
            assert!((found - expected).abs() < 1e-8, "{degrees}: {found}");
        }
        assert!((critical_z(0.95).unwrap() - 1.959_963_984_540_054).abs() < 1e-9);
    }

    #[test]
    fn what_is_out_of_range_has_no_quantile() {
        assert_eq!(critical_t(0.95, 0), None);
        assert_eq!(critical_t(1.0, 5), None);
        assert_eq!(critical_t(f64::NAN, 5), None);
        assert_eq!(critical_z(1.0), None);
        assert_eq!(two_sided_t(f64::NAN, 5), None);
    }
}
