//! A call as a span with the names of OpenTelemetry's GenAI conventions, and the lines that the
//! benchmark's log has.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::transmission::{Ended, Transmission};

/// The span of one call, all its transmissions included.
#[derive(Debug, Clone)]
pub struct CallSpan(Span);

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
            error.r#type = Empty,
        );
        if let Some(temperature) = temperature {
            // By its shortest text: 0.7, not 0.699999988079071.
            let exact = temperature.to_string().parse::<f64>();
            span.record("gen_ai.request.temperature", exact.unwrap_or_default());
        }
        Self(span)
    }

    /// A call that nobody makes: of a look at what is recorded nothing is logged.
    #[must_use]
    pub fn silent() -> Self {
        Self(Span::none())
    }

    /// The span itself, for what happens inside the call.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.clone()
    }

    /// Says that a transmission begins.
    pub fn invoking(&self, model: &str) {
        if self.0.is_none() {
            return;
        }
        let _entered = self.0.enter();
        tracing::info!("Invoking Bedrock: model={model}");
    }

    /// Says what a transmission came to.
    pub fn ended(&self, transmission: &Transmission<'_>, finish_reason: Option<&str>) {
        if self.0.is_none() {
            return;
        }
        let _entered = self.0.enter();
        let latency = transmission.latency.as_millis();
        match transmission.ended {
            Ended::Answered { input, output } => {
                self.record_tokens(input, output);
                if let Some(reason) = finish_reason {
                    let reasons = format_args!("[\"{reason}\"]").to_string();
                    self.0.record("gen_ai.response.finish_reasons", reasons);
                }
                let (input, output) = (told(input), told(output));
                tracing::info!("Bedrock response: latency={latency}ms, tokens={input}/{output}");
            }
            Ended::Failed { error, .. } => {
                self.0.record("error.type", error);
                tracing::debug!("Bedrock error: latency={latency}ms, type={error}");
            }
        }
    }

    /// Says that the call waits before it is tried again.
    pub fn retrying(&self, error: &str, is_throttled: bool, wait: Duration) {
        let _entered = self.0.enter();
        let wait = rounded(wait);
        if is_throttled {
            tracing::error!("Bedrock throttled: retrying in {wait}");
        } else {
            tracing::error!("Bedrock failed ({error}): retrying in {wait}");
        }
    }

    /// Says that the call goes on in another region.
    pub fn going_on(&self, error: &str, here: &str, next: &str) {
        let _entered = self.0.enter();
        tracing::warn!("Bedrock failed in {here} ({error}): asking {next}");
    }

    fn record_tokens(&self, input: Option<u64>, output: Option<u64>) {
        if let Some(input) = input {
            self.0.record("gen_ai.usage.input_tokens", input);
        }
        if let Some(output) = output {
            self.0.record("gen_ai.usage.output_tokens", output);
        }
    }
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
