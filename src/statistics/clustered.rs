//! Values that belong together by cluster: the turns of a dialogue.

/// Values, cluster by cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clustered {
    values: Vec<f64>,
    /// Where each cluster ends; none is empty.
    ends: Vec<usize>,
}

impl Clustered {
    /// Groups of values; a group without any is no cluster. Values are finite: what is not
    /// leaves every figure of it undefined.
    pub fn of<G: IntoIterator<Item = f64>>(groups: impl IntoIterator<Item = G>) -> Self {
        let mut clustered = Self::default();
        for group in groups {
            let before = clustered.values.len();
            clustered.values.extend(group);
            if clustered.values.len() > before {
                clustered.ends.push(clustered.values.len());
            }
        }
        clustered
    }

    /// Each value a cluster of its own: what follows is the textbook's test.
    pub fn apart(values: impl IntoIterator<Item = f64>) -> Self {
        Self::of(values.into_iter().map(std::iter::once))
    }

    /// How many values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many clusters.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.ends.len()
    }

    /// All values, cluster after cluster.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The clusters.
    pub fn groups(&self) -> impl Iterator<Item = &[f64]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .filter_map(|(start, end)| self.values.get(start..*end))
    }

    /// The mean of all values, each counting alike.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let mean = self.values.iter().sum::<f64>() / count(self.len());
        mean.is_finite().then_some(mean)
    }
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(super) fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The scores of the worked example: two judges, 4 dialogues of 5 turns.
    pub(crate) const A: [f64; 20] = [
        9., 8., 7., 5., 4., 10., 9., 9., 6., 7., 3., 4., 2., 5., 1., 8., 8., 7., 7., 6.,
    ];
    pub(crate) const B: [f64; 20] = [
        8., 8., 6., 5., 3., 10., 8., 9., 5., 7., 3., 5., 2., 4., 1., 7., 8., 6., 7., 4.,
    ];

    pub(crate) fn pairs() -> Vec<(f64, f64)> {
        A.into_iter().zip(B).collect()
    }

    pub(crate) fn differences() -> Vec<f64> {
        pairs().into_iter().map(|(a, b)| b - a).collect()
    }

    pub(crate) fn dialogues() -> Clustered {
        let differences = differences();
        Clustered::of(differences.chunks(5).map(|turns| turns.iter().copied()))
    }

    /// Both are there and equal, or neither is.
    pub(crate) fn are_near(one: Option<f64>, other: Option<f64>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => (one - other).abs() < 1e-9,
            (one, other) => one == other,
        }
    }

    #[test]
    fn an_empty_group_is_no_cluster() {
        let data = Clustered::of([vec![1.0, 2.0], vec![], vec![6.0]]);
        assert_eq!((data.len(), data.clusters()), (3, 2));
        assert_eq!(data.groups().collect::<Vec<_>>(), [&[1.0, 2.0][..], &[6.0]]);
        assert_eq!(data.mean(), Some(3.0));
        assert_eq!(Clustered::default().mean(), None);
    }
}
