//! A run for a pull request: at most sixty lines.

use std::fmt::Write as _;

use super::escaped::escaped;
use super::format::{Format, FormatError, Report};
use super::table::{self, Part};
use crate::bench::ModelSummary;

/// A comment that is longer is not read.
const LINES: usize = 60;
/// Models that are shown: of a longer list the first.
const MODELS: usize = 12;
/// Remarks that are shown.
const REMARKS: usize = 6;

/// A run as Markdown, at most sixty lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct Markdown;

impl Format for Markdown {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        let setup = &report.outcome.setup;
        let summaries = report.outcome.summaries();
        let mut end = String::new();
        remarks(&mut end, &summaries)?;
        lowest(&mut end, report)?;
        let mut out = String::new();
        heading(&mut out, report)?;
        let shown = &summaries[..summaries.len().min(MODELS)];
        // The first tables say most: those that no longer fit are left out whole.
        for part in table::parts(setup, &summaries) {
            let rows = shown.len() + 3;
            if out.lines().count() + rows + end.lines().count() < LINES {
                rows_of(&mut out, &part, shown)?;
            }
        }
        if summaries.len() > shown.len() {
            let more = summaries.len() - shown.len();
            writeln!(out, "\n<sub>and {more} more models</sub>")?;
        }
        out.push_str(&end);
        Ok(out)
    }
}

fn heading(out: &mut String, report: &Report) -> Result<(), FormatError> {
    let setup = &report.outcome.setup;
    let failed: u32 = report.outcome.failures().values().sum();
    let sign = if failed == 0 { "✅" } else { "❌" };
    let plan = escaped(&setup.plan);
    writeln!(out, "### {sign} run of {plan}\n")?;
    if let Some((place, first)) = report.outcome.first_failure() {
        let first = first.to_string();
        let first = first.lines().next().unwrap_or_default();
        let told = escaped(&format!("{place}: {first}"));
        writeln!(out, "**{failed} failed, first {told}**\n")?;
    }
    writeln!(out, "- {}", escaped(&table::plan_line(setup)))?;
    writeln!(out, "- {}", escaped(&table::judge_line(setup)))?;
    writeln!(out, "- {}", table::origin_line(report))?;
    Ok(())
}

fn rows_of(
    out: &mut String,
    part: &Part<'_>,
    summaries: &[ModelSummary],
) -> Result<(), FormatError> {
    let headings: Vec<String> = part.headings.iter().map(|name| escaped(name)).collect();
    writeln!(out, "\n| {} | {} |", part.title, headings.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(headings.len()))?;
    for model in summaries {
        let name = [model.model.clone()];
        let cells = name.into_iter().chain((part.cells)(model));
        let cells: Vec<String> = cells.map(|cell| escaped(&cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn remarks(out: &mut String, summaries: &[ModelSummary]) -> Result<(), FormatError> {
    let all = table::remarks(summaries).into_iter();
    let lines = all.flat_map(|(title, lines)| {
        let each = lines.into_iter();
        each.map(move |line| format!("- {title}: {}", escaped(&line)))
    });
    let lines: Vec<String> = lines.take(REMARKS).collect();
    if !lines.is_empty() {
        writeln!(out, "\n{}", lines.join("\n"))?;
    }
    Ok(())
}

fn lowest(out: &mut String, report: &Report) -> Result<(), FormatError> {
    for (at, (overall, transcript, turn)) in table::lowest(&report.outcome).into_iter().enumerate()
    {
        let before = if at == 0 { "\n" } else { "" };
        let place = escaped(&format!("{}, turn {}", transcript.name(), turn.turn));
        writeln!(out, "{before}- lowest: {overall} {place}")?;
        writeln!(out, "  - {}", escaped(&table::words_of(turn)))?;
    }
    Ok(())
}
