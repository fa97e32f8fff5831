//! For a pull request: at most sixty lines.

use std::fmt::Write as _;

use super::super::lines::metric;
use super::super::markdown::{ComparisonMarkdown, folded, sign};
use super::lines;
use crate::regression::PairwiseComparison;
use crate::report::escaped::escaped;
use crate::report::format::{Format, FormatError};

/// Rows of the metrics, and of the models.
const ROWS: usize = 10;
/// Movers that are shown.
const MOVERS: usize = 2;

impl Format<PairwiseComparison> for ComparisonMarkdown {
    fn render(&self, comparison: &PairwiseComparison) -> Result<String, FormatError> {
        let mut out = String::new();
        heading(&mut out, comparison)?;
        if comparison.metrics.iter().any(|own| own.n > 0) {
            figures(&mut out, comparison)?;
        }
        for mover in comparison.movers.iter().take(MOVERS) {
            writeln!(out, "- moved: {}", escaped(&lines::mover(mover)))?;
            for rationale in lines::rationales(mover) {
                writeln!(out, "  - {}", escaped(&rationale))?;
            }
        }
        writeln!(out, "\n- cost: {}", escaped(&lines::cost(comparison)))?;
        for note in &comparison.decision.notes {
            writeln!(out, "- {}", escaped(note))?;
        }
        folded(&mut out, &comparison.changes.diff)?;
        Ok(out)
    }
}

fn heading(out: &mut String, comparison: &PairwiseComparison) -> Result<(), FormatError> {
    let decision = &comparison.decision;
    let (a, b) = (&comparison.a.judge, &comparison.b.judge);
    writeln!(
        out,
        "### {} pairwise judge {}: `{a}` → `{b}`\n",
        sign(decision.verdict),
        decision.verdict
    )?;
    writeln!(out, "**{}**\n", escaped(&decision.because))?;
    for broken in &decision.broken {
        let detail = escaped(&broken.detail);
        writeln!(out, "- guard **{}**: {detail}", broken.guard)?;
    }
    writeln!(out, "- {}", escaped(&lines::changes(comparison)))?;
    writeln!(
        out,
        "- {}   {}",
        lines::subjects(comparison),
        escaped(&lines::paired(comparison))
    )?;
    writeln!(out, "- answers {}", lines::provenance(comparison))?;
    Ok(())
}

fn figures(out: &mut String, comparison: &PairwiseComparison) -> Result<(), FormatError> {
    let metrics = comparison.metrics.iter().take(ROWS);
    let metrics = metrics.map(|own| metric(own).to_vec()).collect();
    table(out, &lines::metric_headings(comparison), metrics)?;
    if let Some(methods) = lines::methods(comparison) {
        writeln!(out, "\n<sub>{methods}</sub>")?;
    }
    let bias = [("A", &comparison.a), ("B", &comparison.b)];
    let bias = bias.map(|(name, side)| lines::bias(name, side).to_vec());
    table(out, &lines::BIAS, bias.into())?;
    let models = comparison.a.models.iter().take(ROWS);
    let models = models.map(|own| lines::model(own, comparison).to_vec());
    table(out, &lines::MODELS, models.collect())?;
    writeln!(out, "\n- lean {}", escaped(&lines::lean(comparison)))?;
    writeln!(out, "- winner {}", escaped(&lines::winner(comparison)))?;
    Ok(())
}

fn table(
    out: &mut String,
    headings: &[impl AsRef<str>],
    rows: Vec<Vec<String>>,
) -> Result<(), FormatError> {
    let headings: Vec<&str> = headings.iter().map(AsRef::as_ref).collect();
    writeln!(out, "\n| {} |", headings.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(headings.len() - 1))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}
