//! The command that is named wherever calls are missing: it records those, asked in the same way
//! and in the same place.

use std::fmt::Display;
use std::path::Path;

use bedrock_replay::Mode;

use super::words::quoted;

/// The plan that needs no naming.
pub const PLAN: &str = "scenarios/weekly.toml";

/// `bedrock-replay run` with options, as a shell takes it.
#[derive(Debug, Clone)]
pub struct RecordingCommand(Vec<String>);

impl RecordingCommand {
    /// For a plan, in a mode.
    pub fn new(mode: Mode, plan: &Path) -> Self {
        let command = Self(vec![format!("bedrock-replay run --mode {mode}")]);
        let named = (plan != Path::new(PLAN)).then_some(plan);
        command.path("plan", named)
    }

    /// An option that names a file.
    pub fn path(self, name: &str, path: Option<&Path>) -> Self {
        self.option(name, path.map(Path::display))
    }

    /// An option, where it was given.
    pub fn option(mut self, name: &str, value: Option<impl Display>) -> Self {
        let value = value.map(|value| quoted(&value.to_string()));
        self.0
            .extend(value.map(|value| format!("--{name} {value}")));
        self
    }

    /// An option that may be repeated.
    pub fn each(self, name: &str, values: &[String]) -> Self {
        let given = values.iter();
        given.fold(self, |command, value| command.option(name, Some(value)))
    }

    /// What belongs together, as one list: its order counts.
    pub fn list(self, name: &str, values: &[String]) -> Self {
        let list = (!values.is_empty()).then(|| values.join(","));
        self.option(name, list)
    }

    /// Flags that are written already.
    pub fn words(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(words);
        self
    }

    /// The line.
    pub fn line(&self) -> String {
        self.0.join(" ")
    }
}
