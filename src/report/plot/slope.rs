//! What becomes of each model: its value before, its value after, a line between them.

use plotters::element::{Circle, PathElement};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Canvas, PlotError, Stop, word};
use super::ink;

const SIZE: (u32, u32) = (440, 270);
const COLUMNS: (i32, i32) = (165, 275);
const TOP: i32 = 40;
const BOTTOM: i32 = 240;
/// Where the last words may stand.
const LAST: i32 = 262;
/// Letters need as much room as this.
const ROW: i32 = 18;

/// A model's two values.
#[derive(Debug, Clone, PartialEq)]
pub struct Slope {
    pub name: String,
    pub before: f64,
    pub after: f64,
}

/// One line for each model.
#[derive(Debug, Clone, PartialEq)]
pub struct Slopes<'a> {
    pub label: &'a str,
    pub heads: (&'a str, &'a str),
    pub lines: Vec<Slope>,
}

impl Slopes<'_> {
    /// The plot as an SVG element.
    pub fn svg(&self) -> Result<String, PlotError> {
        let canvas = Canvas {
            label: self.label,
            told: self.told(),
            size: SIZE,
        };
        canvas.draw(|area| self.paint(area))
    }

    fn told(&self) -> String {
        let lines = self.lines.iter();
        let lines = lines.map(|own| format!("{}: {:.2} → {:.2}", own.name, own.before, own.after));
        lines.collect::<Vec<_>>().join("; ")
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let above = (HPos::Center, VPos::Top);
        word(area, self.heads.0, (COLUMNS.0, 8), above)?;
        word(area, self.heads.1, (COLUMNS.1, 8), above)?;
        let before: Vec<f64> = self.lines.iter().map(|slope| slope.before).collect();
        let after: Vec<f64> = self.lines.iter().map(|slope| slope.after).collect();
        let scale = Scale::of(before.iter().chain(&after).copied());
        let (left, right) = (scale.rows(&before), scale.rows(&after));
        for (index, slope) in self.lines.iter().enumerate() {
            // The first two are the judges' where a page shows both.
            let colour = ink::series(index + 2);
            let ends = [
                (COLUMNS.0, scale.height(slope.before)),
                (COLUMNS.1, scale.height(slope.after)),
            ];
            area.draw(&PathElement::new(ends, colour.stroke_width(2)))?;
            for end in ends {
                area.draw(&Circle::new(end, 5, colour.filled()))?;
            }
            let name = format!("{} {:.2}", slope.name, slope.before);
            let row = left.get(index).copied().unwrap_or(TOP);
            word(
                area,
                &name,
                (COLUMNS.0 - 12, row),
                (HPos::Right, VPos::Center),
            )?;
            let name = format!("{:.2} {}", slope.after, slope.name);
            let row = right.get(index).copied().unwrap_or(TOP);
            word(
                area,
                &name,
                (COLUMNS.1 + 12, row),
                (HPos::Left, VPos::Center),
            )?;
        }
        Ok(())
    }
}

/// Where values stand, from the highest to the lowest.
struct Scale {
    low: f64,
    span: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        Self {
            low,
            span: (high - low).max(0.5),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "within the plot's height")]
    fn height(&self, value: f64) -> i32 {
        let share = (value - self.low) / self.span;
        BOTTOM - (share * f64::from(BOTTOM - TOP)) as i32
    }

    /// Where each value's words stand: at its height, moved down where they would cover others.
    fn rows(&self, values: &[f64]) -> Vec<i32> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        let height = |index: &usize| values.get(*index).map_or(TOP, |value| self.height(*value));
        order.sort_by_key(height);
        let mut rows = vec![TOP; values.len()];
        let mut free = TOP - ROW;
        for index in order {
            free = height(&index).max(free + ROW);
            if let Some(row) = rows.get_mut(index) {
                *row = free;
            }
        }
        // What was pushed past the end moves up with all that then stands in its way.
        let over = (free - LAST).max(0);
        rows.iter().map(|row| row - over).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_equal_values_do_not_cover_each_other() {
        let scale = Scale::of([9.0, 3.0].into_iter());
        let rows = scale.rows(&[3.0, 9.0, 9.0, 8.9]);
        assert_eq!(rows[1], TOP);
        assert_eq!((rows[2], rows[3]), (TOP + ROW, TOP + 2 * ROW));
        assert_eq!(rows[0], BOTTOM);
        let rows = scale.rows(&[3.0, 3.0, 3.0]);
        assert_eq!(rows, [LAST - 2 * ROW, LAST - ROW, LAST]);
    }
}
