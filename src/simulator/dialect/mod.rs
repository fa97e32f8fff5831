//! The body shapes in which a model is asked and replies: one file per shape. Each reads a
//! [`Prompt`](super::prompt::Prompt), writes a [`Reply`](super::prompt::Reply) whole, and writes it
//! as events; [`embedding`] answers by itself. [`choose`] tells them apart, [`body`] holds what they share.

mod anthropic;
mod body;
mod choose;
mod converse;
mod embedding;
mod llama;
mod mistral;
mod nova;
mod titan;

pub(super) use body::Refusal;
pub(super) use choose::Dialect;
pub(super) use converse::{
    events as converse_events, padding, read as read_converse, whole as write_converse,
};
pub(super) use embedding::embed;
