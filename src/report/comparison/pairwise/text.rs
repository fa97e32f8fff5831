//! For a terminal: the verdict first, then what it rests on.

use std::fmt::Write as _;

use super::super::lines::metric;
use super::super::text::{ComparisonText, LABEL, NAMED, table};
use super::lines;
use crate::regression::PairwiseComparison;
use crate::report::format::{Format, FormatError};
use crate::words::counted;

impl Format<PairwiseComparison> for ComparisonText {
    fn render(&self, comparison: &PairwiseComparison) -> Result<String, FormatError> {
        let mut page = Page::default();
        page.heading(comparison)?;
        if comparison.metrics.iter().any(|own| own.n > 0) {
            page.figures(comparison)?;
        }
        if *self != Self::Brief {
            page.movers(comparison)?;
        }
        if *self == Self::Full {
            page.tail(comparison)?;
        }
        Ok(page.0)
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// A labelled line; without a label it goes on under the last one.
    fn line(&mut self, label: &str, text: &str) -> Result<(), FormatError> {
        Ok(writeln!(self.0, "{label:<LABEL$}{text}")?)
    }

    fn heading(&mut self, comparison: &PairwiseComparison) -> Result<(), FormatError> {
        let (a, b) = (&comparison.a.judge, &comparison.b.judge);
        self.line(
            "judge",
            &format!("A {a} (pairwise, {})  →  B {b}", a.rubric),
        )?;
        self.line("changed", &lines::changes(comparison))?;
        self.line("answers", &lines::provenance(comparison))?;
        self.line("subjects", &lines::subjects(comparison))?;
        self.line("", &lines::paired(comparison))?;
        let decision = &comparison.decision;
        let verdict = format!("{}   {}", decision.verdict, decision.because);
        self.line("VERDICT", &verdict)?;
        for broken in &decision.broken {
            self.line("  guard", &format!("{}: {}", broken.guard, broken.detail))?;
        }
        Ok(())
    }

    fn figures(&mut self, comparison: &PairwiseComparison) -> Result<(), FormatError> {
        let metrics = comparison.metrics.iter().map(|own| metric(own).to_vec());
        let headings = lines::metric_headings(comparison).to_vec();
        writeln!(self.0, "\n{}", table(headings, metrics.collect()))?;
        if let Some(methods) = lines::methods(comparison) {
            writeln!(self.0, "{methods}")?;
        }
        let bias = [("A", &comparison.a), ("B", &comparison.b)];
        let rows = bias.map(|(name, side)| lines::bias(name, side).to_vec());
        let headings = lines::BIAS.map(str::to_owned).to_vec();
        writeln!(self.0, "\n{}", table(headings, rows.into()))?;
        let models = comparison.a.models.iter();
        let rows = models.map(|own| lines::model(own, comparison).to_vec());
        let headings = lines::MODELS.map(str::to_owned).to_vec();
        writeln!(self.0, "\n{}\n", table(headings, rows.collect()))?;
        self.line("lean", &lines::lean(comparison))?;
        self.line("winner", &lines::winner(comparison))
    }

    fn movers(&mut self, comparison: &PairwiseComparison) -> Result<(), FormatError> {
        if comparison.movers.is_empty() {
            return Ok(());
        }
        writeln!(self.0, "\ntop movers{}", lines::more_moved(comparison))?;
        for mover in &comparison.movers {
            writeln!(self.0, "  {}", lines::mover(mover))?;
            for rationale in lines::rationales(mover) {
                writeln!(self.0, "      {rationale}")?;
            }
        }
        Ok(())
    }

    fn tail(&mut self, comparison: &PairwiseComparison) -> Result<(), FormatError> {
        writeln!(self.0)?;
        self.line("cost", &lines::cost(comparison))?;
        let unpaired = &comparison.subjects.unpaired;
        for (at, own) in unpaired.iter().take(NAMED).enumerate() {
            let label = if at == 0 { "unpaired" } else { "" };
            self.line(label, &format!("{}: {}", own.key, own.why))?;
        }
        if unpaired.len() > NAMED {
            let more = counted(unpaired.len() - NAMED, "more contest");
            self.line("", &format!("and {more}"))?;
        }
        for note in &comparison.decision.notes {
            self.line("note", note)?;
        }
        Ok(())
    }
}
