//! The colours of plots, by which the page's style finds what to colour.

use plotters::style::RGBColor;

/// Axes and words.
pub(super) const TEXT: RGBColor = RGBColor(0x1F, 0x23, 0x28);
/// Lines that are there to be read against.
pub(super) const GRID: RGBColor = RGBColor(0xD5, 0xDA, 0xE0);

/// One for each model; more models than colours begin again.
const SERIES: [RGBColor; 8] = [
    RGBColor(0x00, 0x5E, 0xA8),
    RGBColor(0xB4, 0x4B, 0x00),
    RGBColor(0x00, 0x7A, 0x5A),
    RGBColor(0x9C, 0x2F, 0x7F),
    RGBColor(0x7A, 0x62, 0x00),
    RGBColor(0x3D, 0x7E, 0xA6),
    RGBColor(0x6B, 0x4B, 0xC4),
    RGBColor(0xB0, 0x1E, 0x3A),
];

/// The colour of a model, by its place.
pub(super) fn series(index: usize) -> RGBColor {
    SERIES.get(index % SERIES.len()).copied().unwrap_or(TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_style_for_every_colour() {
        let style = include_str!("../html/templates/page.css");
        let inks = SERIES.into_iter().chain([TEXT, GRID]);
        for RGBColor(red, green, blue) in inks {
            let name = format!("#{red:02X}{green:02X}{blue:02X}");
            for attribute in ["fill", "stroke"] {
                let selector = format!("[{attribute}=\"{name}\"]");
                assert!(style.contains(&selector), "{selector}");
            }
        }
    }
}
