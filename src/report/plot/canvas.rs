//! A surface to draw on that becomes an SVG element.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{PathElement, Text};
use plotters::prelude::{
    Cartesian2d, ChartBuilder, ChartContext, DrawingArea, IntoDrawingArea, SVGBackend,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, IntoFont as _};

use super::ink;

/// The size of letters, in the plot's own units.
const LETTERS: u32 = 16;

/// A plot that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw the plot `{plot}`: {problem}")]
pub struct PlotError {
    plot: String,
    problem: String,
}

/// Why drawing stops.
pub(super) type Stop = DrawingAreaErrorKind<std::io::Error>;
/// A surface.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What a plot is called and what it tells someone who does not see it, and its size.
#[derive(Debug, Clone)]
pub(super) struct Canvas<'a> {
    pub(super) label: &'a str,
    /// The values that are drawn, in words.
    pub(super) told: String,
    pub(super) size: (u32, u32),
}

impl Canvas<'_> {
    /// Draws, and gives the element.
    pub(super) fn draw(
        self,
        paint: impl FnOnce(&Area<'_>) -> Result<(), Stop>,
    ) -> Result<String, PlotError> {
        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, self.size).into_drawing_area();
        let painted = paint(&area).and_then(|()| area.present());
        drop(area);
        painted.map_err(|stop| PlotError {
            plot: self.label.to_owned(),
            problem: stop.to_string(),
        })?;
        let svg = svg.replacen("<svg ", "<svg class=\"plot\" role=\"img\" ", 1);
        let told = match self.told.as_str() {
            "" => "nothing to draw",
            told => told,
        };
        let words = format!(
            "><title>{}</title><desc>{}</desc>",
            escaped(self.label),
            escaped(told)
        );
        Ok(svg.replacen('>', &words, 1))
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}

/// What a plot is read against, and the words at its edges.
pub(super) struct Axes<'a, 'b> {
    area: &'a Area<'b>,
    chart: Chart<'a, 'b>,
}

impl<'a, 'b> Axes<'a, 'b> {
    /// Axes that leave `left` units for words beside them and `bottom` units for words below.
    pub(super) fn new(
        area: &'a Area<'b>,
        (left, bottom): (u32, u32),
        x: (f64, f64),
        y: (f64, f64),
    ) -> Result<Self, Stop> {
        let chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(16)
            .x_label_area_size(bottom)
            .y_label_area_size(left)
            .build_cartesian_2d(x.0..x.1, y.0..y.1)?;
        Ok(Self { area, chart })
    }

    /// Where a point lies on the surface.
    pub(super) fn at(&self, x: f64, y: f64) -> (i32, i32) {
        self.chart.plotting_area().map_coordinate(&(x, y))
    }

    /// A line across at a value, with the value beside it.
    pub(super) fn level(&self, y: f64, text: &str) -> Result<(), Stop> {
        let (across, _) = self.chart.plotting_area().get_pixel_range();
        let (_, y) = self.at(0.0, y);
        let line = [(across.start, y), (across.end, y)];
        self.area.draw(&PathElement::new(line, ink::GRID))?;
        word(
            self.area,
            text,
            (across.start - 6, y),
            (HPos::Right, VPos::Center),
        )
    }

    /// A word under a place on the lower axis.
    pub(super) fn mark(&self, x: f64, text: &str) -> Result<(), Stop> {
        let (_, down) = self.chart.plotting_area().get_pixel_range();
        let (x, _) = self.at(x, 0.0);
        word(
            self.area,
            text,
            (x, down.end + 8),
            (HPos::Center, VPos::Top),
        )
    }

    /// What the lower axis means.
    pub(super) fn caption(&self, text: &str) -> Result<(), Stop> {
        let (across, down) = self.chart.plotting_area().get_pixel_range();
        let middle = i32::midpoint(across.start, across.end);
        word(
            self.area,
            text,
            (middle, down.end + 28),
            (HPos::Center, VPos::Top),
        )
    }
}

/// A word at a place.
pub(super) fn word(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    (across, down): (HPos, VPos),
) -> Result<(), Stop> {
    let font = ("sans-serif", LETTERS).into_font();
    let style = font.color(&ink::TEXT.to_rgba()).pos(Pos::new(across, down));
    area.draw(&Text::new(text.to_owned(), at, style))
}

/// A value without the digits that adding up steps leaves behind, and with a real minus.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        return "0".to_owned();
    }
    text.replace('-', "−")
}

/// Round values that divide a scale into a handful of parts.
pub(super) fn ticks(low: f64, high: f64) -> Vec<f64> {
    const STEPS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0];
    let span = high - low;
    let fits = |step: &f64| span / step <= 6.0;
    let step = STEPS.into_iter().find(fits).unwrap_or(span / 5.0);
    let mut ticks = vec![(low / step).ceil() * step];
    while let Some(next) = ticks.last().map(|last| last + step)
        && next <= high + step / 1e6
    {
        ticks.push(next);
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(0.0, 100.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(-1.5, 0.5), [-1.5, -1.0, -0.5, 0.0, 0.5]);
        assert_eq!(ticks(0.0, 600.0).len(), 6);
    }

    #[test]
    fn ticks_have_no_digits_too_many() {
        let written = [0.1 + 0.2, -0.0, -1.0, 0.25, 10.0].map(short);
        assert_eq!(written, ["0.3", "0", "−1", "0.25", "10"]);
    }

    #[test]
    fn words_stay_within_their_elements() {
        let canvas = Canvas {
            label: "a </title> & b",
            told: "</desc><script>".into(),
            size: (10, 10),
        };
        let svg = canvas.draw(|_| Ok(())).unwrap();
        let words =
            "><title>a &lt;/title&gt; &amp; b</title><desc>&lt;/desc&gt;&lt;script&gt;</desc>";
        assert!(svg.contains(words), "{svg}");
    }
}
