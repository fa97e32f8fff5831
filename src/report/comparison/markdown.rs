//! For a pull request: at most sixty lines.

use std::fmt::Write as _;

use super::{human, lines};
use crate::regression::{Comparison, Verdict};
use crate::report::escaped::escaped;
use crate::report::format::{Format, FormatError};

/// A comment that is longer is not read.
const LINES: usize = 60;
/// Movers that are shown.
const MOVERS: usize = 3;
/// Lines of the prompt's diff.
const DIFF: usize = 16;

/// A comparison as Markdown, at most sixty lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct ComparisonMarkdown;

impl Format<Comparison> for ComparisonMarkdown {
    fn render(&self, comparison: &Comparison) -> Result<String, FormatError> {
        let mut out = String::new();
        heading(&mut out, comparison)?;
        if comparison.metrics.iter().any(|own| own.n > 0) {
            metrics(&mut out, comparison)?;
            figures(&mut out, comparison)?;
            movers(&mut out, comparison)?;
        }
        writeln!(out, "\n- cost: {}", escaped(&lines::cost(comparison)))?;
        for note in &comparison.decision.notes {
            writeln!(out, "- {}", escaped(note))?;
        }
        diff(&mut out, comparison)?;
        Ok(out)
    }
}

fn heading(out: &mut String, comparison: &Comparison) -> Result<(), FormatError> {
    let decision = &comparison.decision;
    let sign = sign(decision.verdict);
    let (a, b) = (&comparison.a.judge, &comparison.b.judge);
    writeln!(
        out,
        "### {sign} judge {}: `{a}` → `{b}`\n",
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
        lines::subjects(&comparison.subjects),
        escaped(&lines::paired(comparison))
    )?;
    writeln!(out, "- answers {}", lines::provenance(comparison))?;
    Ok(())
}

/// A verdict at a glance.
pub(super) const fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equivalent => "✅",
        Verdict::Changed => "🔶",
        Verdict::Regressed => "❌",
        Verdict::Inconclusive => "❔",
        Verdict::NotComparable => "🚫",
    }
}

fn metrics(out: &mut String, comparison: &Comparison) -> Result<(), FormatError> {
    let headings = lines::metric_headings(comparison);
    writeln!(out, "\n| {} |", headings.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(headings.len() - 1))?;
    // A rubric of many dimensions still leaves room for what follows.
    for own in comparison.metrics.iter().take(LINES / 4) {
        writeln!(
            out,
            "| {} |",
            lines::metric(own).map(|cell| escaped(&cell)).join(" | ")
        )?;
    }
    if let Some(methods) = lines::methods(comparison) {
        writeln!(out, "\n<sub>{methods}</sub>\n")?;
    }
    Ok(())
}

fn figures(out: &mut String, comparison: &Comparison) -> Result<(), FormatError> {
    writeln!(out, "- flips {}", lines::flips(&comparison.flips))?;
    writeln!(out, "- half-life {}", lines::half_life(comparison))?;
    writeln!(
        out,
        "- ranking: {}",
        escaped(&lines::ranking(&comparison.ranking))
    )?;
    for line in lines::probes(&comparison.probes) {
        writeln!(out, "- probe {}", escaped(&line))?;
    }
    if let Some(human) = &comparison.human {
        for line in human::lines(human, comparison.options.clusters) {
            writeln!(out, "- human: {}", escaped(&line))?;
        }
    }
    Ok(())
}

fn movers(out: &mut String, comparison: &Comparison) -> Result<(), FormatError> {
    for mover in comparison.movers.iter().take(MOVERS) {
        writeln!(out, "- moved: {}", escaped(&lines::mover(mover)))?;
        for rationale in lines::rationales(mover) {
            writeln!(out, "  - {}", escaped(&rationale))?;
        }
    }
    Ok(())
}

/// The prompt's diff, folded away, as far as there is room.
fn diff(out: &mut String, comparison: &Comparison) -> Result<(), FormatError> {
    folded(out, &comparison.changes.diff)
}

/// A diff, folded away, as far as there is room.
pub(super) fn folded(out: &mut String, diff: &str) -> Result<(), FormatError> {
    let room = LINES.saturating_sub(out.lines().count() + 7).min(DIFF);
    let diff: Vec<&str> = diff.lines().collect();
    if diff.is_empty() || room < 3 {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>prompt</summary>\n\n````diff")?;
    for line in diff.iter().take(room) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "````\n</details>")?;
    Ok(())
}
