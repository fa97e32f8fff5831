//! CloudWatch's Embedded Metric Format: a JSON line that any log can carry, and that CloudWatch
//! reads metrics from.

use jiff::Timestamp;
use serde::Serialize;

use super::transmission::{Ended, Transmission};

const NAMESPACE: &str = "SocraticBench";
const MODEL_ID: &str = "ModelId";
const OPERATION: &str = "Operation";
const ERROR_TYPE: &str = "ErrorType";

const LATENCY: Metric = Metric {
    name: "BedrockLatency",
    unit: "Milliseconds",
};
const TOKENS: Metric = Metric::count("BedrockTokens");
const ERRORS: Metric = Metric::count("BedrockErrors");
const THROTTLES: Metric = Metric::count("BedrockThrottles");

/// One transmission as a line.
#[derive(Debug, Clone, Serialize)]
pub struct EmbeddedMetrics<'a> {
    #[serde(rename = "_aws")]
    aws: Metadata,
    #[serde(rename = "ModelId")]
    model: &'a str,
    #[serde(rename = "Operation")]
    operation: &'a str,
    #[serde(rename = "ErrorType", skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(rename = "BedrockLatency")]
    latency: f64,
    #[serde(rename = "BedrockTokens", skip_serializing_if = "Option::is_none")]
    tokens: Option<u64>,
    #[serde(rename = "BedrockErrors")]
    errors: u32,
    #[serde(rename = "BedrockThrottles")]
    throttles: u32,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: Vec<Directive>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: Vec<Vec<&'static str>>,
    metrics: Vec<Metric>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl Metric {
    const fn count(name: &'static str) -> Self {
        Self {
            name,
            unit: "Count",
        }
    }
}

impl<'a> EmbeddedMetrics<'a> {
    /// The metrics of a transmission that ended at a time.
    #[must_use]
    pub fn of(transmission: &Transmission<'a>, at: Timestamp) -> Self {
        let (error, tokens, is_throttled) = match transmission.ended {
            Ended::Answered { input, output } => {
                let told = input.is_some() || output.is_some();
                let sum = input.unwrap_or_default() + output.unwrap_or_default();
                (None, told.then_some(sum), false)
            }
            Ended::Failed {
                error,
                is_throttled,
            } => (Some(error), None, is_throttled),
        };
        Self {
            aws: Metadata {
                timestamp: at.as_millisecond(),
                cloud_watch_metrics: directives(error.is_some(), tokens.is_some()),
            },
            model: transmission.model,
            operation: transmission.operation,
            error,
            latency: milliseconds(transmission),
            tokens,
            errors: u32::from(error.is_some()),
            throttles: u32::from(is_throttled),
        }
    }

    /// The line, without a line break.
    ///
    /// # Errors
    /// Never in practice: every value has a JSON form.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// Whole milliseconds where there are many; what a replay's recording took may be less than
/// one.
fn milliseconds(transmission: &Transmission<'_>) -> f64 {
    (transmission.latency.as_secs_f64() * 1e6).round() / 1e3
}

/// Errors are counted twice: all of a model, and by their type.
fn directives(is_error: bool, has_tokens: bool) -> Vec<Directive> {
    let by_call = vec![MODEL_ID, OPERATION];
    let mut metrics = vec![LATENCY];
    metrics.extend(has_tokens.then_some(TOKENS));
    metrics.extend([ERRORS, THROTTLES]);
    let mut directives = vec![Directive {
        namespace: NAMESPACE,
        dimensions: vec![by_call],
        metrics,
    }];
    if is_error {
        directives.push(Directive {
            namespace: NAMESPACE,
            dimensions: vec![vec![MODEL_ID, OPERATION, ERROR_TYPE]],
            metrics: vec![ERRORS],
        });
    }
    directives
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn line(ended: Ended<'_>) -> String {
        let transmission = Transmission {
            model: "meta.llama3-1-70b-instruct-v1:0",
            operation: "Converse",
            latency: Duration::from_micros(1_250_400),
            ended,
        };
        let at = Timestamp::from_millisecond(1_795_000_000_123).unwrap();
        EmbeddedMetrics::of(&transmission, at).line().unwrap()
    }

    #[test]
    fn an_answer_has_a_latency_and_its_tokens() {
        let answered = Ended::Answered {
            input: Some(120),
            output: Some(18),
        };
        insta::assert_snapshot!(line(answered), @r#"{"_aws":{"Timestamp":1795000000123,"CloudWatchMetrics":[{"Namespace":"SocraticBench","Dimensions":[["ModelId","Operation"]],"Metrics":[{"Name":"BedrockLatency","Unit":"Milliseconds"},{"Name":"BedrockTokens","Unit":"Count"},{"Name":"BedrockErrors","Unit":"Count"},{"Name":"BedrockThrottles","Unit":"Count"}]}]},"ModelId":"meta.llama3-1-70b-instruct-v1:0","Operation":"Converse","BedrockLatency":1250.4,"BedrockTokens":138,"BedrockErrors":0,"BedrockThrottles":0}"#);
    }

    #[test]
    fn an_error_is_counted_by_its_type_as_well() {
        let failed = Ended::Failed {
            error: "ThrottlingException",
            is_throttled: true,
        };
        insta::assert_snapshot!(line(failed), @r#"{"_aws":{"Timestamp":1795000000123,"CloudWatchMetrics":[{"Namespace":"SocraticBench","Dimensions":[["ModelId","Operation"]],"Metrics":[{"Name":"BedrockLatency","Unit":"Milliseconds"},{"Name":"BedrockErrors","Unit":"Count"},{"Name":"BedrockThrottles","Unit":"Count"}]},{"Namespace":"SocraticBench","Dimensions":[["ModelId","Operation","ErrorType"]],"Metrics":[{"Name":"BedrockErrors","Unit":"Count"}]}]},"ModelId":"meta.llama3-1-70b-instruct-v1:0","Operation":"Converse","ErrorType":"ThrottlingException","BedrockLatency":1250.4,"BedrockErrors":1,"BedrockThrottles":1}"#);
    }
}
