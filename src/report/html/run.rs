//! A run as a page: what was counted, what was scored, and every dialogue to read.

use std::collections::BTreeSet;

use serde::Serialize;

use super::dialogue::DialogueView;
use super::page;
use super::parts::{PlotView, TableView};
use crate::bench::{Mean, ModelSummary, Outcome, Setup, Turn};
use crate::judge::{Points, Rubric};
use crate::report::format::{Format, FormatError, Report};
use crate::report::plot::{Bars, Course, Group, Lines, PlotError};
use crate::report::table::{judge_line, legend, parts, plan_line, remarks};

/// More bars than this in a distribution could not be told apart.
const BINS: i64 = 20;

/// One HTML page with all of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Html;

#[derive(Serialize)]
struct RunView<'a> {
    title: &'a str,
    lines: [String; 2],
    origin: String,
    is_simulated: bool,
    counts: Vec<(&'static str, u32)>,
    models: Vec<(&'a str, &'a str)>,
    tables: Vec<TableView>,
    remarks: Vec<(&'static str, Vec<String>)>,
    legend: [(&'static str, String); 4],
    rubric: &'a Rubric,
    plots: Vec<PlotView>,
    choices: Choices<'a>,
    dialogues: Vec<DialogueView<'a>>,
}

/// What can be filtered by.
#[derive(Serialize)]
struct Choices<'a> {
    scenarios: BTreeSet<&'a str>,
    vectors: BTreeSet<String>,
    lowest: Points,
    highest: Points,
    step: Points,
    compliance: String,
    violation: String,
}

impl Format for Html {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        let outcome = &report.outcome;
        let summaries = outcome.summaries();
        let setup = &outcome.setup;
        let view = RunView {
            title: &setup.plan,
            lines: [plan_line(setup), judge_line(setup)],
            origin: report.origin(),
            is_simulated: report.is_simulated(),
            counts: counts(&summaries),
            models: models(setup),
            tables: tables(setup, &summaries),
            remarks: remarks(&summaries),
            legend: legend(setup),
            rubric: &setup.rubric,
            plots: plots(outcome, &summaries)?,
            choices: choices(outcome),
            dialogues: dialogues(outcome),
        };
        Ok(page::render("run.html", view)?)
    }
}

fn counts(summaries: &[ModelSummary]) -> Vec<(&'static str, u32)> {
    let sum = |count: fn(&ModelSummary) -> u32| summaries.iter().map(count).sum();
    vec![
        ("dialogues", sum(|model| model.dialogues)),
        ("attempted", sum(|model| model.attempted)),
        ("answered", sum(|model| model.answered)),
        ("judged", sum(|model| model.judged)),
        ("unscored", sum(|model| model.unscored)),
    ]
}

fn models(setup: &Setup) -> Vec<(&str, &str)> {
    let models = setup.models.iter();
    models
        .map(|model| (model.name.as_str(), model.id.as_str()))
        .collect()
}

fn tables(setup: &Setup, summaries: &[ModelSummary]) -> Vec<TableView> {
    let parts = parts(setup, summaries);
    parts
        .into_iter()
        .map(|part| TableView {
            title: part.title,
            rows: summaries
                .iter()
                .map(|model| (model.model.clone(), (part.cells)(model)))
                .collect(),
            headings: part.headings,
        })
        .collect()
}

fn choices(outcome: &Outcome) -> Choices<'_> {
    let rubric = &outcome.setup.rubric;
    let transcripts = outcome.transcripts.iter();
    Choices {
        scenarios: transcripts
            .clone()
            .map(|own| own.scenario.as_str())
            .collect(),
        vectors: transcripts.map(|own| own.vector.to_string()).collect(),
        lowest: rubric.lowest(),
        highest: rubric.highest(),
        step: rubric.step,
        compliance: rubric.compliance.to_string(),
        violation: rubric.violation.to_string(),
    }
}

fn dialogues(outcome: &Outcome) -> Vec<DialogueView<'_>> {
    let models = &outcome.setup.models;
    let series = |name: &str| models.iter().position(|model| model.name == name);
    let transcripts = outcome.transcripts.iter().enumerate();
    transcripts
        .map(|(place, own)| {
            let series = series(&own.model).unwrap_or(0);
            DialogueView::of(place, series, own, &outcome.setup.rubric)
        })
        .collect()
}

fn plots(outcome: &Outcome, summaries: &[ModelSummary]) -> Result<Vec<PlotView>, PlotError> {
    let rubric = &outcome.setup.rubric;
    Ok(vec![
        PlotView {
            caption: "Mean overall score by turn".into(),
            svg: by_turn(rubric, summaries)?,
        },
        PlotView {
            caption: "Overall scores by share of turns".into(),
            svg: distribution(outcome)?,
        },
        PlotView {
            caption: "Mean by dimension, of its scale".into(),
            svg: by_dimension(rubric, summaries)?,
        },
    ])
}

fn by_turn(rubric: &Rubric, summaries: &[ModelSummary]) -> Result<String, PlotError> {
    let course = |model: &ModelSummary| Course {
        values: model.by_turn.iter().copied().map(Mean::value).collect(),
    };
    let lines = Lines {
        label: "Mean overall score by turn, a line for each model; the table “mean overall” has the numbers",
        steps: "turn",
        scale: (rubric.lowest().as_f64(), rubric.highest().as_f64()),
        courses: summaries.iter().map(course).collect(),
    };
    lines.svg()
}

fn by_dimension(rubric: &Rubric, summaries: &[ModelSummary]) -> Result<String, PlotError> {
    let groups = rubric.dimensions.iter().enumerate();
    let share = |mean: Mean, (low, high): (f64, f64)| {
        mean.value().map(|mean| (mean - low) / (high - low) * 100.0)
    };
    let bars = Bars {
        label: "Mean score by dimension, a bar for each model; the table “mean scores” has the numbers",
        groups_are: "dimension",
        unit: "%",
        high: 100.0,
        groups: groups
            .map(|(index, dimension)| {
                let scale = (dimension.low.as_f64(), dimension.high.as_f64());
                let means = summaries
                    .iter()
                    .filter_map(|model| model.dimensions.get(index));
                Group {
                    name: dimension.name.clone(),
                    values: means.map(|own| share(own.mean, scale)).collect(),
                }
            })
            .collect(),
    };
    bars.svg()
}

/// How often each score was given.
fn distribution(outcome: &Outcome) -> Result<String, PlotError> {
    let rubric = &outcome.setup.rubric;
    let bins = Bins::of(rubric);
    let shares: Vec<Vec<Option<f64>>> = outcome
        .setup
        .models
        .iter()
        .map(|model| bins.shares(outcome, &model.name))
        .collect();
    let group = |bin: usize| Group {
        name: bins.name(bin),
        values: shares
            .iter()
            .map(|own| own.get(bin).copied().flatten())
            .collect(),
    };
    let highest = shares
        .iter()
        .flatten()
        .flatten()
        .copied()
        .fold(10.0, f64::max);
    let bars = Bars {
        label: "Distribution of the overall scores, a bar for each model and score",
        groups_are: "overall score",
        unit: "%",
        high: (highest / 10.0).ceil() * 10.0,
        groups: (0..bins.count).map(group).collect(),
    };
    bars.svg()
}

/// Equal stretches of the overall scale.
struct Bins {
    lowest: i64,
    width: i64,
    count: usize,
}

impl Bins {
    /// One for each score that there can be, or for several where there are many.
    fn of(rubric: &Rubric) -> Self {
        let lowest = rubric.lowest().thousandths();
        let span = rubric.highest().thousandths() - lowest;
        let step = rubric.step.thousandths().max(1);
        let steps = (span / step).max(1);
        let width = step * ((steps + BINS - 1) / BINS);
        Self {
            lowest,
            width,
            count: usize::try_from(span / width).unwrap_or(0) + 1,
        }
    }

    fn of_score(&self, score: Points) -> usize {
        usize::try_from((score.thousandths() - self.lowest) / self.width).unwrap_or(0)
    }

    /// The lowest score of a bin.
    fn name(&self, bin: usize) -> String {
        let steps = i64::try_from(bin).unwrap_or(0);
        Points::of_thousandths(self.lowest + steps * self.width).to_string()
    }

    /// In percent of a model's judged turns; none where nothing was judged.
    fn shares(&self, outcome: &Outcome, model: &str) -> Vec<Option<f64>> {
        let own = outcome.transcripts.iter().filter(|own| own.model == model);
        let judged = own.flat_map(|own| &own.turns).filter_map(Turn::judgment);
        let mut counts = vec![0_u32; self.count];
        for judgment in judged {
            if let Some(count) = counts.get_mut(self.of_score(judgment.overall)) {
                *count += 1;
            }
        }
        let total: u32 = counts.iter().sum();
        let share = |count: u32| (total > 0).then(|| f64::from(count) * 100.0 / f64::from(total));
        counts.into_iter().map(share).collect()
    }
}
