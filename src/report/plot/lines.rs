//! How something goes on from one step to the next, a line for each model.

use plotters::element::{Circle, Cross, PathElement, TriangleMarker};
use plotters::style::Color as _;

use super::canvas::{Area, Axes, Canvas, PlotError, Stop, short, ticks};
use super::ink;

const SIZE: (u32, u32) = (440, 270);
const MARGINS: (u32, u32) = (44, 52);
/// More steps than this are not all numbered.
const NUMBERED: usize = 20;

/// One line; a step without a value breaks it.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    pub values: Vec<Option<f64>>,
}

/// Lines over the same steps, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines<'a> {
    pub label: &'a str,
    pub steps: &'a str,
    pub scale: (f64, f64),
    pub courses: Vec<Course>,
}

impl Lines<'_> {
    /// The plot as an SVG element.
    pub fn svg(&self) -> Result<String, PlotError> {
        let canvas = Canvas {
            label: self.label,
            told: self.told(),
            size: SIZE,
        };
        canvas.draw(|area| self.paint(area))
    }

    /// Each line's values, step after step.
    fn told(&self) -> String {
        let lines = self.courses.iter().map(|course| {
            let values = course.values.iter().map(|value| match value {
                Some(value) => short(*value),
                None => "none".to_owned(),
            });
            values.collect::<Vec<_>>().join(", ")
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let lengths = self.courses.iter().map(|course| course.values.len());
        let steps = lengths.max().unwrap_or(0);
        let axes = Axes::new(area, MARGINS, (0.5, place(steps) - 0.5), self.scale)?;
        for value in ticks(self.scale.0, self.scale.1) {
            axes.level(value, &short(value))?;
        }
        let stride = steps.div_ceil(NUMBERED).max(1);
        for step in (0..steps).step_by(stride) {
            axes.mark(place(step), &(step + 1).to_string())?;
        }
        axes.caption(self.steps)?;
        for (index, course) in self.courses.iter().enumerate() {
            course.paint(area, &axes, index)?;
        }
        Ok(())
    }
}

impl Course {
    fn paint(&self, area: &Area<'_>, axes: &Axes<'_, '_>, index: usize) -> Result<(), Stop> {
        let colour = ink::series(index);
        let at = |step: usize, value: &Option<f64>| value.map(|value| axes.at(place(step), value));
        let values = self.values.iter().enumerate();
        let points: Vec<Option<(i32, i32)>> = values.map(|(step, value)| at(step, value)).collect();
        for stretch in points.split(Option::is_none) {
            let stretch: Vec<(i32, i32)> = stretch.iter().copied().flatten().collect();
            area.draw(&PathElement::new(stretch, colour.stroke_width(2)))?;
        }
        for point in points.into_iter().flatten() {
            // The page's legend has the same three shapes in the same order.
            match index % 3 {
                0 => area.draw(&Circle::new(point, 5, colour.filled()))?,
                1 => area.draw(&TriangleMarker::new(point, 6, colour.filled()))?,
                _ => area.draw(&Cross::new(point, 5, colour.stroke_width(2)))?,
            }
        }
        Ok(())
    }
}

/// Where a step stands, counted from 0, on an axis that counts from 1.
#[expect(clippy::cast_precision_loss, reason = "steps are few")]
fn place(step: usize) -> f64 {
    (step + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(values: Vec<Option<f64>>) -> String {
        let lines = Lines {
            label: "mean score by turn",
            steps: "turn",
            scale: (0.0, 10.0),
            courses: vec![Course { values }],
        };
        lines.svg().unwrap()
    }

    #[test]
    fn a_step_without_a_value_breaks_the_line() {
        let whole = svg(vec![Some(9.0), Some(8.0), Some(7.0), Some(6.0)]);
        let broken = svg(vec![Some(9.0), Some(8.0), None, Some(6.0)]);
        let strokes = |svg: &str| svg.matches("stroke-width=\"2\"").count();
        let points = |svg: &str| svg.matches("<circle").count();
        assert_eq!((strokes(&whole), points(&whole)), (1, 4));
        assert_eq!((strokes(&broken), points(&broken)), (2, 3));
    }

    #[test]
    fn nothing_to_draw_is_a_plot_without_a_line() {
        assert!(!svg(Vec::new()).contains("<circle"));
        assert!(!svg(vec![None, None]).contains("<circle"));
    }

    #[test]
    fn equal_values_draw_equal_bytes() {
        let values = || vec![Some(3.3), None, Some(1.0)];
        assert_eq!(svg(values()), svg(values()));
    }
}
