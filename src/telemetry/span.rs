//! A call as a span with the names of OpenTelemetry's GenAI conventions, and the lines that the
//! benchmark's log has.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::milliseconds::milliseconds;
use super::transmission::{Ended, Made, Transmission};

/// The span of one call, all its transmissions included; `None` of a call that nobody makes. A
/// span that no listener wants is not that: its errors may be wanted.
#[derive(Debug, Clone)]
pub struct CallSpan(Option<Span>);

impl CallSpan {
    /// Begins a call.
    #[must_use]
    pub fn begin(
        model: &str,
        operation: &'static str,
        max_tokens: u64,
        temperature: Option<f32>,
    ) -> Self {
        let span = tracing::info_span!(
            "chat",
            otel.name = format_args!("chat {model}"),
            otel.kind = "client",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "aws.bedrock",
            gen_ai.system = "aws.bedrock",
            gen_ai.request.model = model,
            gen_ai.request.max_tokens = max_tokens,
            gen_ai.request.temperature = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            rpc.method = operation,
            cloud.region = Empty,
            error.r#type = Empty,
            otel.status_code = Empty,
            bedrock_replay.replayed = Empty,
            bedrock_replay.recorded_at = Empty,
            bedrock_replay.recorded_duration_ms = Empty,
        );
        if let Some(temperature) = temperature {
            // By its shortest text: 0.7, not 0.699999988079071.
            let exact = temperature.to_string().parse::<f64>();
            span.record("gen_ai.request.temperature", exact.unwrap_or_default());
        }
        Self(Some(span))
    }

    /// A call that nobody makes: of a look at what is recorded nothing is logged.
    #[must_use]
    pub fn silent() -> Self {
        Self(None)
    }

    /// The span itself, for what happens inside the call.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.clone().unwrap_or_else(Span::none)
    }

    /// Says that a transmission begins.
    pub fn invoking(&self, model: &str) {
        let Some(span) = &self.0 else { return };
        let _entered = span.enter();
        tracing::info!("Invoking Bedrock: model={model}");
    }

    /// Says what a transmission came to. An answer is the end of its call.
    pub fn ended(&self, transmission: &Transmission<'_>, finish_reason: Option<&str>) {
        let Some(span) = &self.0 else { return };
        let _entered = span.enter();
        let latency = transmission.latency.as_millis();
        match transmission.ended {
            Ended::Answered { input, output } => {
                record_end(span, transmission);
                record_answer(span, input, output, finish_reason);
                let (input, output) = (told(input), told(output));
                tracing::info!("Bedrock response: latency={latency}ms, tokens={input}/{output}");
            }
            Ended::Failed { error, .. } => {
                tracing::debug!("Bedrock error: latency={latency}ms, type={error}");
            }
        }
    }

    /// Says that the call has failed after so many tries, as a transmission of it did.
    pub fn failed(&self, transmission: &Transmission<'_>, tries: u32) {
        let Ended::Failed { error, .. } = transmission.ended else {
            return;
        };
        let Some(span) = &self.0 else { return };
        let _entered = span.enter();
        record_end(span, transmission);
        record_failure(span, error);
        let Transmission { model, latency, .. } = transmission;
        let (region, latency) = (transmission.region.unwrap_or("?"), latency.as_millis());
        tracing::error!(
            "Bedrock failed: model={model}, region={region}, type={error}, latency={latency}ms, tries={tries}"
        );
    }

    /// The call has failed before it was made: whoever asked is told of it, and nobody else.
    pub fn unmade(&self, error: &str) {
        let Some(span) = &self.0 else { return };
        record_failure(span, error);
    }

    /// An answer came after all: the errors on the way to it are not how the call ended.
    pub fn recovered(&self) {
        let Some(span) = &self.0 else { return };
        span.record("otel.status_code", "OK");
    }

    /// Says that the call waits before it is tried again.
    pub fn retrying(&self, error: &str, is_throttled: bool, wait: Duration) {
        let Some(span) = &self.0 else { return };
        let _entered = span.enter();
        let wait = rounded(wait);
        if is_throttled {
            tracing::error!("Bedrock throttled: retrying in {wait}");
        } else {
            tracing::warn!("Bedrock failed ({error}): retrying in {wait}");
        }
    }

    /// Says that the call goes on in another region.
    pub fn going_on(&self, error: &str, here: &str, next: &str) {
        let Some(span) = &self.0 else { return };
        let _entered = span.enter();
        tracing::warn!("Bedrock failed in {here} ({error}): asking {next}");
    }
}

fn record_end(span: &Span, transmission: &Transmission<'_>) {
    if let Some(region) = transmission.region {
        span.record("cloud.region", region);
    }
    let Made::Recorded(at) = transmission.made else {
        span.record("bedrock_replay.replayed", false);
        return;
    };
    span.record("bedrock_replay.replayed", true);
    let duration = milliseconds(transmission.latency);
    span.record("bedrock_replay.recorded_duration_ms", duration);
    if let Some(at) = at {
        span.record("bedrock_replay.recorded_at", at.to_string());
    }
}

fn record_answer(
    span: &Span,
    input: Option<u64>,
    output: Option<u64>,
    finish_reason: Option<&str>,
) {
    if let Some(input) = input {
        span.record("gen_ai.usage.input_tokens", input);
    }
    if let Some(output) = output {
        span.record("gen_ai.usage.output_tokens", output);
    }
    if let Some(reason) = finish_reason {
        let reasons = format_args!("[\"{reason}\"]").to_string();
        span.record("gen_ai.response.finish_reasons", reasons);
    }
}

fn record_failure(span: &Span, error: &str) {
    span.record("error.type", error);
    span.record("otel.status_code", "ERROR");
}

/// Tenths of a second; what is less in milliseconds.
fn rounded(wait: Duration) -> String {
    if !wait.is_zero() && wait < Duration::from_millis(100) {
        return format!("{}ms", wait.as_millis().max(1));
    }
    let seconds = (wait.as_secs_f64() * 10.0).round() / 10.0;
    format!("{seconds}s")
}

fn told(tokens: Option<u64>) -> String {
    tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_wait_is_not_told_as_none() {
        for (wait, expected) in [
            (Duration::ZERO, "0s"),
            (Duration::from_micros(40), "1ms"),
            (Duration::from_millis(40), "40ms"),
            (Duration::from_millis(460), "0.5s"),
            (Duration::from_secs(2), "2s"),
        ] {
            assert_eq!(rounded(wait), expected);
        }
    }
}
