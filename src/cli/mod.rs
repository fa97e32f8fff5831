//! The commands: [`program`] turns [`arguments`] once into plain options, each command has a
//! file, [`failure`] prints what went wrong, [`exit_code`] says it to scripts.

mod arguments;
mod attended;
mod call_log;
mod cassette;
mod child;
mod closing_words;
mod config;
mod cost;
mod doctor;
mod endpoint;
mod exec;
mod exec_environment;
mod exit_code;
mod expenses;
mod failure;
mod iam_policy;
mod judge;
mod listen;
mod manner;
mod models;
mod output;
mod plan;
mod planned;
mod prices;
mod program;
mod progress;
mod redactions;
mod run;
mod savings;
mod sender;
mod serve;
mod simulate;
mod spending;
mod stage;
mod stop;
mod stopping;
mod stored;
mod unused_file;
mod upstream_options;
mod watching;
mod width;
mod words;

pub use program::main;
