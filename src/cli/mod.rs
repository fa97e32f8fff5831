//! The commands: [`program`] turns [`arguments`] once into plain options, each command has a
//! file, [`failure`] prints what went wrong, [`exit_code`] says it to scripts.

mod arguments;
mod cassette;
mod exit_code;
mod failure;
mod models;
mod output;
mod program;
mod run;
mod simulate;

pub use program::main;
