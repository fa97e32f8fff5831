//! Printing tables and texts to a reader that may stop reading.

use std::fmt::{self, Write as _};
use std::io;

use bedrock_replay::report::fit::fit;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use super::failure::Failure;
use super::width;

/// A table without frames: the first column to the left, the others as they are asked for.
pub struct Grid {
    /// The headings first.
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
    /// Characters of a line, where it must not have more.
    most: Option<usize>,
}

/// Blanks between two columns.
const GAP: usize = 2;

impl Grid {
    /// A table with these headings, for the page that is there.
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self::of(headings.map(str::to_owned).to_vec())
    }

    /// The same, of any number.
    pub fn of(headings: Vec<String>) -> Self {
        Self {
            rows: vec![headings],
            right: Vec::new(),
            most: width::of_stdout(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.row_of(Vec::from(cells));
    }

    /// The same, of any number of cells.
    pub fn row_of(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Numbers stand to the right: these columns, counted from 0.
    pub fn right(&mut self, columns: impl IntoIterator<Item = usize>) {
        self.right.extend(columns);
    }

    /// Texts are shortened where the page is narrow, numbers never.
    fn fitted(&self) -> Vec<Vec<String>> {
        let mut rows = self.rows.clone();
        if let Some(most) = self.most {
            fit(&mut rows, GAP, most, |index| !self.right.contains(&index));
        }
        rows
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        let line = LineStyle::none().fill('─').junction('─');
        table.load_style(TableStyle::new().header_separator(line));
        let mut rows = self.fitted().into_iter();
        table.set_header(rows.next().unwrap_or_default());
        table.add_rows(rows);
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((u16::from(index > 0), 0));
            if self.right.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
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

/// The same for the page that is there, in lines of at most so many characters: whole where it
/// goes to a file or a program, which look for words in it.
pub fn paragraph(text: &str, most: usize) -> Vec<String> {
    wrapped_for(width::of_stdout(), text, most)
}

fn wrapped_for(page: Option<usize>, text: &str, most: usize) -> Vec<String> {
    let line = page.map_or(usize::MAX, |page| page.min(most));
    wrapped(text, line)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_for_a_page_and_whole_for_a_file() {
        let text = "one two three four";
        assert_eq!(wrapped_for(None, text, 8), ["one two three four"]);
        assert_eq!(wrapped_for(Some(80), text, 8), ["one two", "three", "four"]);
        assert_eq!(wrapped_for(Some(13), text, 72), ["one two three", "four"]);
    }
}
