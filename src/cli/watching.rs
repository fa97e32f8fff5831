//! What a run tells whoever watches: metrics and a log.

use std::fmt;
use std::path::PathBuf;

use bedrock_replay::words::quoted;
use clap::Args;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::failure::Failure;
use super::metrics_file::{MetricsFile, is_standard_output};
use super::stage::OwnLines;

const OWN_TARGET: &str = "bedrock_replay";

/// Flags for whoever watches.
#[derive(Debug, Args)]
#[command(next_help_heading = "Watching")]
pub struct Watching {
    /// Append a line of CloudWatch metrics (Embedded Metric Format) for each try of a call to this file, replayed ones marked `"Replayed":true`; `-` is standard output, and the report then goes to standard error
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,

    /// Write the log to standard error: error, warn, info, debug, trace, or `target=level,…` for others' words than this program's
    #[arg(long, value_name = "FILTER", num_args = 0..=1, default_missing_value = "info", value_parser = filter)]
    log: Option<Targets>,
}

impl Watching {
    /// Begins to write the log, where one is asked for.
    pub fn start_log(&self) {
        let Some(filter) = &self.log else { return };
        let lines = tracing_subscriber::fmt::layer()
            .event_format(Plain)
            .with_writer(|| OwnLines);
        let log = tracing_subscriber::registry()
            .with(filter.clone())
            .with(lines);
        // One log a process: a second one changes nothing.
        let _ = log.try_init();
    }

    /// Whether standard output is for the metrics: whoever reads their lines reads nothing else.
    pub fn takes_standard_output(&self) -> bool {
        self.metrics.as_deref().is_some_and(is_standard_output)
    }

    /// The same flags for the command that goes on.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let metrics = self.metrics.as_ref().map(|path| {
            let path = path.to_string_lossy();
            format!("--metrics {}", quoted(&path))
        });
        let log = self
            .log
            .as_ref()
            .map(|log| format!("--log {}", quoted(&log.to_string())));
        [metrics, log].into_iter().flatten()
    }

    /// The file for the metrics, where one is asked for.
    pub fn metrics(&self) -> Result<Option<MetricsFile>, Failure> {
        let file = self.metrics.as_deref().map(MetricsFile::open);
        file.transpose()
    }
}

/// A level alone is for this program's own words: an SDK's show whole requests.
pub fn filter(text: &str) -> Result<Targets, String> {
    if let Some(level) = text
        .parse::<LevelFilter>()
        .ok()
        .filter(|_| !text.is_empty())
    {
        return Ok(Targets::new().with_target(OWN_TARGET, level));
    }
    let expected = || {
        format!(
            "expected `error`, `warn`, `info`, `debug`, `trace` or `target=level,…`, found `{text}`"
        )
    };
    // A target without a level would be one that nobody logs under, and a silent log.
    if !text.split(',').all(is_directive) {
        return Err(expected());
    }
    text.parse().map_err(|_| expected())
}

/// `info` or `target=info`
fn is_directive(text: &str) -> bool {
    let (target, level) = text.split_once('=').unwrap_or(("all", text));
    // Without a letter tracing takes it for `error`.
    !target.is_empty() && !level.is_empty() && level.parse::<LevelFilter>().is_ok()
}

/// `[INFO] message`
struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> fmt::Result {
        write!(writer, "[{}] ", event.metadata().level())?;
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_targets_with_levels() {
        for text in [
            "info",
            "TRACE",
            "off",
            "hyper=debug",
            "warn,hyper=debug,aws_smithy=trace",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
        for text in [
            "nonsense",
            "",
            "hyper",
            "info,",
            "hyper=",
            "=info",
            "hyper=loud",
            "info,hyper",
        ] {
            let error = filter(text).unwrap_err();
            assert!(error.ends_with(&format!("found `{text}`")), "{error}");
        }
    }
}
