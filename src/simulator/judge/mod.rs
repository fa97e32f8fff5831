//! The part of the judge: `instructions` reads scale and severity from the prompt, `evidence`
//! looks at the turn, `score` weighs it, `verdict` writes the answer; `pairwise` weighs two
//! against each other.

mod evidence;
mod instructions;
mod pairwise;
mod score;
mod verdict;

pub(super) use verdict::write;
