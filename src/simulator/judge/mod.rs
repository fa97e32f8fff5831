//! The part of the judge: `instructions` reads scale and severity from the prompt, `evidence`
//! looks at the turn, `score` weighs it, `verdict` writes the answer.

mod evidence;
mod instructions;
mod score;
mod verdict;

pub(super) use verdict::write;
