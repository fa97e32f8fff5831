//! Points between two axes, larger where several fall together.

use plotters::element::{Circle, PathElement};
use plotters::style::Color as _;

use super::canvas::{Area, Axes, Canvas, PlotError, Stop, short, ticks};
use super::ink;

const SIZE: (u32, u32) = (440, 270);
const MARGINS: (u32, u32) = (52, 52);

/// A place and how many points fall on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    pub x: f64,
    pub y: f64,
    pub count: u32,
}

/// Points, and lines across that they are read against.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter<'a> {
    pub label: &'a str,
    pub below: &'a str,
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub spots: Vec<Spot>,
    /// Drawn strong: the middle.
    pub middle: Option<f64>,
    /// Drawn thin: the limits.
    pub limits: Vec<f64>,
}

impl Scatter<'_> {
    /// The plot as an SVG element.
    pub fn svg(&self) -> Result<String, PlotError> {
        let canvas = Canvas {
            label: self.label,
            told: self.told(),
            size: SIZE,
        };
        canvas.draw(|area| self.paint(area))
    }

    /// The lines, and every spot as `x, y`.
    fn told(&self) -> String {
        let middle = self
            .middle
            .iter()
            .map(|own| format!("middle {}", short(*own)));
        let limits = self
            .limits
            .iter()
            .map(|own| format!("limit {}", short(*own)));
        let spots = self.spots.iter().map(|spot| {
            let (x, y) = (short(spot.x), short(spot.y));
            format!("{x}, {y}: {}", spot.count)
        });
        let all: Vec<String> = middle.chain(limits).chain(spots).collect();
        all.join("; ")
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let axes = Axes::new(area, MARGINS, self.x, self.y)?;
        for value in ticks(self.y.0, self.y.1) {
            axes.level(value, &short(value))?;
        }
        for value in ticks(self.x.0, self.x.1) {
            axes.mark(value, &short(value))?;
        }
        axes.caption(self.below)?;
        let across = |y: f64| [axes.at(self.x.0, y), axes.at(self.x.1, y)];
        for limit in &self.limits {
            area.draw(&PathElement::new(across(*limit), ink::series(1)))?;
        }
        if let Some(middle) = self.middle {
            area.draw(&PathElement::new(
                across(middle),
                ink::series(1).stroke_width(2),
            ))?;
        }
        for spot in &self.spots {
            let place = axes.at(spot.x, spot.y);
            let colour = ink::series(0).mix(0.6).filled();
            area.draw(&Circle::new(place, radius(spot.count), colour))?;
        }
        Ok(())
    }
}

/// The area grows with the count, up to what hides nothing.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what a plot can show"
)]
fn radius(count: u32) -> i32 {
    (3.0 * f64::from(count).sqrt()).clamp(3.0, 16.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_that_fall_together_are_one_larger_spot() {
        assert_eq!([1, 4, 16, 1_000].map(radius), [3, 6, 12, 16]);
    }
}
