//! How much worse is too much, and how few clusters are too few.

use serde::Serialize;

/// With fewer clusters no sign-flip can be significant: 2/2⁵ is more than .05.
pub(crate) const FEWEST: usize = 6;

/// How much worse is too much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Guards {
    /// The candidate's share of answers that fail a check may be higher by at most this.
    pub parse_failures: f64,
    /// The same for all turns without a score.
    pub unscored: f64,
    /// Contests whose orders disagree may rise by at most this share, unless chance may have done
    /// it.
    pub position: f64,
    /// Passes and fails may shift, one way net of the other, by at most this share of turns,
    /// unless chance may have done it.
    pub flips: f64,
    /// κ of both judges is at least this, or may be.
    pub kappa: f64,
    /// τ-b of the models' order is at least this, or no order that the baseline knows turned.
    pub tau: f64,
    /// κ with human labels may fall by at most this, or may have.
    pub human: f64,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            parse_failures: 0.02,
            unscored: 0.02,
            position: 0.1,
            flips: 0.05,
            kappa: 0.6,
            tau: 0.6,
            human: 0.1,
        }
    }
}
