//! Plots as inline SVG. They are drawn without a font and without a colour of their own: text
//! takes the page's font, and the page's style gives each of the [`ink`] colours one that can be
//! seen on light and on dark.

mod bars;
mod canvas;
mod forest;
mod heat;
mod ink;
mod lines;
mod moves;
mod rows;
mod scatter;
mod slope;

pub(super) use bars::{Bars, Group};
pub use canvas::PlotError;
pub(super) use forest::{Forest, Row};
pub(super) use heat::Heat;
pub(super) use lines::{Course, Lines};
pub(super) use moves::{Move, Moves};
pub(super) use scatter::{Scatter, Spot};
pub(super) use slope::{Slope, Slopes};
