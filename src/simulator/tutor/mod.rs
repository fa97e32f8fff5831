//! The part of the tutor: `quality` says how good a turn the model manages, `vector` where
//! the conversation is to go, `questions` and `lapses` hold the words, `turn` writes the turn.

mod lapses;
mod quality;
mod questions;
mod turn;
mod vector;

pub(super) use turn::write;
