//! How often two judges said what: a square for each pair of scores, or of verdicts.

use plotters::element::{PathElement, Rectangle};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Canvas, PlotError, Stop, word};
use super::ink;

const WIDTH: i32 = 440;
/// The least side of a square, and what a letter of its names needs.
const CELL: i32 = 40;
const LETTER: i32 = 9;
const TOP: i32 = 40;
const EDGE: i32 = 8;
/// The deepest colour on which words can still be read.
const DEEPEST: f64 = 0.6;

/// Counts by the baseline's score, a row each, and the candidate's, a column each.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat<'a> {
    pub label: &'a str,
    pub scores: Vec<String>,
    pub counts: Vec<Vec<u32>>,
}

impl Heat<'_> {
    /// The plot as an SVG element.
    pub fn svg(&self) -> Result<String, PlotError> {
        let canvas = Canvas {
            label: self.label,
            told: self.told(),
            size: (
                WIDTH.max(self.side() + self.cell()).unsigned_abs(),
                (TOP + self.side() + EDGE).unsigned_abs(),
            ),
        };
        canvas.draw(|area| self.paint(area))
    }

    fn told(&self) -> String {
        let rows = self.scores.iter().zip(&self.counts);
        let cells = rows.flat_map(|(a, counts)| {
            let cells = self.scores.iter().zip(counts);
            let some = cells.filter(|(_, count)| **count > 0);
            some.map(move |(b, count)| format!("A {a} and B {b}: {count}"))
        });
        cells.collect::<Vec<_>>().join("; ")
    }

    /// The side of a square: names stand above it.
    fn cell(&self) -> i32 {
        let letters = self.scores.iter().map(|score| score.chars().count());
        CELL.max(LETTER * length(letters.max().unwrap_or(0)) + EDGE)
    }

    fn side(&self) -> i32 {
        self.cell() * length(self.scores.len())
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let size = self.cell();
        let left = size.max((WIDTH - self.side()) / 2);
        let most = self.counts.iter().flatten().copied().max().unwrap_or(0);
        let centered = (HPos::Center, VPos::Center);
        word(
            area,
            "A ↓  B →",
            (left - size.max(TOP + EDGE), TOP / 2),
            centered,
        )?;
        for (place, score) in self.scores.iter().enumerate() {
            let middle = size * length(place) + size / 2;
            word(area, score, (left + middle, TOP / 2), centered)?;
            let beside = (HPos::Right, VPos::Center);
            word(area, score, (left - EDGE, TOP + middle), beside)?;
        }
        for (row, counts) in self.counts.iter().enumerate() {
            for (column, count) in counts.iter().enumerate() {
                let corner = (left + size * length(column), TOP + size * length(row));
                cell(area, (corner, size), (*count, most), column == row)?;
            }
        }
        Ok(())
    }
}

fn cell(
    area: &Area<'_>,
    ((left, top), size): ((i32, i32), i32),
    (count, most): (u32, u32),
    is_same: bool,
) -> Result<(), Stop> {
    let (right, bottom) = (left + size - 2, top + size - 2);
    let corners = [(left, top), (right, bottom)];
    if count > 0 {
        // The square root keeps rare pairs visible beside the common ones.
        let depth = (f64::from(count) / f64::from(most)).sqrt() * DEEPEST;
        let fill = ink::series(0).mix((depth * 100.0).round() / 100.0).filled();
        area.draw(&Rectangle::new(corners, fill))?;
        let middle = (i32::midpoint(left, right), i32::midpoint(top, bottom));
        word(
            area,
            &count.to_string(),
            middle,
            (HPos::Center, VPos::Center),
        )?;
    }
    // On the diagonal both judges said the same.
    let frame = if is_same { ink::TEXT } else { ink::GRID };
    let outline = [
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ];
    area.draw(&PathElement::new(outline, frame))
}

fn length(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / CELL / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_that_never_occurs_is_an_empty_square() {
        let heat = Heat {
            label: "form",
            scores: vec!["0".into(), "1".into()],
            counts: vec![vec![3, 0], vec![1, 0]],
        };
        let svg = heat.svg().unwrap();
        assert_eq!(svg.matches("<rect").count(), 2);
        assert_eq!(svg.matches("<polyline").count(), 4);
        assert!(
            svg.contains("<desc>A 0 and B 0: 3; A 1 and B 0: 1</desc>"),
            "{svg}"
        );
        assert!(svg.contains("opacity=\"0.6\""), "{svg}");
    }

    #[test]
    fn squares_are_as_wide_as_their_names() {
        let names = |name: &str| Heat {
            label: "verdicts",
            scores: vec![name.to_owned(); 3],
            counts: vec![vec![0; 3]; 3],
        };
        assert_eq!(names("0").cell(), CELL);
        assert_eq!(names("second").cell(), 6 * LETTER + EDGE);
    }
}
