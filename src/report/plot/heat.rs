//! How often two judges gave which scores: a square for each pair of them.

use plotters::element::{PathElement, Rectangle};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Canvas, PlotError, Stop, word};
use super::ink;

const WIDTH: i32 = 440;
const CELL: i32 = 40;
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
            size: (
                WIDTH.max(self.side() + TOP).unsigned_abs(),
                (TOP + self.side() + EDGE).unsigned_abs(),
            ),
        };
        canvas.draw(|area| self.paint(area))
    }

    fn side(&self) -> i32 {
        CELL * length(self.scores.len())
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let left = TOP.max((WIDTH - self.side()) / 2);
        let most = self.counts.iter().flatten().copied().max().unwrap_or(0);
        let centered = (HPos::Center, VPos::Center);
        word(area, "A ↓  B →", (left - TOP, TOP / 2), centered)?;
        for (place, score) in self.scores.iter().enumerate() {
            let middle = CELL * length(place) + CELL / 2;
            word(area, score, (left + middle, TOP / 2), centered)?;
            word(area, score, (left - TOP / 2, TOP + middle), centered)?;
        }
        for (row, counts) in self.counts.iter().enumerate() {
            for (column, count) in counts.iter().enumerate() {
                let corner = (left + CELL * length(column), TOP + CELL * length(row));
                cell(area, corner, (*count, most), column == row)?;
            }
        }
        Ok(())
    }
}

fn cell(
    area: &Area<'_>,
    (left, top): (i32, i32),
    (count, most): (u32, u32),
    is_same: bool,
) -> Result<(), Stop> {
    let (right, bottom) = (left + CELL - 2, top + CELL - 2);
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
        assert!(svg.contains("opacity=\"0.6\""), "{svg}");
    }
}
