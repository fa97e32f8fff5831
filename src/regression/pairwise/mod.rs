//! What an edit of a pairwise judge moves. A [`Ruling`] is what both orders of a contest come to:
//! a win or a tie where they agree, a position bias where they do not. [`PairwiseSide`] holds the
//! figures of one judge, its [`PositionBias`] among them, and [`PairwiseComparison`] two judges'
//! by the same rules as a rubric's.

mod bias;
mod comparison;
mod guards;
mod heard;
mod panel;
mod ruling;
mod side;

pub use bias::{ClusteredShare, PositionBias};
pub use comparison::{PairwiseComparison, PairwiseSubjects};
pub use heard::{ContestPair, PairwiseEvidence, UnpairedContest};
pub use panel::PairMover;
pub use ruling::{Place, Ruling, points};
pub use side::{ModelWins, PairwiseSide};
