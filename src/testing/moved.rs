//! How a test tells that a judge is not equivalent to its baseline.

use std::fmt;

use crate::regression::{Comparison, Verdict};
use crate::rejudging::{Edit, RejudgingError};
use crate::report::{ComparisonText, Format as _};

/// A judge that is not equivalent to its baseline, or cannot be compared with it.
#[derive(Debug)]
pub enum JudgeMoved {
    /// The verdict is another one.
    Moved {
        /// All that is known of it.
        comparison: Box<Comparison>,
        /// What to do next, a command with what it is for on each line.
        next: Vec<(&'static str, String)>,
    },
    /// There is no verdict: judgments or dialogues are not recorded, or a file is broken.
    NotCompared {
        /// Why.
        error: Box<RejudgingError>,
        /// The command that helps, where the error does not name it.
        next: Option<String>,
    },
    /// No thread or runtime could be had.
    NotRun(std::io::Error),
}

impl JudgeMoved {
    pub(super) fn of(edit: &Edit, comparison: Comparison) -> Self {
        let mut next = vec![("all of it", edit.command())];
        if comparison.decision.verdict != Verdict::Inconclusive {
            next.push(("if it is meant", edit.source.pinning(&edit.b)));
        }
        Self::Moved {
            comparison: Box::new(comparison),
            next,
        }
    }
}

impl std::error::Error for JudgeMoved {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Moved { .. } => None,
            Self::NotCompared { error, .. } => std::error::Error::source(error.as_ref()),
            Self::NotRun(error) => Some(error),
        }
    }
}

impl fmt::Display for JudgeMoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moved { comparison, next } => {
                let report = ComparisonText::Moved.render(&**comparison);
                f.write_str(report.map_err(|_| fmt::Error)?.trim_end())?;
                f.write_str("\n\nnext")?;
                for (what, command) in next {
                    write!(f, "\n  {what:<16}{command}")?;
                }
                Ok(())
            }
            Self::NotCompared { error, next } => {
                write!(f, "{error}")?;
                match next {
                    Some(command) => write!(f, "\n  help      {command}"),
                    None => Ok(()),
                }
            }
            Self::NotRun(_) => f.write_str("cannot start a runtime for the comparison"),
        }
    }
}
