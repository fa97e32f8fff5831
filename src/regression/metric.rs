//! One score compared: means, shift, interval, p, and what could have been seen at all.

use serde::Serialize;

use super::options::Options;
use super::panel::{Panel, Scale};
use crate::bench::Share;
use crate::judge::Rubric;
use crate::statistics::{
    ClusterT, Clustered, Interval, Method, QuadraticKappa, SignFlip, holm, icc, minimum_detectable,
    pearson, spearman,
};

/// Under the smallest step that points have: what differs by less is the same.
const UNMOVED: f64 = 1e-9;

/// A p and how it was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Probability {
    /// Two-sided, of no shift, by the cluster sign-flip test.
    pub p: f64,
    /// The same, adjusted over the dimensions by Holm; the overall score stands alone.
    pub adjusted: f64,
    /// How it was found.
    pub method: Method,
}

/// One score compared. What is not defined on these turns is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// `overall`, or a dimension.
    pub name: String,
    /// Turns that both judges scored.
    pub n: usize,
    /// Clusters of them.
    pub clusters: usize,
    /// The baseline's mean, in points.
    pub a: Option<f64>,
    /// The candidate's mean, in points.
    pub b: Option<f64>,
    /// The mean of b − a, in points.
    pub shift: Option<f64>,
    /// Its standard error (CR1), in points.
    pub standard_error: Option<f64>,
    /// Its interval (cluster t), in points.
    pub interval: Option<Interval>,
    /// The cluster sign-flip test.
    pub sign_flip: Option<Probability>,
    /// Two-sided p of the cluster t.
    pub cluster_t: Option<f64>,
    /// p of two one-sided tests that the shift lies outside the margin.
    pub equivalence: Option<f64>,
    /// Intra-class correlation of the differences.
    pub icc: Option<f64>,
    /// The minimum detectable effect, in points.
    pub mde: Option<f64>,
    /// Turns with the same score on both sides.
    pub same: Share,
    /// Quadratic-weighted κ of the two judges.
    pub kappa: Option<f64>,
    /// Its interval (jackknife over clusters).
    pub kappa_interval: Option<Interval>,
    /// Rank correlation of the two judges.
    pub spearman: Option<f64>,
    /// Linear correlation of the two judges.
    pub pearson: Option<f64>,
}

/// The overall score, then each dimension.
pub(super) fn metrics(panel: &Panel, rubric: &Rubric, options: &Options) -> Vec<Metric> {
    let margin = options.margin_on(rubric);
    let mut metrics = vec![metric("overall", panel, Scale::Overall, margin, options)];
    let dimensions = rubric.dimensions.iter().enumerate();
    metrics.extend(dimensions.map(|(at, dimension)| {
        metric(
            &dimension.name,
            panel,
            Scale::Dimension(at),
            margin,
            options,
        )
    }));
    adjust(metrics.get_mut(1..).unwrap_or_default());
    metrics
}

fn metric(name: &str, panel: &Panel, scale: Scale, margin: f64, options: &Options) -> Metric {
    let (differences, scores) = (panel.differences(scale), panel.scores(scale));
    measured(name, &differences, &scores, margin, options)
}

/// What can be said of both judges' scores, cluster by cluster, and of their differences.
pub(super) fn measured(
    name: &str,
    differences: &Clustered,
    scores: &[Vec<(f64, f64)>],
    margin: f64,
    options: &Options,
) -> Metric {
    let all: Vec<(f64, f64)> = scores.iter().flatten().copied().collect();
    let mean = |of: fn(&(f64, f64)) -> f64| mean(all.iter().map(of));
    let t = ClusterT::of(differences);
    let kappa = QuadraticKappa::of(scores, options.confidence());
    let test = SignFlip::of(
        differences,
        options.exact_up_to,
        options.draws,
        options.seed,
    );
    Metric {
        name: name.to_owned(),
        n: differences.len(),
        clusters: differences.clusters(),
        a: mean(|pair| pair.0),
        b: mean(|pair| pair.1),
        shift: differences.mean(),
        standard_error: t.map(|t| t.standard_error),
        interval: t.and_then(|t| t.interval(options.confidence())),
        sign_flip: test.map(|test| Probability {
            p: test.p,
            adjusted: test.p,
            method: test.method,
        }),
        cluster_t: t.and_then(|t| t.p()),
        equivalence: t.and_then(|t| t.equivalence(margin)),
        icc: icc(differences),
        mde: t.and_then(|t| {
            minimum_detectable(t.standard_error, t.clusters, options.alpha, options.power)
        }),
        same: Share::of(
            differences
                .values()
                .iter()
                .map(|shift| shift.abs() < UNMOVED),
        ),
        kappa: kappa.map(|kappa| kappa.kappa),
        kappa_interval: kappa.and_then(|kappa| kappa.interval),
        spearman: spearman(&all),
        pearson: pearson(&all),
    }
}

/// The mean of some numbers; of none there is none.
pub(super) fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), number| {
        (sum + number, count + 1.0)
    });
    (count > 0.0).then(|| sum / count)
}

pub(super) fn adjust(dimensions: &mut [Metric]) {
    let tests = dimensions
        .iter_mut()
        .filter_map(|metric| metric.sign_flip.as_mut());
    let mut tests: Vec<&mut Probability> = tests.collect();
    let p: Vec<f64> = tests.iter().map(|test| test.p).collect();
    for (test, adjusted) in tests.iter_mut().zip(holm(&p)) {
        test.adjusted = adjusted;
    }
}
