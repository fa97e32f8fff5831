//! Plots as inline SVG. They are drawn without a font and without a colour of their own: text
//! takes the page's font, and the page's style gives each of the [`ink`] colours one that can be
//! seen on light and on dark.

mod bars;
mod canvas;
mod ink;
mod lines;

pub(super) use bars::{Bars, Group};
pub use canvas::PlotError;
pub(super) use lines::{Course, Lines};
