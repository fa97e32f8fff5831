//! How a failed command is told to a person and to a script.

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

use super::exit_code;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    error: Box<dyn Error + Send + Sync>,
}

impl Failure {
    /// A failure with no code of its own.
    pub fn general(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            code: exit_code::FAILURE,
            error: error.into(),
        }
    }

    /// A failure that scripts tell by its code.
    pub fn with_code(code: u8, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            code,
            error: error.into(),
        }
    }

    /// Prints `error: …` with its causes to standard error.
    pub fn report(self) -> ExitCode {
        anstream::eprintln!("{}", self.text());
        self.code.into()
    }

    fn text(&self) -> String {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let mut text = format!("{red}error:{red:#} {}", self.error);
        let mut cause = self.error.source();
        while let Some(error) = cause {
            // Errors that quote their source in their own words need no second line.
            if !text.contains(&error.to_string()) {
                let _ = write!(text, "\n  caused by: {error}");
            }
            cause = error.source();
        }
        text
    }
}
