//! What an edit of a judge moves: two judges' judgments of the same turns, compared.
//!
//! The dialogues stay as they were recorded. [`Judged`] holds what one judge said of every
//! answered turn, [`Pairing`] puts two of them side by side (the judged text must be the same;
//! what finds no partner is listed), and [`Comparison`] says what moved: a [`Metric`] for the
//! overall score and each dimension, [`Flips`] at the rubric's threshold, the [`Ranking`] of the
//! models, and a [`Decision`] made on intervals, never on a point. [`Noise`] is what repeated
//! judgments of one judge differ by, [`Agreement`] what human [`Anchors`] say. Two pairwise
//! judges are compared by [`PairwiseComparison`]. Values only: reports show them.

mod agreement;
mod anchors;
mod changes;
mod comparison;
mod decision;
mod flips;
mod guards;
mod judged;
mod limits;
mod metric;
mod movers;
mod noise;
mod options;
mod pairing;
mod pairwise;
mod panel;
mod probed;
mod probes;
mod ranking;
mod side;
mod slices;

pub use agreement::{Agreement, JudgeAgreement, Standing};
pub use anchors::{Anchor, AnchorError, Anchors};
pub use changes::{Changes, Incomparable, comparable, comparable_contests};
pub use comparison::{Comparison, Subjects};
pub use decision::{Decision, Verdict};
pub use flips::{Flips, HalfLife, ShareOf, Violations};
pub use guards::{Broken, Guard};
pub use judged::{Judged, JudgedTurn, TurnKey, Unjudged, Verdicts, subjects};
pub(crate) use limits::FEWEST;
pub use limits::Guards;
pub use metric::{Metric, Probability};
pub use movers::{Moved, Mover};
pub use noise::Noise;
pub use options::{ClusterBy, OptionError, Options};
pub use pairing::{Pair, Pairing, Unpaired, WhyUnpaired};
pub use pairwise::{
    ClusteredShare, ContestPair, ModelWins, PairMover, PairwiseComparison, PairwiseEvidence,
    PairwiseSide, PairwiseSubjects, Place, PositionBias, Ruling, UnpairedContest, points,
};
pub use probed::ProbeEvidence;
pub use probes::ProbeShift;
pub use ranking::{Gap, ModelPair, Ranked, Ranking};
pub use side::{Evidence, Side};
pub use slices::{Slice, Slices};
