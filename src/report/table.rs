//! Text for people: what was counted, what was scored, and for what there is no number.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, LineStyle, TableStyle};

use super::format::{Format, FormatError, Report};
use crate::bench::{ModelSummary, Setup, TokenSum};

/// Tables per model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Table;

/// What a model has to show in a table.
type Cells<'a> = Box<dyn Fn(&ModelSummary) -> Vec<String> + 'a>;

/// One table: a title over its first column, headings, a row for each model.
struct Part<'a> {
    title: &'static str,
    headings: Vec<String>,
    cells: Cells<'a>,
}

impl Format for Table {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        let setup = &report.outcome.setup;
        let summaries = report.outcome.summaries();
        let mut out = String::new();
        write_heading(&mut out, report)?;
        for part in parts(setup, &summaries) {
            writeln!(out, "\n{}", table(&part, &summaries))?;
        }
        write_reasons(&mut out, &summaries)?;
        write_legend(&mut out, setup)?;
        Ok(out)
    }
}

fn write_heading(out: &mut String, report: &Report) -> Result<(), FormatError> {
    let setup = &report.outcome.setup;
    writeln!(
        out,
        "{}: {} × {} × {}, temperature {}, at most {} tokens a turn",
        setup.plan,
        counted(setup.scenarios, "scenario"),
        counted(setup.models.len(), "model"),
        counted(setup.turns as usize, "turn"),
        setup.temperature,
        setup.max_tokens
    )?;
    writeln!(
        out,
        "judge {} ({}), rubric {}, {} to {}",
        setup.judge,
        setup.judge_model,
        setup.rubric.id,
        setup.rubric.lowest(),
        setup.rubric.highest()
    )?;
    let caution = if report.is_simulated() {
        ": no model was asked, the scores say nothing about the models"
    } else {
        ""
    };
    writeln!(out, "answers {}{caution}", report.origin())?;
    Ok(())
}

fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

fn parts<'a>(setup: &'a Setup, summaries: &[ModelSummary]) -> Vec<Part<'a>> {
    vec![
        turns(),
        scores(setup),
        shares(setup),
        courses(setup, summaries),
        tokens(),
    ]
}

fn turns<'a>() -> Part<'a> {
    Part {
        title: "turns",
        headings: texts(["dialogues", "attempted", "answered", "judged", "unscored"]),
        cells: Box::new(|model| {
            texts([
                model.dialogues,
                model.attempted,
                model.answered,
                model.judged,
                model.unscored,
            ])
        }),
    }
}

fn scores(setup: &Setup) -> Part<'_> {
    let rubric = &setup.rubric;
    let mut headings = vec![format!("overall /{}", rubric.highest())];
    let dimensions = rubric.dimensions.iter();
    headings.extend(dimensions.map(|dimension| format!("{} /{}", dimension.name, dimension.high)));
    headings.extend(texts(["compliance", "half-life"]));
    Part {
        title: "mean scores",
        headings,
        cells: Box::new(|model| {
            let mut cells = texts([model.overall]);
            cells.extend(
                model
                    .dimensions
                    .iter()
                    .map(|dimension| dimension.mean.to_string()),
            );
            cells.push(model.compliance.to_string());
            cells.push(model.half_life.to_string());
            cells
        }),
    }
}

fn shares(setup: &Setup) -> Part<'_> {
    let dimensions = setup.rubric.dimensions.iter();
    let mut headings: Vec<String> = dimensions
        .map(|dimension| format!("{} {}", dimension.name, setup.rubric.violation))
        .collect();
    headings.extend(texts(["one question", "open", "advice", "leading"]));
    Part {
        title: "violations",
        headings,
        cells: Box::new(|model| {
            let violations = model
                .dimensions
                .iter()
                .map(|dimension| dimension.violations);
            let counted = &model.heuristics;
            let heuristics = [
                counted.one_question,
                counted.open_ended,
                counted.has_advice,
                counted.is_leading,
            ];
            violations
                .chain(heuristics)
                .map(|share| share.to_string())
                .collect()
        }),
    }
}

fn courses<'a>(setup: &Setup, summaries: &[ModelSummary]) -> Part<'a> {
    let vectors = summaries.first().map(|model| &model.by_vector);
    let vectors = vectors.into_iter().flatten();
    let mut headings: Vec<String> = vectors.map(|vector| vector.vector.to_string()).collect();
    headings.extend((1..=setup.turns).map(|turn| format!("turn {turn}")));
    Part {
        title: "mean overall",
        headings,
        cells: Box::new(|model| {
            let vectors = model.by_vector.iter().map(|vector| vector.overall);
            vectors
                .chain(model.by_turn.iter().copied())
                .map(|mean| mean.to_string())
                .collect()
        }),
    }
}

fn tokens<'a>() -> Part<'a> {
    Part {
        title: "tokens in/out",
        headings: texts(["tutor", "student", "judge"]),
        cells: Box::new(|model| {
            let sums = [model.tutor_tokens, model.student_tokens, model.judge_tokens];
            sums.into_iter().map(in_and_out).collect()
        }),
    }
}

fn texts<T: ToString>(cells: impl IntoIterator<Item = T>) -> Vec<String> {
    cells.into_iter().map(|cell| cell.to_string()).collect()
}

/// A sum that some calls did not add to is at least that much.
fn in_and_out(tokens: TokenSum) -> String {
    if tokens.calls == 0 {
        return "n/a".to_owned();
    }
    let bound = if tokens.untold > 0 { "≥ " } else { "" };
    let read = tokens.sum.input + tokens.sum.cache_read + tokens.sum.cache_write;
    format!("{bound}{} / {}", grouped(read), grouped(tokens.sum.output))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3).map(String::from_utf8_lossy);
    groups.fold(head.to_owned(), |text, group| format!("{text},{group}"))
}

fn table(part: &Part<'_>, summaries: &[ModelSummary]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    let title = [part.title.to_owned()];
    table.set_header(title.into_iter().chain(part.headings.iter().cloned()));
    for model in summaries {
        let name = [model.model.clone()];
        table.add_row(name.into_iter().chain((part.cells)(model)));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        let is_name = index == 0;
        column.set_padding(if is_name { (0, 0) } else { (1, 0) });
        column.set_cell_alignment(if is_name {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        });
    }
    table.trim_fmt()
}

fn write_legend(out: &mut String, setup: &Setup) -> Result<(), FormatError> {
    let rubric = &setup.rubric;
    writeln!(
        out,
        "\ncompliance: overall at least {}; half-life: turns before the first under {}; violation: {} in a\ndimension. Means and violations are of judged turns; questions, advice and leading are counted\nin answered turns without a judge.",
        rubric.compliance, rubric.half_life, rubric.violation
    )?;
    Ok(())
}

type ReasonsOf = fn(&ModelSummary) -> &BTreeMap<String, u32>;

fn write_reasons(out: &mut String, summaries: &[ModelSummary]) -> Result<(), FormatError> {
    let kinds: [(&str, ReasonsOf); 2] = [
        ("not answered", |model| &model.not_answered_because),
        ("unscored", |model| &model.unscored_because),
    ];
    for (title, reasons_of) in kinds {
        let mut lines = Vec::new();
        for model in summaries
            .iter()
            .filter(|model| !reasons_of(model).is_empty())
        {
            let reasons = reasons_of(model).iter();
            let texts: Vec<String> = reasons
                .map(|(reason, count)| format!("{count} × {reason}"))
                .collect();
            lines.push(format!("  {}: {}", model.model, texts.join(", ")));
        }
        if !lines.is_empty() {
            writeln!(out, "\n{title}\n{}", lines.join("\n"))?;
        }
    }
    Ok(())
}
