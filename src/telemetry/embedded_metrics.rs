//! CloudWatch's Embedded Metric Format: a JSON line that any log can carry, and that CloudWatch
//! reads metrics from.

use jiff::Timestamp;
use serde::Serialize;

use super::milliseconds::milliseconds;
use super::transmission::{Ended, Made, Transmission};

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
    #[serde(rename = "Region", skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    /// No dimension: a filter of an agent or of a query tells by it what was counted before.
    #[serde(rename = "Replayed")]
    is_replayed: bool,
    #[serde(rename = "RecordedAt", skip_serializing_if = "Option::is_none")]
    recorded_at: Option<Timestamp>,
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
    /// The metrics of a transmission that ended now. One that was recorded is of the time of its
    /// recording.
    #[must_use]
    pub fn of(transmission: &Transmission<'a>, now: Timestamp) -> Self {
        let (is_replayed, recorded_at) = match transmission.made {
            Made::Now => (false, None),
            Made::Recorded(at) => (true, at),
        };
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
                timestamp: recorded_at.unwrap_or(now).as_millisecond(),
                cloud_watch_metrics: directives(error.is_some(), tokens.is_some()),
            },
            model: transmission.model,
            operation: transmission.operation,
            error,
            region: transmission.region,
            is_replayed,
            recorded_at,
            latency: milliseconds(transmission.latency),
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
        line_of(ended, Made::Now)
    }

    fn line_of(ended: Ended<'_>, made: Made) -> String {
        let transmission = Transmission {
            model: "meta.llama3-1-70b-instruct-v1:0",
            operation: "Converse",
            region: Some("us-west-2"),
            latency: Duration::from_micros(1_250_400),
            made,
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
        insta::assert_snapshot!(line(answered), @r#"{"_aws":{"Timestamp":1795000000123,"CloudWatchMetrics":[{"Namespace":"SocraticBench","Dimensions":[["ModelId","Operation"]],"Metrics":[{"Name":"BedrockLatency","Unit":"Milliseconds"},{"Name":"BedrockTokens","Unit":"Count"},{"Name":"BedrockErrors","Unit":"Count"},{"Name":"BedrockThrottles","Unit":"Count"}]}]},"ModelId":"meta.llama3-1-70b-instruct-v1:0","Operation":"Converse","Region":"us-west-2","Replayed":false,"BedrockLatency":1250.4,"BedrockTokens":138,"BedrockErrors":0,"BedrockThrottles":0}"#);
    }

    #[test]
    fn an_error_is_counted_by_its_type_as_well() {
        let failed = Ended::Failed {
            error: "ThrottlingException",
            is_throttled: true,
        };
        insta::assert_snapshot!(line(failed), @r#"{"_aws":{"Timestamp":1795000000123,"CloudWatchMetrics":[{"Namespace":"SocraticBench","Dimensions":[["ModelId","Operation"]],"Metrics":[{"Name":"BedrockLatency","Unit":"Milliseconds"},{"Name":"BedrockErrors","Unit":"Count"},{"Name":"BedrockThrottles","Unit":"Count"}]},{"Namespace":"SocraticBench","Dimensions":[["ModelId","Operation","ErrorType"]],"Metrics":[{"Name":"BedrockErrors","Unit":"Count"}]}]},"ModelId":"meta.llama3-1-70b-instruct-v1:0","Operation":"Converse","ErrorType":"ThrottlingException","Region":"us-west-2","Replayed":false,"BedrockLatency":1250.4,"BedrockErrors":1,"BedrockThrottles":1}"#);
    }

    #[test]
    fn a_recorded_call_is_told_from_a_live_one_and_is_of_its_recordings_time() {
        let answered = Ended::Answered {
            input: Some(120),
            output: Some(18),
        };
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let told = |made| {
            let line: serde_json::Value = serde_json::from_str(&line_of(answered, made)).unwrap();
            (
                line["_aws"]["Timestamp"].as_i64().unwrap(),
                line["Replayed"].as_bool().unwrap(),
                line["RecordedAt"].as_str().map(str::to_owned),
            )
        };
        assert_eq!(told(Made::Now), (1_795_000_000_123, false, None));
        let recorded = Some("2023-11-14T22:13:20.123Z".to_owned());
        assert_eq!(
            told(Made::Recorded(Some(at))),
            (1_700_000_000_123, true, recorded)
        );
        assert_eq!(told(Made::Recorded(None)), (1_795_000_000_123, true, None));
    }
}
