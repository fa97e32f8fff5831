//! A comparison as one self-contained page.

use std::collections::BTreeSet;

use serde::Serialize;

use super::moved::MovedTurns;
use super::words::{mean, shift};
use super::{lines, plots};
use crate::regression::{Comparison, Decision, Pair, Slice, Subjects, Verdict};
use crate::report::format::{Format, FormatError};
use crate::report::html::{PlotView, TableView, render};

/// Unpaired turns that are named.
const NAMED: usize = 50;

/// A comparison as one HTML page.
#[derive(Debug, Clone, Copy, Default)]
pub struct ComparisonHtml;

#[derive(Serialize)]
struct ComparisonView<'a> {
    a: String,
    b: String,
    lines: Vec<(&'static str, String)>,
    is_simulated: bool,
    origin: String,
    level: &'static str,
    verdict: String,
    decision: &'a Decision,
    broken: Vec<String>,
    figures: Vec<(&'static str, Vec<String>)>,
    metrics: TableView,
    methods: Option<String>,
    slices: Vec<TableView>,
    diff: Vec<(&'static str, &'a str)>,
    forest: Vec<PlotView>,
    plots: Vec<PlotView>,
    unpaired: Vec<String>,
    unpaired_more: usize,
    moved: MovedTurns<'a>,
    threshold: String,
    models: BTreeSet<&'a str>,
    scenarios: BTreeSet<&'a str>,
}

impl Format<Comparison> for ComparisonHtml {
    fn render(&self, comparison: &Comparison) -> Result<String, FormatError> {
        let decision = &comparison.decision;
        let provenance = &comparison.a.provenance;
        let keys = || comparison.pairs.iter().map(Pair::key);
        let (unpaired, unpaired_more) = unpaired(&comparison.subjects);
        let view = ComparisonView {
            a: comparison.a.judge.to_string(),
            b: comparison.b.judge.to_string(),
            lines: heading(comparison),
            is_simulated: provenance
                .iter()
                .chain(&comparison.b.provenance)
                .any(|name| name == "simulated"),
            origin: lines::provenance(comparison),
            level: level(decision.verdict),
            verdict: decision.verdict.to_string().replace('_', " "),
            decision,
            broken: decision
                .broken
                .iter()
                .map(|broken| format!("{}: {}", broken.guard, broken.detail))
                .collect(),
            figures: figures(comparison),
            metrics: metrics(comparison),
            methods: lines::methods(comparison),
            slices: slices(comparison),
            diff: diff(&comparison.changes.diff),
            forest: plots::forest(comparison)?.into_iter().collect(),
            plots: plots::plots(comparison)?,
            unpaired,
            unpaired_more,
            moved: MovedTurns::of(comparison),
            threshold: comparison.flips.threshold.to_string(),
            models: keys().map(|key| key.model.as_str()).collect(),
            scenarios: keys().map(|key| key.scenario.as_str()).collect(),
        };
        Ok(render("comparison.html", view)?)
    }
}

fn heading(comparison: &Comparison) -> Vec<(&'static str, String)> {
    vec![
        ("changed", lines::changes(comparison)),
        ("rubric", comparison.rubric.id.clone()),
        ("subjects", lines::subjects(&comparison.subjects)),
        ("", lines::paired(comparison)),
    ]
}

/// The colour of a verdict.
pub(super) fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equivalent => "good",
        Verdict::Changed => "fair",
        Verdict::Regressed => "bad",
        Verdict::Inconclusive | Verdict::NotComparable => "open",
    }
}

/// What is said in a line or two beside the tables.
fn figures(comparison: &Comparison) -> Vec<(&'static str, Vec<String>)> {
    let mut figures = Vec::new();
    if comparison.metrics.iter().any(|metric| metric.n > 0) {
        figures.push(("flips", vec![lines::flips(&comparison.flips)]));
        figures.push(("ranking", vec![lines::ranking(&comparison.ranking)]));
        figures.push(("half-life", vec![lines::half_life(comparison)]));
        figures.push(("violations", vec![lines::violations(comparison)]));
    }
    for (name, side) in [("noise A", &comparison.a), ("noise B", &comparison.b)] {
        figures.extend(lines::noise(side).map(|noise| (name, vec![noise])));
    }
    if !comparison.probes.is_empty() {
        figures.push(("probes", lines::probes(&comparison.probes)));
    }
    if let Some(human) = &comparison.human {
        figures.push(("human", lines::human(human)));
    }
    figures.push(("cost", vec![lines::cost(comparison)]));
    figures
}

fn metrics(comparison: &Comparison) -> TableView {
    let [_, headings @ ..] = lines::metric_headings(comparison);
    let row = |metric| {
        let [name, cells @ ..] = lines::metric(metric);
        (name, cells.to_vec())
    };
    let scored = comparison.metrics.iter().filter(|metric| metric.n > 0);
    TableView {
        title: "metric",
        headings: headings.to_vec(),
        rows: scored.map(row).collect(),
    }
}

fn slices(comparison: &Comparison) -> Vec<TableView> {
    let slices = &comparison.slices;
    let parts = [
        ("model", &slices.models),
        ("scenario", &slices.scenarios),
        ("turn", &slices.turns),
    ];
    let headings = ["turns", "A", "B", "Δ", "CI, not adjusted"];
    let table = |(title, own): (&'static str, &Vec<Slice>)| TableView {
        title,
        headings: headings.map(str::to_owned).to_vec(),
        rows: own.iter().map(row).collect(),
    };
    let some = parts.into_iter().filter(|(_, own)| !own.is_empty());
    some.map(table).collect()
}

fn row(slice: &Slice) -> (String, Vec<String>) {
    let cells = vec![
        slice.n.to_string(),
        mean(slice.a),
        mean(slice.b),
        shift(slice.shift),
        lines::interval(slice.interval),
    ];
    (slice.name.clone(), cells)
}

/// Each line of a diff and what becomes of it.
pub(super) fn diff(diff: &str) -> Vec<(&'static str, &str)> {
    let kind = |line: &str| match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'@', ..] => "place",
        [b'+', ..] => "added",
        [b'-', ..] => "removed",
        _ => "kept",
    };
    diff.lines().map(|line| (kind(line), line)).collect()
}

fn unpaired(subjects: &Subjects) -> (Vec<String>, usize) {
    let unpaired = &subjects.unpaired;
    let named = unpaired.iter().take(NAMED);
    let lines = named.map(|own| format!("{}: {}", own.key, own.why));
    (lines.collect(), unpaired.len().saturating_sub(NAMED))
}
