//! What every format is given, and what it gives.

use super::plot::PlotError;
use crate::bench::Outcome;
use crate::exchange::Provenance;

/// An outcome, and who gave the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What the run gave.
    pub outcome: Outcome,
    /// Who gave the answers, each once.
    pub provenance: Vec<Provenance>,
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// As JSON.
    #[error("cannot write the report as JSON")]
    Json(#[from] serde_json::Error),
    /// As a page.
    #[error("cannot write the report as HTML")]
    Html(#[from] minijinja::Error),
    /// One of its plots.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// As a test report.
    #[error("cannot write the report as JUnit")]
    Junit(#[from] quick_junit::SerializeError),
    /// As text.
    #[error("cannot write the report as text")]
    Text(#[from] std::fmt::Error),
}

/// A form in which something can be shown: a run's [`Report`], or a
/// [`Comparison`](crate::regression::Comparison) of judges.
pub trait Format<Shown = Report> {
    /// What is shown, with a line break at its end.
    ///
    /// # Errors
    /// [`FormatError`] where a value has no such form.
    fn render(&self, shown: &Shown) -> Result<String, FormatError>;
}

impl Report {
    /// Who gave the answers, in words.
    #[must_use]
    pub fn origin(&self) -> String {
        let all: Vec<String> = self.provenance.iter().map(Provenance::to_string).collect();
        match all.len() {
            0 => "of unknown origin".to_owned(),
            _ => all.join(" and "),
        }
    }

    /// Whether some of the answers came from no model.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.provenance.contains(&Provenance::Simulated)
    }
}
