//! Printing tables and texts to a reader that may stop reading.

use std::fmt;
use std::io::{self, Write as _};

use comfy_table::{LineStyle, Table, TableStyle};

use super::failure::Failure;

/// A table without frames: the first column to the left, the others as they are asked for.
pub struct Grid {
    table: Table,
}

impl Grid {
    /// A table with these headings.
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
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
    let text = text.trim_end();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::general),
    }
}
