//! What plots with a row for each part of a whole share: their size, and the names beside the rows.

use plotters::element::PathElement;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Axes, Stop, word};

const WIDTH: u32 = 900;
const ROW: u32 = 22;
/// To the left, for the names, and below, for the scale.
const MARGINS: (u32, u32) = (400, 52);
/// Margins of the surface, above and below the rows.
const EDGES: u32 = 16;

/// The size of a plot with so many rows.
pub(super) fn size(rows: usize) -> (u32, u32) {
    let rows = u32::try_from(rows).unwrap_or(u32::MAX / ROW / 2);
    (WIDTH, rows * ROW + MARGINS.1 + EDGES)
}

/// Axes for so many rows, from the left to the right end of a scale.
pub(super) fn axes<'a, 'b>(
    area: &'a Area<'b>,
    scale: (f64, f64),
    rows: usize,
) -> Result<Axes<'a, 'b>, Stop> {
    let [top, bottom] = ends(rows);
    Axes::new(area, MARGINS, scale, (bottom, top))
}

/// Where the first row begins and the last one ends.
pub(super) fn ends(rows: usize) -> [f64; 2] {
    [-0.5, place(rows) - 0.5]
}

/// A line from the top to the bottom of all rows.
pub(super) fn upright(
    axes: &Axes<'_, '_>,
    value: f64,
    rows: usize,
    colour: RGBColor,
) -> PathElement<(i32, i32)> {
    PathElement::new(ends(rows).map(|y| axes.at(value, y)), colour)
}

/// Writes a row's name beside it.
pub(super) fn name(area: &Area<'_>, name: &str, height: i32) -> Result<(), Stop> {
    let right = i32::try_from(MARGINS.0).unwrap_or(0);
    word(area, name, (right, height), (HPos::Right, VPos::Center))
}

/// Where a row stands.
#[expect(clippy::cast_precision_loss, reason = "rows are few")]
pub(super) fn place(index: usize) -> f64 {
    index as f64
}
