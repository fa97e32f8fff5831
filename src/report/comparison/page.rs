//! A comparison as one self-contained page.

use std::collections::BTreeSet;

use serde::Serialize;

use super::dialogues::ComparedDialogues;
use super::moved::MovedTurns;
use super::view::{Alike, JudgesView};
use super::words::{mean, shift};
use super::{human, lines, plots};
use crate::regression::{Comparison, Pair, Slice};
use crate::report::format::{Format, FormatError};
use crate::report::html::{TableView, render};
use crate::report::plot::PlotError;

/// A comparison as one HTML page.
#[derive(Debug, Clone, Copy, Default)]
pub struct ComparisonHtml;

#[derive(Serialize)]
struct ComparisonView<'a> {
    judges: JudgesView<'a>,
    moved: MovedTurns<'a>,
    dialogues: ComparedDialogues<'a>,
    threshold: String,
    models: BTreeSet<&'a str>,
    scenarios: BTreeSet<&'a str>,
}

impl Format<Comparison> for ComparisonHtml {
    fn render(&self, comparison: &Comparison) -> Result<String, FormatError> {
        let keys = || comparison.pairs.iter().map(Pair::key);
        let dialogues = ComparedDialogues::of(comparison);
        let view = ComparisonView {
            judges: judges(comparison)?,
            moved: MovedTurns::of(comparison, &dialogues),
            dialogues,
            threshold: comparison.flips.threshold.to_string(),
            models: keys().map(|key| key.model.as_str()).collect(),
            scenarios: keys().map(|key| key.scenario.as_str()).collect(),
        };
        Ok(render("comparison.html", view)?)
    }
}

fn judges(comparison: &Comparison) -> Result<JudgesView<'_>, PlotError> {
    let (a, b) = (&comparison.a, &comparison.b);
    let alike = Alike {
        kind: "Judge",
        judges: [(&a.judge, &a.provenance), (&b.judge, &b.provenance)],
        decision: &comparison.decision,
        changes: &comparison.changes,
    };
    let unpaired = comparison.subjects.unpaired.iter();
    let unpaired = unpaired.map(|own| format!("{}: {}", own.key, own.why));
    Ok(JudgesView {
        lines: heading(comparison),
        origin: lines::provenance(comparison),
        tables: vec![metrics(comparison)],
        methods: lines::methods(comparison),
        figures: figures(comparison),
        plots: plots::plots(comparison)?,
        wide: plots::forest(comparison)?.into_iter().collect(),
        slices: slices(comparison),
        ..JudgesView::of(&alike, unpaired)
    })
}

fn heading(comparison: &Comparison) -> Vec<(&'static str, String)> {
    vec![
        ("changed", lines::changes(comparison)),
        ("rubric", comparison.rubric.id.clone()),
        ("subjects", lines::subjects(&comparison.subjects)),
        ("", lines::paired(comparison)),
    ]
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
        figures.push(("human", human::lines(human, comparison.options.clusters)));
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
