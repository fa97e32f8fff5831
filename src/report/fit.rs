//! Tables on a narrow page: long names are shortened in their middle, where they differ least.

/// Characters that a shortened cell keeps at least.
const LEAST: usize = 12;

/// How wide a table of these rows is, with so many blanks between two columns.
#[must_use]
pub fn width(rows: &[Vec<String>], gap: usize) -> usize {
    let widths = widths(rows);
    widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1)
}

/// Shortens the cells of some columns, the widest first, until the table is no wider than
/// that; or as far as it goes.
pub fn fit(rows: &mut [Vec<String>], gap: usize, most: usize, may_shrink: impl Fn(usize) -> bool) {
    let mut widths = widths(rows);
    let gaps = gap * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > most {
        let shrinking = widths.iter_mut().enumerate();
        let shrinking = shrinking.filter(|(index, width)| may_shrink(*index) && **width > LEAST);
        let Some((_, widest)) = shrinking.max_by_key(|(_, width)| **width) else {
            break;
        };
        *widest -= 1;
    }
    for row in rows {
        for (cell, width) in row.iter_mut().zip(&widths) {
            *cell = shortened(cell, *width);
        }
    }
}

/// A text of no more characters than that: its beginning and its end.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let kept = most.saturating_sub(1);
    let front: String = text.chars().take(kept.div_ceil(2)).collect();
    let back: String = text.chars().skip(length - kept / 2).collect();
    format!("{front}…{back}")
}

/// A text with its long lines cut between words, what follows moved in a little.
#[must_use]
pub fn wrapped(text: &str, most: usize) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        wrap_line(line, most, &mut out);
    }
    out
}

fn wrap_line(line: &str, most: usize, out: &mut String) {
    let bare = line.trim_end();
    if bare.chars().count() <= most {
        out.push_str(line);
        return;
    }
    let indent = bare.len() - bare.trim_start().len();
    let mut column = indent;
    out.push_str(&" ".repeat(indent));
    for word in bare.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > most {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            column = indent + 2;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push_str(&line[bare.len()..]);
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |index: usize| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_name_gives_way_and_numbers_stay() {
        let row = |name: &str, number: &str| vec![name.to_owned(), number.to_owned()];
        let mut rows = [
            row("model", "calls"),
            row("anthropic.claude-3-5-sonnet-v2:0", "1,234"),
        ];
        assert_eq!(width(&rows, 2), 39);
        fit(&mut rows, 2, 31, |index| index == 0);
        assert_eq!(rows[1], row("anthropic.cl…sonnet-v2:0", "1,234"));
        assert_eq!(width(&rows, 2), 31);
        fit(&mut rows, 2, 5, |index| index == 0);
        assert_eq!(width(&rows, 2), LEAST + 2 + 5);
    }

    #[test]
    fn a_long_line_goes_on_below_itself() {
        let text = "short\n  one two three four\n\nend";
        assert_eq!(
            wrapped(text, 12),
            "short\n  one two\n    three\n    four\n\nend"
        );
        assert_eq!(wrapped(text, 40), text);
    }
}
