//! Amounts side by side: groups of bars, in each group one for each model.

use plotters::element::Rectangle;
use plotters::style::Color as _;

use super::canvas::{Area, Axes, Canvas, PlotError, Stop, short, ticks};
use super::ink;
use crate::report::fit::shortened;

const SIZE: (u32, u32) = (440, 270);
const MARGINS: (u32, u32) = (52, 52);
/// The share of a group's room that its bars fill.
const FILLED: f64 = 0.8;
/// What is left for the names below the bars, and what a letter of them needs.
const ROOM: usize = 370;
const LETTER: usize = 10;

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
            told: self.told(),
            size: SIZE,
        };
        canvas.draw(|area| self.paint(area))
    }

    fn told(&self) -> String {
        let groups = self.groups.iter().map(|group| {
            let values = group.values.iter().map(|value| match value {
                Some(value) => format!("{}{}", short(*value), self.unit),
                None => "none".to_owned(),
            });
            let values: Vec<String> = values.collect();
            format!("{}: {}", group.name, values.join(", "))
        });
        groups.collect::<Vec<_>>().join("; ")
    }

    /// What stands below a group: numbers are left out where not all of them have room, so that
    /// 0 or the first stays; words are shortened.
    fn name(&self, index: usize) -> String {
        let Some(group) = self.groups.get(index) else {
            return String::new();
        };
        let room = ROOM / self.groups.len() / LETTER;
        if !self.groups.iter().all(Group::is_number) {
            return shortened(&group.name, room.max(1));
        }
        let lengths = self.groups.iter().map(|group| group.name.chars().count());
        let needed = lengths.max().unwrap_or(0) + 1;
        let stride = (needed * LETTER * self.groups.len()).div_ceil(ROOM).max(1);
        let nothing = self.groups.iter().position(|group| group.name == "0");
        if index.abs_diff(nothing.unwrap_or(0)).is_multiple_of(stride) {
            return group.name.clone();
        }
        String::new()
    }

    fn paint(&self, area: &Area<'_>) -> Result<(), Stop> {
        let right = place(self.groups.len()) - 0.5;
        let axes = Axes::new(area, MARGINS, (-0.5, right.max(0.5)), (0.0, self.high))?;
        for value in ticks(0.0, self.high) {
            axes.level(value, &format!("{}{}", short(value), self.unit))?;
        }
        for (index, group) in self.groups.iter().enumerate() {
            axes.mark(place(index), &self.name(index))?;
            group.paint(area, &axes, place(index))?;
        }
        axes.caption(self.groups_are)
    }
}

impl Group {
    fn is_number(&self) -> bool {
        self.name.replace('−', "-").parse::<f64>().is_ok()
    }

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
    fn names_that_have_no_room_are_left_out_or_shortened_and_0_keeps_its_own() {
        let group = |name: String| Group {
            name,
            values: vec![Some(1.0), None],
        };
        let named = |names: Vec<String>| -> Vec<String> {
            let bars = Bars {
                label: "shifts",
                groups_are: "points",
                unit: "",
                high: 1.0,
                groups: names.into_iter().map(group).collect(),
            };
            let all = (0..bars.groups.len()).map(|index| bars.name(index));
            all.filter(|name| !name.is_empty()).collect()
        };
        let signed = |at: i32| match at {
            0 => "0".to_owned(),
            at if at < 0 => format!("−{}", -at),
            at => format!("+{at}"),
        };
        assert_eq!(
            named((-9..=9).map(signed).collect()),
            ["−8", "−6", "−4", "−2", "0", "+2", "+4", "+6", "+8"]
        );
        assert_eq!(named((-3..=3).map(signed).collect()).len(), 7);
        let words = vec!["the clarity of the argument".to_owned(); 5];
        assert_eq!(named(words)[0], "the…ent");
    }

    #[test]
    fn what_is_drawn_is_told() {
        let svg = bars(vec![Some(40.0), None]);
        assert!(svg.contains("<desc>form: 40%, none</desc>"), "{svg}");
    }

    #[test]
    fn none_is_no_bar_and_nothing_is_a_thin_one() {
        assert_eq!(bars(vec![Some(40.0), None]).matches("<rect").count(), 1);
        let nothing = bars(vec![Some(0.0)]);
        assert!(nothing.contains("height=\"1\""), "{nothing}");
    }
}
