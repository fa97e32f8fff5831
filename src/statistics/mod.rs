//! What can be said from scores whose turns belong together: means with intervals, tests,
//! agreement, ranks. Numbers in, numbers out, no I/O, and where a figure is not defined there
//! is none: never a NaN.
//!
//! Turns of one dialogue are not independent, so [`Clustered`] values keep their clusters.
//! [`ClusterT`] gives mean, interval and p with clusters − 1 degrees of freedom, [`SignFlip`] a
//! p that assumes no distribution; [`holm`] keeps several of them honest. [`icc`] says how much
//! the turns of a cluster are alike, [`minimum_detectable`] and [`clusters_needed`] what a plan
//! can see at all. [`QuadraticKappa`], [`kappa`] and [`krippendorff`] measure agreement,
//! [`mcnemar`] flips, [`wilson`] and [`wilson_clustered`] shares, [`kendall`], [`spearman`] and [`pearson`] order.
//!
//! Quantiles come from the crate `statrs`. Every function names its formula and source, and
//! tests hold it to figures of scipy, scikit-learn and the published examples.

mod agreement;
mod cluster_t;
mod clustered;
mod clustered_share;
mod effect;
mod generator;
mod holm;
mod icc;
mod interval;
mod krippendorff;
mod quadratic;
mod quantile;
mod rank;
mod share;
mod shown;
mod sign_flip;

#[cfg(test)]
mod calibration;

pub use agreement::{Weights, kappa};
pub use cluster_t::ClusterT;
pub use clustered::Clustered;
pub use clustered_share::wilson_clustered;
pub use effect::{clusters_needed, minimum_detectable};
pub use generator::Generator;
pub use holm::holm;
pub use icc::icc;
pub use interval::Interval;
pub use krippendorff::{Level, krippendorff};
pub use quadratic::QuadraticKappa;
pub use rank::{kendall, pearson, spearman};
pub use share::{mcnemar, wilson};
pub use shown::{probability, ratio, signed};
pub use sign_flip::{Method, SignFlip};
