//! A cassette that cannot be opened: where nothing is recorded yet, what records it.

use std::fmt::Display;

use bedrock_replay::cassette::CassetteError;

use super::failure::Failure;

/// For a command that sends nothing.
pub const ELSEWHERE: &str = " (`run`, `exec` and `serve` record one with --mode record-missing)";

/// The failure; `recording` follows where to record would mend it.
pub fn unopened(error: CassetteError, recording: impl Display) -> Failure {
    if error.problem.is_unrecorded() {
        return Failure::general(format!("{error}{recording}"));
    }
    Failure::general(error)
}
