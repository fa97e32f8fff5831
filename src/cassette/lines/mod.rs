//! A cassette as text: one JSON object a line. [`line`] holds the objects, [`body`] the forms
//! of a body, [`events`] those of an event stream. Each form gives the same bytes back.

mod body;
mod events;
mod line;
mod verbatim;

pub use line::{ExchangeLine, HeaderLine, Line, LineProblem, RecordingLine};
