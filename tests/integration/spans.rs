//! A call is a span with the names of OpenTelemetry; of a replayed call it tells what was recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use bedrock_replay::bench::Run;
use bedrock_replay::retry::RetryPolicy;
use bedrock_replay::{Cassette, Mode};
use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::bench_stand_in::plan;
use super::lab::{Lab, Log};

const HAIKU: &str = "claude-3-5-haiku";
const SCRIPTED: &str = "APO-PHY-HEAT-TEMP-01";
/// The page that tells users what is written.
const PAGE: &str = include_str!("../../docs/telemetry.md");

/// Fields of spans by the spans' number.
#[derive(Clone, Default)]
struct Spans {
    all: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    /// Every field that a span may have.
    names: Arc<Mutex<BTreeSet<String>>>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let value = format!("{value:?}");
        self.0
            .insert(field.name().to_owned(), value.trim_matches('"').to_owned());
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("bedrock_replay::telemetry")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let names = span.metadata().fields().iter();
        let names = names.map(|field| field.name().to_owned());
        self.names.lock().unwrap().extend(names);
        let mut all = self.all.lock().unwrap();
        let mut fields = BTreeMap::new();
        span.record(&mut Fields(&mut fields));
        all.push(fields);
        Id::from_u64(all.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.all.lock().unwrap()[index]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The spans of a run's calls.
async fn spans_of(cassette: &Cassette, retry: RetryPolicy) -> Vec<BTreeMap<String, String>> {
    let spans = observed(cassette, retry).await;
    let all = spans.all.lock().unwrap();
    all.clone()
}

async fn observed(cassette: &Cassette, retry: RetryPolicy) -> Spans {
    let client = cassette.client().await.unwrap();
    // With a listener of one thread alone, another thread would decide that nobody listens.
    Log::of_this_process();
    let spans = Spans::default();
    let _listening = tracing::subscriber::set_default(spans.clone());
    let run = Run::new(plan(&[HAIKU], &[SCRIPTED]), client).retry(retry);
    run.execute().await;
    spans
}

fn take(span: &mut BTreeMap<String, String>, measured: &str) -> f64 {
    let value = span.remove(measured);
    value
        .unwrap_or_else(|| panic!("{measured} of {span:?}"))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_call_is_a_span_with_the_names_of_opentelemetry() {
    let lab = Lab::new("").await;
    let spans = spans_of(&lab.open(Mode::Passthrough), RetryPolicy::never()).await;
    assert_eq!(spans.len(), 10);
    let mut tutor = spans[0].clone();
    for measured in ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"] {
        assert!(take(&mut tutor, measured) > 0.0);
    }
    insta::assert_yaml_snapshot!("span_of_a_call", tutor);
}

#[tokio::test]
async fn a_throttled_call_that_is_answered_in_the_end_is_no_error() {
    let lab = Lab::new("throttle=1").await;
    let spans = spans_of(&lab.open(Mode::RecordAll), patient(2)).await;
    assert_eq!(spans.len(), 10);
    for span in spans {
        assert_eq!(span.get("error.type"), None, "{span:?}");
        assert_eq!(span["otel.status_code"], "OK");
        assert!(span.contains_key("gen_ai.usage.output_tokens"));
    }
}

#[tokio::test]
async fn a_call_that_fails_in_the_end_has_the_errors_type() {
    let lab = Lab::new("throttle=9").await;
    let spans = spans_of(&lab.open(Mode::RecordAll), patient(2)).await;
    for span in &spans {
        assert_eq!(span["error.type"], "ThrottlingException");
        assert_eq!(span["otel.status_code"], "ERROR");
        assert_eq!(span["cloud.region"], "us-east-1");
    }
    assert!(!spans.is_empty());
}

#[tokio::test]
async fn the_span_of_a_replayed_call_tells_what_was_recorded() {
    let lab = Lab::new("latency-ms=20").await;
    let cassette = lab.open(Mode::RecordAll);
    let live = spans_of(&cassette, RetryPolicy::never()).await;
    cassette.finish().unwrap();
    let is_live = |span: &BTreeMap<String, String>| {
        let recorded = span.keys().filter(|name| name.contains("recorded"));
        span["bedrock_replay.replayed"] == "false" && recorded.count() == 0
    };
    assert!(live.iter().all(is_live), "{live:?}");

    let mut spans = spans_of(&lab.open(Mode::Replay), RetryPolicy::never()).await;
    assert_eq!(spans.len(), 10);
    for span in &mut spans {
        assert_eq!(span["bedrock_replay.replayed"], "true");
        assert!(take(span, "bedrock_replay.recorded_duration_ms") >= 20.0);
        let at = &span["bedrock_replay.recorded_at"];
        assert!(at.parse::<Timestamp>().is_ok(), "{at}");
    }
}

/// So many tries, without a wait between them.
fn patient(tries: u32) -> RetryPolicy {
    RetryPolicy {
        tries: NonZeroU32::new(tries).unwrap(),
        backoff: "0".parse().unwrap(),
    }
}

#[tokio::test]
async fn the_page_on_watching_names_every_attribute() {
    let lab = Lab::new("").await;
    let spans = observed(&lab.open(Mode::Passthrough), RetryPolicy::never()).await;
    let names = spans.names.lock().unwrap();
    assert!(names.contains("error.type"), "{names:?}");
    for name in &*names {
        assert!(PAGE.contains(&format!("| `{name}` |")), "{name}");
    }
}
