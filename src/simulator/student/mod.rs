//! The part of the student: `asked` tells what the tutor wants to hear, `mood` how the persona
//! takes it, `themes` and `general` hold the words, `turn` writes the turn.

mod asked;
mod general;
mod mood;
mod themes;
mod turn;

pub(super) use turn::write;
