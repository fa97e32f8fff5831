//! What can be measured and logged of a call, for whoever watches a run: numbers, names and
//! error types, never a word of a prompt or an answer.
//!
//! [`Transmission`] is what one transmission of a call came to. [`EmbeddedMetrics`] writes it as
//! a line in CloudWatch's Embedded Metric Format; [`CallSpan`] is the call as a span with the
//! names of OpenTelemetry's GenAI conventions, and the lines of its log.

mod embedded_metrics;
mod milliseconds;
mod span;
mod transmission;

pub use embedded_metrics::EmbeddedMetrics;
pub use span::CallSpan;
pub use transmission::{Ended, Made, Meter, Transmission};
