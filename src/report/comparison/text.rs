//! For a terminal: the verdict first, then what it rests on.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use super::words::{mean, shift};
use super::{human, lines};
use crate::regression::{Comparison, Slice};
use crate::report::format::{Format, FormatError};
use crate::words::counted;

/// What begins a line, and how wide that is.
pub(super) const LABEL: usize = 12;
/// Unpaired turns that are named.
pub(super) const NAMED: usize = 10;

/// A comparison as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ComparisonText {
    /// All that is known of it.
    #[default]
    Full,
    /// The verdict and the figures that it rests on.
    Brief,
    /// The same with the turns that moved most.
    Moved,
}

impl Format<Comparison> for ComparisonText {
    fn render(&self, comparison: &Comparison) -> Result<String, FormatError> {
        let mut page = Page::default();
        page.heading(comparison)?;
        if comparison.metrics.iter().any(|own| own.n > 0) {
            page.figures(comparison)?;
            match self {
                Self::Full => page.details(comparison)?,
                Self::Moved => {
                    page.human(comparison)?;
                    page.movers(comparison)?;
                }
                Self::Brief => page.human(comparison)?,
            }
        }
        if *self == Self::Full {
            page.tail(comparison)?;
        }
        Ok(page.0)
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// A labelled line; without a label it goes on under the last one.
    fn line(&mut self, label: &str, text: &str) -> Result<(), FormatError> {
        Ok(writeln!(self.0, "{label:<LABEL$}{text}")?)
    }

    fn heading(&mut self, comparison: &Comparison) -> Result<(), FormatError> {
        let (a, b) = (&comparison.a.judge, &comparison.b.judge);
        self.line("judge", &format!("A {a} (rubric {})  →  B {b}", a.rubric))?;
        self.line("changed", &lines::changes(comparison))?;
        self.line("answers", &lines::provenance(comparison))?;
        self.line("subjects", &lines::subjects(&comparison.subjects))?;
        self.line("", &lines::paired(comparison))?;
        let decision = &comparison.decision;
        let verdict = format!("{}   {}", decision.verdict, decision.because);
        self.line("VERDICT", &verdict)?;
        for broken in &decision.broken {
            self.line("  guard", &format!("{}: {}", broken.guard, broken.detail))?;
        }
        Ok(())
    }

    fn figures(&mut self, comparison: &Comparison) -> Result<(), FormatError> {
        let rows = comparison
            .metrics
            .iter()
            .map(|own| lines::metric(own).to_vec());
        let headings = lines::metric_headings(comparison).to_vec();
        writeln!(self.0, "\n{}", table(headings, rows.collect()))?;
        if let Some(methods) = lines::methods(comparison) {
            writeln!(self.0, "{methods}")?;
        }
        writeln!(self.0)?;
        self.line("flips", &lines::flips(&comparison.flips))?;
        self.line("ranking", &lines::ranking(&comparison.ranking))
    }

    /// What human labels say, where there are any, in one line.
    fn human(&mut self, comparison: &Comparison) -> Result<(), FormatError> {
        let Some(human) = &comparison.human else {
            return Ok(());
        };
        let line = human::in_a_line(human, comparison.options.clusters);
        self.line("human", &line)
    }

    fn details(&mut self, comparison: &Comparison) -> Result<(), FormatError> {
        self.line("half-life", &lines::half_life(comparison))?;
        self.line("violations", &lines::violations(comparison))?;
        for (name, side) in [("noise A", &comparison.a), ("noise B", &comparison.b)] {
            if let Some(noise) = lines::noise(side) {
                self.line(name, &noise)?;
            }
        }
        if let Some(human) = &comparison.human {
            for (at, line) in human::lines(human, comparison.options.clusters)
                .iter()
                .enumerate()
            {
                self.line(if at == 0 { "human" } else { "" }, line)?;
            }
        }
        for (at, line) in lines::probes(&comparison.probes).iter().enumerate() {
            self.line(if at == 0 { "probes" } else { "" }, line)?;
        }
        self.slices(comparison)?;
        self.movers(comparison)
    }

    fn slices(&mut self, comparison: &Comparison) -> Result<(), FormatError> {
        let slices = &comparison.slices;
        for (title, own) in [
            ("model", &slices.models),
            ("scenario", &slices.scenarios),
            ("turn", &slices.turns),
        ] {
            let headings = [title, "turns", "A", "B", "Δ", "CI, not adjusted"].map(str::to_owned);
            let rows = own.iter().map(slice).collect();
            writeln!(self.0, "\n{}", table(headings.to_vec(), rows))?;
        }
        Ok(())
    }

    fn movers(&mut self, comparison: &Comparison) -> Result<(), FormatError> {
        if comparison.movers.is_empty() {
            return Ok(());
        }
        writeln!(self.0, "\ntop movers")?;
        for mover in &comparison.movers {
            writeln!(self.0, "  {}", lines::mover(mover))?;
            for rationale in lines::rationales(mover) {
                writeln!(self.0, "      {rationale}")?;
            }
        }
        Ok(())
    }

    fn tail(&mut self, comparison: &Comparison) -> Result<(), FormatError> {
        writeln!(self.0)?;
        self.line("cost", &lines::cost(comparison))?;
        let unpaired = &comparison.subjects.unpaired;
        for (at, own) in unpaired.iter().take(NAMED).enumerate() {
            let label = if at == 0 { "unpaired" } else { "" };
            self.line(label, &format!("{}: {}", own.key, own.why))?;
        }
        if unpaired.len() > NAMED {
            let more = counted(unpaired.len() - NAMED, "more turn");
            self.line("", &format!("and {more}"))?;
        }
        for note in &comparison.decision.notes {
            self.line("note", note)?;
        }
        Ok(())
    }
}

fn slice(slice: &Slice) -> Vec<String> {
    vec![
        slice.name.clone(),
        slice.n.to_string(),
        mean(slice.a),
        mean(slice.b),
        shift(slice.shift),
        lines::interval(slice.interval),
    ]
}

pub(super) fn table(headings: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line));
    table.set_header(headings);
    table.add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((u16::from(index > 0), 0));
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}
