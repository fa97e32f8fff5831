//! A row for each part of a whole: its middle and how far it reaches; below them, the whole.

use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::Color as _;

use super::canvas::{Area, Axes, Canvas, PlotError, Stop, short, ticks};
use super::ink;
use super::rows::{axes, ends, name, place, size, upright};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    pub middle: f64,
    pub low: f64,
    pub high: f64,
}

/// Rows on one scale, with a band that is as good as nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest<'a> {
    pub label: &'a str,
    pub below: &'a str,
    pub band: f64,
    pub rows: Vec<Row>,
    pub whole: Option<Row>,
}

impl Forest<'_> {
    /// The plot as an SVG element.
    pub fn svg(&self) -> Result<String, PlotError> {
        let canvas = Canvas {
            label: self.label,
            told: self.told(),
            size: size(self.rows.len() + 1),
        };
        canvas.draw(|area| self.paint(area))
    }

    fn told(&self) -> String {
        let rows = self.rows.iter().chain(&self.whole).map(|row| {
            let [middle, low, high] = [row.middle, row.low, row.high].map(short);
            format!("{}: {middle} [{low}, {high}]", row.name)
        });
        rows.collect::<Vec<_>>().join("; ")
    }

    /// The whole scale: every row, the band and 0.
    fn reach(&self) -> (f64, f64) {
        let all = self.rows.iter().chain(&self.whole);
        let start = (-self.band * 1.5, self.band * 1.5);
        let (low, high) = all.fold(start, |(low, high), row| {
            (low.min(row.low), high.max(row.high))
        });
        let air = (high - low) * 0.03;
        (low - air, high + air)
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let (low, high) = self.reach();
        let rows = self.rows.len() + 1;
        let axes = axes(area, (low, high), rows)?;
        let [top, bottom] = ends(rows);
        let band = [axes.at(-self.band, top), axes.at(self.band, bottom)];
        area.draw(&Rectangle::new(band, ink::series(0).mix(0.12).filled()))?;
        for value in ticks(low, high) {
            let colour = if value == 0.0 { ink::TEXT } else { ink::GRID };
            area.draw(&upright(&axes, value, rows, colour))?;
            axes.mark(value, &short(value))?;
        }
        axes.caption(self.below)?;
        for (index, row) in self.rows.iter().enumerate() {
            row.paint(area, &axes, place(index))?;
        }
        match &self.whole {
            Some(whole) => whole.paint_whole(area, &axes, place(self.rows.len())),
            None => Ok(()),
        }
    }
}

impl Row {
    fn paint(&self, area: &Area<'_>, axes: &Axes<'_, '_>, y: f64) -> Result<(), Stop> {
        let colour = ink::series(0);
        let reach = [axes.at(self.low, y), axes.at(self.high, y)];
        name(area, &self.name, reach[0].1)?;
        area.draw(&PathElement::new(reach, colour.stroke_width(2)))?;
        area.draw(&Circle::new(axes.at(self.middle, y), 4, colour.filled()))
    }

    fn paint_whole(&self, area: &Area<'_>, axes: &Axes<'_, '_>, y: f64) -> Result<(), Stop> {
        let corners = vec![
            axes.at(self.low, y),
            axes.at(self.middle, y - 0.35),
            axes.at(self.high, y),
            axes.at(self.middle, y + 0.35),
        ];
        name(area, &self.name, corners[0].1)?;
        area.draw(&Polygon::new(corners, ink::series(1).filled()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_every_row_the_band_and_nothing() {
        let row = |middle: f64| Row {
            name: "a".into(),
            middle,
            low: middle - 1.0,
            high: middle + 1.0,
        };
        let forest = Forest {
            label: "shift by dialogue",
            below: "points",
            band: 0.25,
            rows: vec![row(-2.0), row(-1.0)],
            whole: Some(row(-1.5)),
        };
        let (low, high) = forest.reach();
        assert!(low < -3.0 && high > 0.25);
        let svg = forest.svg().unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(svg.matches("<polygon").count(), 1);
        assert!(svg.contains("; a: −1.5 [−2.5, −0.5]</desc>"), "{svg}");
    }
}
