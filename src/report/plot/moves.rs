//! A row for each part of a whole: where it stood before, where it stands after.

use plotters::element::{Circle, PathElement, TriangleMarker};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Axes, Canvas, PlotError, Stop, short, ticks, word};
use super::ink;

const WIDTH: u32 = 900;
const ROW: u32 = 22;
const MARGINS: (u32, u32) = (400, 52);
/// Margins of the surface, above and below the rows.
const EDGES: u32 = 16;

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    pub name: String,
    pub before: f64,
    pub after: f64,
}

/// Rows on one scale, with a line to read them against.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves<'a> {
    pub label: &'a str,
    pub below: &'a str,
    pub scale: (f64, f64),
    /// Where neither side is ahead.
    pub even: f64,
    pub rows: Vec<Move>,
}

impl Moves<'_> {
    /// The plot as an SVG element.
    pub fn svg(&self) -> Result<String, PlotError> {
        let rows = u32::try_from(self.rows.len()).unwrap_or(u32::MAX / ROW / 2);
        let canvas = Canvas {
            label: self.label,
            told: self.told(),
            size: (WIDTH, rows * ROW + MARGINS.1 + EDGES),
        };
        canvas.draw(|area| self.paint(area))
    }

    fn told(&self) -> String {
        let rows = self.rows.iter();
        let rows = rows.map(|row| {
            let (before, after) = (short(row.before), short(row.after));
            format!("{}: {before} → {after}", row.name)
        });
        rows.collect::<Vec<_>>().join("; ")
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let (low, high) = self.scale;
        let air = (high - low) * 0.03;
        let bottom = place(self.rows.len()) - 0.5;
        let axes = Axes::new(area, MARGINS, (low - air, high + air), (bottom, -0.5))?;
        let line = |value: f64| [axes.at(value, -0.5), axes.at(value, bottom)];
        for value in ticks(low, high) {
            area.draw(&PathElement::new(line(value), ink::GRID))?;
            axes.mark(value, &short(value))?;
        }
        area.draw(&PathElement::new(line(self.even), ink::TEXT))?;
        axes.caption(self.below)?;
        for (index, row) in self.rows.iter().enumerate() {
            row.paint(area, &axes, place(index))?;
        }
        Ok(())
    }
}

impl Move {
    fn paint(&self, area: &Area<'_>, axes: &Axes<'_, '_>, y: f64) -> Result<(), Stop> {
        let ends = [axes.at(self.before, y), axes.at(self.after, y)];
        let right = i32::try_from(MARGINS.0).unwrap_or(0);
        let beside = (HPos::Right, VPos::Center);
        word(area, &self.name, (right, ends[0].1), beside)?;
        area.draw(&PathElement::new(ends, ink::TEXT))?;
        // The page's key has the same shapes and colours for the two judges.
        area.draw(&Circle::new(ends[0], 5, ink::series(0).filled()))?;
        area.draw(&TriangleMarker::new(ends[1], 6, ink::series(1).filled()))
    }
}

#[expect(clippy::cast_precision_loss, reason = "rows are few")]
fn place(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_place_before_and_after() {
        let row = |before: f64, after: f64| Move {
            name: "a dialogue".into(),
            before,
            after,
        };
        let moves = Moves {
            label: "share preferred",
            below: "share",
            scale: (0.0, 1.0),
            even: 0.5,
            rows: vec![row(0.5, 0.5), row(0.0, 1.0)],
        };
        let svg = moves.svg().unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(svg.matches("<polygon").count(), 2);
        assert_eq!(svg.matches(">\na dialogue\n<").count(), 2);
        assert!(svg.contains("a dialogue: 0 → 1</desc>"), "{svg}");
    }
}
