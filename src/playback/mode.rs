//! What is done with a request: served from the cassette, recorded, or passed by.

use std::fmt;
use std::str::FromStr;

use crate::environment::Environment;

/// The environment variable that chooses the mode.
pub const MODE_VARIABLE: &str = "BEDROCK_REPLAY_MODE";

/// The variable by which a continuous-integration service makes itself known.
const CI_VARIABLE: &str = "CI";

/// The record mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// Only what is recorded is served; nothing reaches the network (VCR: `none`).
    #[default]
    Replay,
    /// What has an answer is served, the rest is recorded (VCR: `new_episodes`).
    RecordMissing,
    /// Everything is recorded anew (VCR: `all`); an answer is replaced only by an answer.
    RecordAll,
    /// Everything is passed on; the cassette is neither read nor written.
    Passthrough,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 4] = [
        Self::Replay,
        Self::RecordMissing,
        Self::RecordAll,
        Self::Passthrough,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::RecordMissing => "record-missing",
            Self::RecordAll => "record-all",
            Self::Passthrough => "passthrough",
        }
    }

    /// Whether it writes to the cassette.
    #[must_use]
    pub const fn records(self) -> bool {
        matches!(self, Self::RecordMissing | Self::RecordAll)
    }

    /// Whether a request can reach the network.
    #[must_use]
    pub const fn forwards(self) -> bool {
        !matches!(self, Self::Replay)
    }

    /// The mode that holds: the environment's word wins over the program's; under `CI=true`
    /// only the environment's word lets a request out.
    ///
    /// # Errors
    /// [`UnusableMode`] where the variable holds no mode.
    pub fn resolve(
        asked: Option<Self>,
        environment: &Environment,
    ) -> Result<ResolvedMode, UnusableMode> {
        if let Some(word) = environment.get(MODE_VARIABLE) {
            return Ok(ResolvedMode::As(word.parse().map_err(UnusableMode)?));
        }
        let mode = asked.unwrap_or_default();
        let under_ci = matches!(environment.get(CI_VARIABLE), Some("true" | "1"));
        if under_ci && mode.forwards() {
            return Ok(ResolvedMode::HeldBackByCi { asked: mode });
        }
        Ok(ResolvedMode::As(mode))
    }
}

/// What became of the mode that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolvedMode {
    /// It holds.
    As(Mode),
    /// `CI=true` holds it back: replay.
    HeldBackByCi {
        /// The mode that was asked for.
        asked: Mode,
    },
}

impl ResolvedMode {
    /// The mode that holds.
    #[must_use]
    pub const fn mode(self) -> Mode {
        match self {
            Self::As(mode) => mode,
            Self::HeldBackByCi { .. } => Mode::Replay,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a record mode (`replay`, `record-missing`, `record-all` or `passthrough`), found `{0}`"
)]
pub struct UnknownMode(String);

/// The environment's word names no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {MODE_VARIABLE}: {0}")]
pub struct UnusableMode(UnknownMode);

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|mode| mode.name() == word);
        found.ok_or_else(|| UnknownMode(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(asked: Option<Mode>, lines: &[(&str, &str)]) -> Mode {
        let environment = lines.iter().copied().collect();
        Mode::resolve(asked, &environment).unwrap().mode()
    }

    #[test]
    fn replay_is_the_default() {
        assert_eq!(resolve(None, &[]), Mode::Replay);
    }

    #[test]
    fn the_environment_wins_over_the_program() {
        let lines = [("BEDROCK_REPLAY_MODE", "record-all")];
        assert_eq!(resolve(Some(Mode::Replay), &lines), Mode::RecordAll);
    }

    #[test]
    fn under_ci_only_the_environment_can_ask_for_a_recording() {
        let ci = [("CI", "true")];
        assert_eq!(resolve(Some(Mode::RecordMissing), &ci), Mode::Replay);
        assert_eq!(resolve(Some(Mode::Passthrough), &ci), Mode::Replay);
        let asked = [("CI", "true"), ("BEDROCK_REPLAY_MODE", "record-missing")];
        assert_eq!(resolve(None, &asked), Mode::RecordMissing);
    }

    #[test]
    fn an_unknown_mode_names_those_that_exist() {
        let environment = [("BEDROCK_REPLAY_MODE", "once")].into_iter().collect();
        let error = Mode::resolve(None, &environment).unwrap_err().to_string();
        assert!(
            error.contains("record-missing")
                && error.contains("BEDROCK_REPLAY_MODE: expected")
                && error.contains("`once`"),
            "{error}"
        );
    }
}
