//! What must not get worse with a pairwise judge, whatever the preference does.

use super::heard::ContestPair;
use super::panel::{Looked, clusters, scores};
use super::ruling::Ruling;
use super::side::PairwiseSide;
use crate::bench::ContestKey;
use crate::regression::guards::{Broken, Guard, percent, risen};
use crate::regression::metric::Metric;
use crate::regression::options::Options;
use crate::statistics::{ClusterT, Clustered, SignFlip, probability};

/// What the guards look at.
pub(super) struct Watch<'a> {
    pub a: &'a PairwiseSide,
    pub b: &'a PairwiseSide,
    pub pairs: &'a [ContestPair],
    pub preference: &'a Metric,
    pub options: &'a Options,
}

impl Watch<'_> {
    pub(super) fn broken(&self) -> Vec<Broken> {
        let found = [
            (Guard::ParseFailures, self.parse_failures()),
            (Guard::Unscored, self.unscored()),
            (Guard::Position, self.position()),
            (Guard::Kappa, self.options.guards.kappa(self.preference)),
            (Guard::Winner, self.winner()),
        ];
        let broken = found.into_iter();
        broken
            .filter_map(|(guard, detail)| {
                let detail = detail?;
                Some(Broken { guard, detail })
            })
            .collect()
    }

    fn parse_failures(&self) -> Option<String> {
        let [a, b] = [self.a, self.b].map(|side| PairwiseSide::share(side.parse_failures));
        let allowed = self.options.guards.parse_failures;
        risen("answers that fail a check", a, b, allowed)
    }

    fn unscored(&self) -> Option<String> {
        let [a, b] = [self.a, self.b].map(|side| PairwiseSide::share(side.unscored));
        risen(
            "calls without a verdict",
            a,
            b,
            self.options.guards.unscored,
        )
    }

    /// More contests whose orders disagree, unless chance may have done it.
    fn position(&self) -> Option<String> {
        let [a, b] = [self.a, self.b].map(|side| PairwiseSide::inconsistent(side.bias.consistent));
        let told = risen(
            "contests whose orders disagree",
            a,
            b,
            self.options.guards.position,
        )?;
        let p = self.disagree_more()?;
        (p < self.options.alpha).then(|| format!("{told} (cluster sign-flip p {})", probability(p)))
    }

    fn disagree_more(&self) -> Option<f64> {
        let disagrees = |ruling: Ruling| f64::from(u8::from(!ruling.is_consistent()));
        let difference = |pair: &&ContestPair| {
            Some(disagrees(Ruling::of(&pair.b)?) - disagrees(Ruling::of(&pair.a)?))
        };
        let groups = clusters(self.pairs, |pair| &pair.a.key, self.options.clusters);
        let data = Clustered::of(
            groups
                .iter()
                .map(|group| group.iter().filter_map(difference)),
        );
        let options = self.options;
        let test = SignFlip::of(&data, options.exact_up_to, options.draws, options.seed);
        test.map(|test| test.p)
    }

    /// The best model is another one, and the baseline knows which of the two is better.
    fn winner(&self) -> Option<String> {
        let (before, after) = (self.a.winner()?, self.b.winner()?);
        if before == after {
            return None;
        }
        let meets = |key: &ContestKey| {
            (key.one == before && key.other == after) || (key.one == after && key.other == before)
        };
        let own = scores(self.pairs, Looked::Preference, self.options.clusters, meets);
        let baseline = own.iter().map(|group| group.iter().map(|both| both.0));
        let t = ClusterT::of(&Clustered::of(baseline))?;
        let interval = t.interval(self.options.confidence())?;
        interval.excludes(0.5).then(|| {
            let share = percent(if t.mean < 0.5 { 1.0 - t.mean } else { t.mean });
            format!("{before} → {after}, and the baseline knows their order ({share} of points)")
        })
    }
}
