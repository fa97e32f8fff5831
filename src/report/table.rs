//! Text for people: what was counted, what was scored, and for what there is no number.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, LineStyle, TableStyle};

use super::fit;
use super::format::{Format, FormatError, Report};
use crate::bench::{ModelSummary, Outcome, Setup, TokenSum, Transcript, Turn};
use crate::judge::Points;
use crate::words::{counted, grouped};

/// How many of the lowest turns are shown.
const LOWEST: usize = 3;
/// Blanks between two columns, one of which comfy-table puts there by itself.
const WIDE: usize = 2;
const CLOSE: usize = 1;
/// Characters of a turn that is shown in one line.
const EXCERPT: usize = 84;

/// Tables per model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Table;

/// The same for a page of so many characters: names are shortened, and a table that is too wide
/// all the same goes on below itself.
#[derive(Debug, Clone, Copy)]
pub struct TableWithin(pub usize);

/// What a model has to show in a table.
pub(super) type Cells<'a> = Box<dyn Fn(&ModelSummary) -> Vec<String> + 'a>;

/// One table: a title over its first column, headings, a row for each model.
pub(super) struct Part<'a> {
    pub(super) title: &'static str,
    pub(super) headings: Vec<String>,
    pub(super) cells: Cells<'a>,
}

impl Format for Table {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        render(report, None)
    }
}

impl Format for TableWithin {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        let text = render(report, Some(self.0))?;
        Ok(fit::wrapped(&text, self.0))
    }
}

fn render(report: &Report, most: Option<usize>) -> Result<String, FormatError> {
    let setup = &report.outcome.setup;
    let summaries = report.outcome.summaries();
    let mut out = String::new();
    write_heading(&mut out, report)?;
    for part in parts(setup, &summaries) {
        for table in tables(&part, &summaries, most) {
            writeln!(out, "\n{table}")?;
        }
    }
    write_remarks(&mut out, &summaries)?;
    write_lowest(&mut out, &report.outcome)?;
    write_legend(&mut out, setup)?;
    Ok(out)
}

fn write_heading(out: &mut String, report: &Report) -> Result<(), FormatError> {
    let setup = &report.outcome.setup;
    writeln!(out, "{}: {}", setup.plan, plan_line(setup))?;
    writeln!(out, "{}", judge_line(setup))?;
    writeln!(out, "{}", origin_line(report))?;
    Ok(())
}

/// Who gave the answers, and what that is worth.
pub(super) fn origin_line(report: &Report) -> String {
    let caution = if report.is_simulated() {
        ": no model was asked, the scores say nothing about the models"
    } else {
        ""
    };
    format!("answers {}{caution}", report.origin())
}

/// What the run was to do.
pub(super) fn plan_line(setup: &Setup) -> String {
    let temperature = setup.temperature;
    let temperature = temperature.map(|value| format!(", temperature {value}"));
    let most = setup.max_tokens;
    let most = most.map(|tokens| format!(", at most {tokens} tokens a turn"));
    format!(
        "{} × {} × {}{}{}",
        counted(setup.scenarios, "scenario"),
        counted(setup.models.len(), "model"),
        counted(setup.turns, "turn"),
        temperature.unwrap_or_default(),
        most.unwrap_or_default()
    )
}

/// By whom and by what it was scored.
pub(super) fn judge_line(setup: &Setup) -> String {
    format!(
        "judge {} ({}), rubric {}, {} to {}",
        setup.judge,
        setup.judge_model,
        setup.rubric.id,
        setup.rubric.lowest(),
        setup.rubric.highest()
    )
}

/// Every table, in the order in which they are read.
pub(super) fn parts<'a>(setup: &'a Setup, summaries: &[ModelSummary]) -> Vec<Part<'a>> {
    vec![
        turns(),
        scores(setup),
        violations(setup),
        courses(setup, summaries),
        habits(),
        tokens(),
    ]
}

fn turns<'a>() -> Part<'a> {
    Part {
        title: "turns",
        headings: texts(["dialogues", "attempted", "answered", "judged", "unscored"]),
        cells: Box::new(|model| {
            let numbers = [
                model.dialogues,
                model.attempted,
                model.answered,
                model.judged,
                model.unscored,
            ];
            numbers.map(grouped).to_vec()
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
            cells.push(half_life(model));
            cells
        }),
    }
}

/// Says of how many dialogues, where some do not tell.
fn half_life(model: &ModelSummary) -> String {
    let told = model.half_life.count();
    if told == 0 || told == model.dialogues {
        return model.half_life.to_string();
    }
    format!("{} ({told}/{})", model.half_life, model.dialogues)
}

fn violations(setup: &Setup) -> Part<'_> {
    let dimensions = setup.rubric.dimensions.iter();
    Part {
        title: "violations",
        headings: dimensions.map(|dimension| dimension.name.clone()).collect(),
        cells: Box::new(|model| {
            let dimensions = model.dimensions.iter();
            texts(dimensions.map(|dimension| dimension.violations))
        }),
    }
}

fn habits<'a>() -> Part<'a> {
    Part {
        title: "habits",
        headings: texts(["a question", "just one", "open", "advice", "leading"]),
        cells: Box::new(|model| {
            let counted = &model.heuristics;
            texts([
                counted.has_question,
                counted.one_question,
                counted.open_ended,
                counted.has_advice,
                counted.is_leading,
            ])
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
    let read = tokens.sum.all_input();
    format!("{bound}{} / {}", grouped(read), grouped(tokens.sum.output))
}

/// One table, or as many as it takes to show all columns within a width.
fn tables(part: &Part<'_>, summaries: &[ModelSummary], most: Option<usize>) -> Vec<String> {
    let title = vec![part.title.to_owned()];
    let mut rows = vec![[title, part.headings.clone()].concat()];
    rows.extend(
        summaries
            .iter()
            .map(|model| [vec![model.model.clone()], (part.cells)(model)].concat()),
    );
    match most {
        Some(most) if fit::width(&rows, WIDE) > most => narrow(rows, most),
        _ => vec![table(&rows, WIDE)],
    }
}

/// Columns stand closer, names are shortened, and what is still too wide is divided.
fn narrow(mut rows: Vec<Vec<String>>, most: usize) -> Vec<String> {
    fit::fit(&mut rows, CLOSE, most, |index| index == 0);
    let mut shown = Vec::new();
    while rows[0].len() > 1 {
        let mut columns = rows[0].len();
        let front = |columns: usize| -> Vec<Vec<String>> {
            rows.iter().map(|row| row[..columns].to_vec()).collect()
        };
        while columns > 2 && fit::width(&front(columns), CLOSE) > most {
            columns -= 1;
        }
        shown.push(table(&front(columns), CLOSE));
        for row in &mut rows {
            row.drain(1..columns);
        }
    }
    shown
}

fn table(rows: &[Vec<String>], gap: usize) -> String {
    let padding = u16::from(gap > CLOSE);
    let mut table = comfy_table::Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    for (index, row) in rows.iter().enumerate() {
        match index {
            0 => table.set_header(row),
            _ => table.add_row(row),
        };
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        let is_name = index == 0;
        column.set_padding(if is_name { (0, 0) } else { (padding, 0) });
        column.set_cell_alignment(if is_name {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        });
    }
    table.trim_fmt()
}

/// Turns that fell below the rubric's half-life, the lowest first: where to look first.
pub(super) fn lowest(outcome: &Outcome) -> Vec<(Points, &Transcript, &Turn)> {
    let mut turns: Vec<(Points, &Transcript, &Turn)> = outcome
        .transcripts
        .iter()
        .flat_map(|transcript| transcript.turns.iter().map(move |turn| (transcript, turn)))
        .filter_map(|(transcript, turn)| Some((turn.judgment()?.overall, transcript, turn)))
        .filter(|(overall, ..)| *overall < outcome.setup.rubric.half_life)
        .collect();
    // Stable: equal scores stay in the plan's order.
    turns.sort_by_key(|(overall, ..)| *overall);
    turns.truncate(LOWEST);
    turns
}

fn write_lowest(out: &mut String, outcome: &Outcome) -> Result<(), FormatError> {
    let turns = lowest(outcome);
    if turns.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nlowest turns")?;
    for (overall, transcript, turn) in turns {
        writeln!(
            out,
            "  {overall:>4}  {}, turn {}",
            transcript.name(),
            turn.turn
        )?;
        writeln!(out, "        {}", words_of(turn))?;
    }
    Ok(())
}

/// The beginning of a tutor's words, in one line.
pub(super) fn words_of(turn: &Turn) -> String {
    let text = turn.answer().map_or("", |answer| &answer.text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= EXCERPT {
        return line;
    }
    let kept: String = line.chars().take(EXCERPT - 1).collect();
    format!("{}…", kept.trim_end())
}

fn write_legend(out: &mut String, setup: &Setup) -> Result<(), FormatError> {
    writeln!(out)?;
    for (word, meaning) in legend(setup) {
        writeln!(out, "{word:<12}{meaning}")?;
    }
    Ok(())
}

/// What the words in the tables mean.
pub(super) fn legend(setup: &Setup) -> [(&'static str, String); 4] {
    let rubric = &setup.rubric;
    let compliance = format!(
        "share of judged turns with an overall score of at least {}",
        rubric.compliance
    );
    let half_life = format!(
        "turns before the first one under {}, mean of the dialogues that tell",
        rubric.half_life
    );
    let violations = format!(
        "share of judged turns with {} in that dimension",
        rubric.violation
    );
    let habits = "share of answered turns, counted without the judge".to_owned();
    [
        ("compliance", compliance),
        ("half-life", half_life),
        ("violations", violations),
        ("habits", habits),
    ]
}

type CountsOf = fn(&ModelSummary) -> &BTreeMap<String, u32>;

/// What is counted beside the tables: why turns have no answer and answers no score, and which
/// regions answered. A kind, and a line for each model that has it.
pub(super) fn remarks(summaries: &[ModelSummary]) -> Vec<(&'static str, Vec<String>)> {
    let kinds: [(&str, CountsOf); 3] = [
        ("not answered", |model| &model.not_answered_because),
        ("unscored", |model| &model.unscored_because),
        ("calls answered in", |model| &model.regions),
    ];
    let lines = |counts_of: CountsOf| {
        let having = summaries
            .iter()
            .filter(|model| !counts_of(model).is_empty());
        having
            .map(|model| {
                let counts = counts_of(model).iter();
                let texts: Vec<String> = counts
                    .map(|(what, count)| format!("{count} × {what}"))
                    .collect();
                format!("{}: {}", model.model, texts.join(", "))
            })
            .collect::<Vec<_>>()
    };
    let told = kinds.map(|(title, counts_of)| (title, lines(counts_of)));
    told.into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .collect()
}

fn write_remarks(out: &mut String, summaries: &[ModelSummary]) -> Result<(), FormatError> {
    for (title, lines) in remarks(summaries) {
        writeln!(out, "\n{title}\n  {}", lines.join("\n  "))?;
    }
    Ok(())
}
