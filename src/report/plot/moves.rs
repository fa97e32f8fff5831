//! A row for each part of a whole: where it stood before, where it stands after.

use plotters::element::{Circle, PathElement, TriangleMarker};
use plotters::style::Color as _;

use super::canvas::{Area, Axes, Canvas, PlotError, Stop, short, ticks};
use super::ink;
use super::rows::{axes, name, place, size, upright};

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
        let canvas = Canvas {
            label: self.label,
            told: self.told(),
            size: size(self.rows.len()),
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
        let rows = self.rows.len();
        let axes = axes(area, (low - air, high + air), rows)?;
        for value in ticks(low, high) {
            area.draw(&upright(&axes, value, rows, ink::GRID))?;
            axes.mark(value, &short(value))?;
        }
        area.draw(&upright(&axes, self.even, rows, ink::TEXT))?;
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
        name(area, &self.name, ends[0].1)?;
        area.draw(&PathElement::new(ends, ink::TEXT))?;
        // The page's key has the same shapes and colours for the two judges.
        area.draw(&Circle::new(ends[0], 5, ink::series(0).filled()))?;
        area.draw(&TriangleMarker::new(ends[1], 6, ink::series(1).filled()))
    }
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
