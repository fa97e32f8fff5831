//! Amounts side by side: groups of bars, in each group one for each model.

use plotters::element::Rectangle;
use plotters::style::Color as _;

use super::canvas::{Area, Axes, Canvas, PlotError, Stop, short, ticks};
use super::ink;

const SIZE: (u32, u32) = (440, 270);
const MARGINS: (u32, u32) = (52, 52);
/// The share of a group's room that its bars fill.
const FILLED: f64 = 0.8;

/// The bars of one group; a model without a value has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub name: String,
    pub values: Vec<Option<f64>>,
}

/// Groups of bars on a scale from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars<'a> {
    pub label: &'a str,
    pub groups_are: &'a str,
    pub unit: &'a str,
    pub high: f64,
    pub groups: Vec<Group>,
}

impl Bars<'_> {
    /// The plot as an SVG element.
    pub fn svg(&self) -> Result<String, PlotError> {
        let canvas = Canvas {
            label: self.label,
            size: SIZE,
        };
        canvas.draw(|area| self.paint(area))
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let right = place(self.groups.len()) - 0.5;
        let axes = Axes::new(area, MARGINS, (-0.5, right.max(0.5)), (0.0, self.high))?;
        for value in ticks(0.0, self.high) {
            axes.level(value, &format!("{}{}", short(value), self.unit))?;
        }
        for (index, group) in self.groups.iter().enumerate() {
            axes.mark(place(index), &group.name)?;
            group.paint(area, &axes, place(index))?;
        }
        axes.caption(self.groups_are)
    }
}

impl Group {
    fn paint(&self, area: &Area<'_>, axes: &Axes<'_, '_>, middle: f64) -> Result<(), Stop> {
        let width = FILLED / place(self.values.len());
        for (index, value) in self.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let left = middle - FILLED / 2.0 + width * place(index);
            let (left, top) = axes.at(left, *value);
            let (right, bottom) = axes.at(middle - FILLED / 2.0 + width * place(index + 1), 0.0);
            // An amount of nothing is still seen to have been counted.
            let corners = [(left, top.min(bottom - 1)), (right - 1, bottom)];
            area.draw(&Rectangle::new(corners, ink::series(index).filled()))?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "groups and models are few")]
fn place(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: Vec<Option<f64>>) -> String {
        let bars = Bars {
            label: "mean by dimension",
            groups_are: "dimension",
            unit: "%",
            high: 100.0,
            groups: vec![Group {
                name: "form".into(),
                values,
            }],
        };
        bars.svg().unwrap()
    }

    #[test]
    fn none_is_no_bar_and_nothing_is_a_thin_one() {
        assert_eq!(bars(vec![Some(40.0), None]).matches("<rect").count(), 1);
        let nothing = bars(vec![Some(0.0)]);
        assert!(nothing.contains("height=\"1\""), "{nothing}");
    }
}
