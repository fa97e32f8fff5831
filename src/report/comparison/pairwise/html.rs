//! One page with everything on it, to open in a browser.

use serde::Serialize;

use super::super::lines::metric;
use super::super::page::{ComparisonHtml, diff, level};
use super::lines;
use crate::regression::{Decision, PairMover, PairwiseComparison};
use crate::report::format::{Format, FormatError};
use crate::report::html::{TableView, render};

/// Unpaired contests that are named.
const NAMED: usize = 50;

#[derive(Serialize)]
struct PairwiseView<'a> {
    a: String,
    b: String,
    lines: Vec<(&'static str, String)>,
    is_simulated: bool,
    origin: String,
    level: &'static str,
    verdict: String,
    decision: &'a Decision,
    broken: Vec<String>,
    tables: Vec<TableView>,
    methods: Option<String>,
    figures: Vec<(&'static str, String)>,
    diff: Vec<(&'static str, &'a str)>,
    unpaired: Vec<String>,
    movers: Vec<MoverView>,
}

#[derive(Serialize)]
struct MoverView {
    title: String,
    said: Vec<(&'static str, String)>,
}

impl Format<PairwiseComparison> for ComparisonHtml {
    fn render(&self, comparison: &PairwiseComparison) -> Result<String, FormatError> {
        let decision = &comparison.decision;
        let provenance = [&comparison.a.provenance, &comparison.b.provenance];
        let unpaired = comparison.subjects.unpaired.iter().take(NAMED);
        let view = PairwiseView {
            a: comparison.a.judge.to_string(),
            b: comparison.b.judge.to_string(),
            lines: vec![
                ("changed", lines::changes(comparison)),
                ("criteria", comparison.a.judge.rubric.clone()),
                ("subjects", lines::subjects(comparison)),
                ("", lines::paired(comparison)),
            ],
            is_simulated: provenance
                .into_iter()
                .flatten()
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
            tables: tables(comparison),
            methods: lines::methods(comparison),
            figures: vec![
                ("preference", lines::preference(comparison)),
                ("lean", lines::lean(comparison)),
                ("winner", lines::winner(comparison)),
                ("cost", lines::cost(comparison)),
            ],
            diff: diff(&comparison.changes.diff),
            unpaired: unpaired
                .map(|own| format!("{}: {}", own.key, own.why))
                .collect(),
            movers: comparison.movers.iter().map(mover).collect(),
        };
        Ok(render("pairwise.html", view)?)
    }
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

fn mover(mover: &PairMover) -> MoverView {
    let [a_named, a_swapped] = mover.rationales_a.clone();
    let [b_named, b_swapped] = mover.rationales_b.clone();
    MoverView {
        title: lines::mover(mover),
        said: vec![
            ("A, as named", a_named),
            ("A, swapped", a_swapped),
            ("B, as named", b_named),
            ("B, swapped", b_swapped),
        ],
    }
}
