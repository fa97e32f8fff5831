//! One page with everything on it, to open in a browser.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::lines::metric;
use super::super::page::ComparisonHtml;
use super::super::view::{Alike, JudgesView};
use super::meetings::ContestsView;
use super::{lines, plots};
use crate::regression::PairwiseComparison;
use crate::report::format::{Format, FormatError};
use crate::report::html::{TableView, render};
use crate::report::plot::PlotError;

#[derive(Serialize)]
struct PairwiseView<'a> {
    judges: JudgesView<'a>,
    contests: ContestsView<'a>,
    models: BTreeSet<&'a str>,
    scenarios: BTreeSet<&'a str>,
}

impl Format<PairwiseComparison> for ComparisonHtml {
    fn render(&self, comparison: &PairwiseComparison) -> Result<String, FormatError> {
        let keys = || comparison.pairs.iter().map(|pair| &pair.a.key);
        let view = PairwiseView {
            judges: judges(comparison)?,
            contests: ContestsView::of(comparison),
            models: keys()
                .flat_map(|key| [key.one.as_str(), key.other.as_str()])
                .collect(),
            scenarios: keys().map(|key| key.scenario.as_str()).collect(),
        };
        Ok(render("pairwise.html", view)?)
    }
}

fn judges(comparison: &PairwiseComparison) -> Result<JudgesView<'_>, PlotError> {
    let (a, b) = (&comparison.a, &comparison.b);
    let alike = Alike {
        kind: "Pairwise judge",
        judges: [(&a.judge, &a.provenance), (&b.judge, &b.provenance)],
        decision: &comparison.decision,
        changes: &comparison.changes,
    };
    let unpaired = comparison.subjects.unpaired.iter();
    let unpaired = unpaired.map(|own| format!("{}: {}", own.key, own.why));
    Ok(JudgesView {
        lines: vec![
            ("changed", lines::changes(comparison)),
            ("criteria", a.judge.rubric.clone()),
            ("subjects", lines::subjects(comparison)),
            ("", lines::paired(comparison)),
        ],
        origin: lines::provenance(comparison),
        tables: tables(comparison),
        methods: lines::methods(comparison),
        figures: vec![
            ("preference", vec![lines::preference(comparison)]),
            ("lean", vec![lines::lean(comparison)]),
            ("winner", vec![lines::winner(comparison)]),
            ("cost", vec![lines::cost(comparison)]),
        ],
        key: [("A", a), ("B", b)]
            .map(|(name, side)| (name.to_owned(), side.judge.to_string()))
            .into(),
        plots: plots::plots(comparison)?,
        wide: plots::wide(comparison)?,
        ..JudgesView::of(&alike, unpaired)
    })
}

fn tables(comparison: &PairwiseComparison) -> Vec<TableView> {
    let metrics = comparison.metrics.iter().filter(|own| own.n > 0);
    let bias = [("A", &comparison.a), ("B", &comparison.b)];
    let bias = bias.into_iter().map(|(name, side)| lines::bias(name, side));
    let models = comparison.a.models.iter();
    vec![
        view(
            "metric",
            &lines::metric_headings(comparison),
            metrics.map(|own| metric(own).to_vec()),
        ),
        view("judge", &lines::BIAS, bias.map(Vec::from)),
        view(
            "model",
            &lines::MODELS,
            models.map(|own| lines::model(own, comparison).to_vec()),
        ),
    ]
}

/// A table whose first column names its rows.
fn view(
    title: &'static str,
    headings: &[impl AsRef<str>],
    rows: impl Iterator<Item = Vec<String>>,
) -> TableView {
    let headings = headings.iter().skip(1);
    let row = |mut cells: Vec<String>| {
        let rest = cells.split_off(1.min(cells.len()));
        (cells.concat(), rest)
    };
    TableView {
        title,
        headings: headings.map(|name| name.as_ref().to_owned()).collect(),
        rows: rows.map(row).collect(),
    }
}
