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
    use super::*;

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
}
