//! The record mode, where a command line and a variable may both name one.

use std::path::Path;

use bedrock_replay::Mode;
use bedrock_replay::cassette::is_open_elsewhere;
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::{MODE_VARIABLE, ResolvedMode};

use super::exit_code;
use super::failure::Failure;

/// An environment in which a mode on the command line wins over one in a variable: one that lets
/// requests out goes on doing so, since under `CI=true` nothing else may.
pub fn environment(asked: Option<Mode>, process: Environment) -> Environment {
    let Some(mode) = asked else {
        return process;
    };
    let variable = process.get(MODE_VARIABLE).map(str::parse::<Mode>);
    match variable {
        Some(Ok(named)) if named.forwards() => process.with(MODE_VARIABLE, mode.name()),
        _ => process.with(MODE_VARIABLE, ""),
    }
}

/// The mode that holds in such an environment.
pub fn resolved(asked: Option<Mode>, environment: &Environment) -> Result<ResolvedMode, Failure> {
    Mode::resolve(asked, environment).map_err(|error| Failure::with_code(exit_code::USAGE, error))
}

/// The mode that was asked for, where CI holds it back and a replay is made.
pub fn held_back(asked: Mode, process: Environment) -> Option<Mode> {
    match Mode::resolve(Some(asked), &environment(Some(asked), process)) {
        Ok(ResolvedMode::HeldBackByCi { asked }) => Some(asked),
        Ok(ResolvedMode::As(_)) | Err(_) => None,
    }
}

/// Says that CI holds a recording back. Before the cassette is opened: that there is none is then
/// no surprise.
pub fn say_if_held_back(resolved: ResolvedMode) {
    if let ResolvedMode::HeldBackByCi { asked } = resolved {
        anstream::eprintln!(
            "note: mode `{asked}` is held back because CI=true, the cassette is replayed (set {MODE_VARIABLE}={asked} to record)"
        );
    }
}

/// Says that others may record the same calls at the same time: whoever asks first is not waited
/// for.
pub fn say_if_shared(mode: Mode, cassette: &Path) {
    if mode.records() && is_open_elsewhere(cassette) {
        anstream::eprintln!(
            "warning: another process has `{}` open: if it records too, what both of them ask is paid for by both",
            cassette.display()
        );
    }
}

/// What records a cassette that is not there yet, by a command that takes a mode.
pub const fn how_to_record(resolved: ResolvedMode) -> &'static str {
    match resolved {
        ResolvedMode::HeldBackByCi { .. } => {
            " (to record it here: BEDROCK_REPLAY_MODE=record-missing)"
        }
        ResolvedMode::As(_) => " (to record it: --mode record-missing)",
    }
}
