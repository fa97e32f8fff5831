//! The command that is named wherever calls are missing: it records those, asked in the same way
//! and in the same place.

use std::fmt::Display;
use std::path::Path;

use bedrock_replay::Mode;
use bedrock_replay::words::quoted;

/// The plan that needs no naming.
pub const PLAN: &str = "scenarios/weekly.toml";

/// `bedrock-replay run` with options, as a shell takes it.
#[derive(Debug, Clone)]
pub struct RecordingCommand {
    mode: Mode,
    options: Vec<String>,
}

impl RecordingCommand {
    /// For a plan, in a mode.
    pub fn new(mode: Mode, plan: &Path) -> Self {
        let command = Self {
            mode,
            options: Vec::new(),
        };
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
        self.options
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
        self.options.extend(words);
        self
    }

    /// The same in another mode.
    pub fn in_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        if mode != Mode::RecordMissing {
            // No other mode tells old from new.
            self.options
                .retain(|option| !option.starts_with("--since "));
        }
        self
    }

    /// The same of these values of an option alone; of none named, of all that were.
    pub fn only(mut self, name: &str, values: &[String]) -> Self {
        if values.is_empty() {
            return self;
        }
        let named = format!("--{name} ");
        self.options.retain(|option| !option.starts_with(&named));
        self.each(name, values)
    }

    /// The line.
    pub fn line(&self) -> String {
        let options = self.options.iter().map(|option| format!(" {option}"));
        format!(
            "bedrock-replay run --mode {}{}",
            self.mode,
            options.collect::<String>()
        )
    }
}
