//! One line of a diagnosis.

use std::fmt;

use anstyle::{AnsiColor, Style};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// Replay works; something else may not.
    Warning,
    /// It will not work.
    Failure,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    const fn style(self) -> Style {
        match self {
            Self::Ok => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Failure => AnsiColor::Red.on_default(),
        }
    }
}

/// What one check found.
#[derive(Debug)]
pub struct Finding {
    pub level: Level,
    subject: &'static str,
    text: String,
    /// What lies behind it and what to do, a line each.
    more: Vec<(&'static str, String)>,
}

impl Finding {
    /// What was checked.
    pub const fn subject(&self) -> &'static str {
        self.subject
    }

    pub fn ok(subject: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Ok, subject, text)
    }

    pub fn warning(subject: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Warning, subject, text).with("fix", fix)
    }

    pub fn failure(subject: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Failure, subject, text).with("fix", fix)
    }

    pub fn new(level: Level, subject: &'static str, text: impl Into<String>) -> Self {
        Self {
            level,
            subject,
            text: text.into(),
            more: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.more.push((name, text.into()));
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.level.style();
        write!(f, "{style}{:<8}{style:#} ", self.level.name())?;
        write!(f, "{:<12} {}", self.subject, self.text)?;
        for (name, text) in &self.more {
            write!(f, "\n{:22}{name:<4} {text}", "")?;
        }
        Ok(())
    }
}
