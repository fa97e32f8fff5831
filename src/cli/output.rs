//! Printing tables and texts to a reader that may stop reading.

use std::fmt::{self, Write as _};
use std::io;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use super::failure::Failure;

/// A table without frames: the first column to the left, the others as they are asked for.
pub struct Grid {
    table: Table,
}

impl Grid {
    /// A table with these headings.
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self::of(headings.map(str::to_owned).to_vec())
    }

    /// The same, of any number.
    pub fn of(headings: Vec<String>) -> Self {
        let mut table = Table::new();
        let line = LineStyle::none().fill('─').junction('─');
        table.load_style(TableStyle::new().header_separator(line));
        table.set_header(headings);
        Self { table }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.table.add_row(cells);
    }

    /// The same, of any number of cells.
    pub fn row_of(&mut self, cells: Vec<String>) {
        self.table.add_row(cells);
    }

    /// Numbers stand to the right: these columns, counted from 0.
    pub fn right(&mut self, columns: impl IntoIterator<Item = usize>) {
        for index in columns {
            if let Some(column) = self.table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = self.table.clone();
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((u16::from(index > 0), 0));
        }
        f.write_str(&table.trim_fmt())
    }
}

/// Prints to standard output, with a line break at the end; a reader that has seen enough is
/// no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    let text = format!("{}\n", text.trim_end());
    let written = io::Write::write_all(&mut out, text.as_bytes());
    match written.and_then(|()| io::Write::flush(&mut out)) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::general),
    }
}

/// A text cut into lines between words, where they fit.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text's lines, each moved to the right.
pub fn indented(text: &str, by: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let _ = writeln!(out, "{:by$}{line}", "");
    }
    out
}

/// A text with no line longer than so many characters.
pub fn cut(text: &str, width: usize) -> String {
    let short = |line: &str| -> String {
        if line.chars().count() <= width {
            return format!("{line}\n");
        }
        let kept: String = line.chars().take(width - 1).collect();
        format!("{kept}…\n")
    };
    text.lines().map(short).collect()
}
