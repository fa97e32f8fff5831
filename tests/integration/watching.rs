//! What a run tells whoever watches: metrics that CloudWatch reads, the log's lines, spans with
//! the names of OpenTelemetry; of a replay what was recorded, never the replay's own time.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};

use bedrock_replay::Mode;
use bedrock_replay::bench::Run;
use bedrock_replay::retry::RetryPolicy;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::bare::bare;
use super::bench_stand_in::{plan, project};
use super::lab::{Lab, Log, stored};

const HAIKU: &str = "claude-3-5-haiku";
const HAIKU_ID: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
const SCRIPTED: &str = "APO-PHY-HEAT-TEMP-01";

fn program(cassette: &Path, arguments: &[&str]) -> Output {
    bare()
        .args([
            "run",
            "--model",
            HAIKU,
            "--scenario",
            SCRIPTED,
            "--cassette",
        ])
        .arg(cassette)
        .args(arguments)
        .current_dir(project(""))
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("{\"_aws\""));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The longest line that CloudWatch reads, in bytes.
const LONGEST: usize = 256 * 1024;

/// What AWS's specification of the format asks of a line.
fn follows_the_specification(line: &Value) {
    if let Err(problem) = against_the_schema(line) {
        panic!("{problem}\n{line}");
    }
    assert!(line.to_string().len() <= LONGEST);
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        for name in directive["Dimensions"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|set| set.as_array().unwrap())
        {
            let value = line[name.as_str().unwrap()].as_str().unwrap();
            assert!((1..=1_024).contains(&value.len()), "{line}");
        }
        for metric in directive["Metrics"].as_array().unwrap() {
            let value = &line[metric["Name"].as_str().unwrap()];
            assert!(value.is_number(), "{line}");
        }
    }
}

/// By the rules of the schema that AWS publishes.
fn against_the_schema(line: &Value) -> Result<(), String> {
    let schema: Value = serde_json::from_str(include_str!("emf.schema.json")).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("emf.schema.json", schema).unwrap();
    let index = compiler.compile("emf.schema.json", &mut schemas).unwrap();
    let checked = schemas.validate(line, index);
    checked.map_err(|error| error.to_string())
}

#[test]
fn a_line_that_cloudwatch_would_not_read_is_refused_by_the_schema() {
    let line = json!({
        "_aws": {
            "Timestamp": 1_795_000_000_123_i64,
            "CloudWatchMetrics": [{
                "Namespace": "SocraticBench",
                "Dimensions": [["ModelId"]],
                "Metrics": [{ "Name": "BedrockLatency", "Unit": "Milliseconds" }],
            }],
        },
        "ModelId": HAIKU_ID,
        "BedrockLatency": 1250.4,
    });
    against_the_schema(&line).unwrap();
    let directive = "/_aws/CloudWatchMetrics/0";
    for (place, wrong) in [
        (String::new(), json!({ "BedrockLatency": 1250.4 })),
        ("/_aws".to_owned(), json!({ "CloudWatchMetrics": [] })),
        ("/_aws/Timestamp".to_owned(), json!("2026-11-22T00:00:00Z")),
        (format!("{directive}/Namespace"), json!("")),
        (format!("{directive}/Dimensions"), json!([])),
        (format!("{directive}/Dimensions"), json!(["ModelId"])),
        (format!("{directive}/Dimensions/0"), json!(vec!["d"; 31])),
        (format!("{directive}/Metrics/0"), json!({ "Unit": "Count" })),
        (format!("{directive}/Metrics/0/Unit"), json!("ms")),
        (
            format!("{directive}/Metrics/0"),
            json!({ "Name": "BedrockLatency", "Value": 1 }),
        ),
    ] {
        let mut broken = line.clone();
        *broken.pointer_mut(&place).unwrap() = wrong;
        assert!(against_the_schema(&broken).is_err(), "{broken}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_of_a_replay_are_those_of_the_recording() {
    let lab = Lab::new("latency-ms=40").await;
    let (path, url) = (lab.path(), lab.url());
    let recording = tokio::task::spawn_blocking(move || {
        program(
            &path,
            &[
                "--mode",
                "record-all",
                "--endpoint-url",
                &url,
                "--metrics",
                "-",
            ],
        )
    });
    let live = recording.await.unwrap();
    assert!(live.status.success(), "{live:?}");
    assert_eq!(lines(&live).len(), 10);
    for line in lines(&live) {
        follows_the_specification(&line);
        assert!(line["BedrockLatency"].as_f64().unwrap() >= 40.0, "{line}");
    }

    let recorded: Vec<f64> = stored(&lab.path())
        .iter()
        .map(|found| found.exchange.attempts[0].total.as_secs_f64() * 1e3)
        .collect();
    let replay = || program(&lab.path(), &["--metrics", "-", "--concurrency", "1"]);
    let first = replay();
    let mut told: Vec<f64> = lines(&first)
        .iter()
        .map(|line| line["BedrockLatency"].as_f64().unwrap())
        .collect();
    let mut recorded = recorded;
    told.sort_by(f64::total_cmp);
    recorded.sort_by(f64::total_cmp);
    assert_eq!(told.len(), recorded.len());
    for (told, recorded) in told.iter().zip(&recorded) {
        assert!((told - recorded).abs() < 0.01, "{told} of {recorded}");
    }
    // Nothing of it is the replay's own, so that a second one is the same, byte for byte.
    assert_eq!(first.stdout, replay().stdout);
    let told = &lines(&first)[0];
    follows_the_specification(told);
    assert_eq!(
        (&told["ModelId"], &told["Operation"]),
        (&HAIKU_ID.into(), &"Converse".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_tries_are_counted_and_logged() {
    let lab = Lab::new("throttle=1").await;
    let (path, url) = (lab.path(), lab.url());
    let output = tokio::task::spawn_blocking(move || {
        let mut arguments = vec!["--mode", "record-all", "--endpoint-url", &url];
        arguments.extend(["--metrics", "-", "--log", "info", "--backoff", "0"]);
        program(&path, &arguments)
    });
    let output = output.await.unwrap();
    let lines = lines(&output);
    assert_eq!(lines.len(), 20);
    let sum = |name: &str| {
        lines
            .iter()
            .filter_map(|line| line[name].as_u64())
            .sum::<u64>()
    };
    assert_eq!((sum("BedrockThrottles"), sum("BedrockErrors")), (10, 10));
    let failed = lines
        .iter()
        .find(|line| line["BedrockErrors"] == 1)
        .unwrap();
    assert_eq!(failed["ErrorType"], "ThrottlingException");
    lines.iter().for_each(follows_the_specification);

    let log = String::from_utf8(output.stderr).unwrap();
    let first: Vec<&str> = log.lines().take(4).collect();
    assert_eq!(
        first[0],
        format!("[INFO] Invoking Bedrock: model={HAIKU_ID}")
    );
    assert_eq!(first[1], "[ERROR] Bedrock throttled: retrying in 0s");
    let answered = regex::Regex::new(r"^\[INFO\] Bedrock response: latency=\d+ms, tokens=\d+/\d+$");
    assert!(answered.unwrap().is_match(first[3]), "{log}");
}

#[test]
fn a_replay_of_the_shipped_cassette_can_be_logged() {
    let output = program(&project("cassettes/weekly.sqlite"), &["--log"]);
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(log.matches("[INFO] Invoking Bedrock: model=").count(), 10);
    assert_eq!(log.matches("[INFO] Bedrock response: latency=").count(), 10);
}

#[test]
fn metrics_on_standard_output_are_alone_there() {
    let output = program(&project("cassettes/weekly.sqlite"), &["--metrics", "-"]);
    assert_eq!(lines(&output).len(), 10);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 10, "{text}");
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(report.contains("attempted"), "{report}");
}

#[test]
fn a_level_alone_shows_this_programs_words_and_no_others() {
    let arguments = ["--log", "trace", "--quiet"];
    let output = program(&project("cassettes/weekly.sqlite"), &arguments);
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(log.matches("[INFO] Invoking Bedrock: model=").count(), 10);
    let is_ours = |line: &str| line.contains(" Bedrock") && !line.contains("HttpRequest");
    assert!(log.lines().all(is_ours), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_the_log_stand_alone_between_the_words_of_a_dialogue() {
    let lab = Lab::new("").await;
    let (path, url) = (lab.path(), lab.url());
    let output = tokio::task::spawn_blocking(move || {
        let mut arguments = vec!["--mode", "passthrough", "--endpoint-url", &url];
        arguments.extend(["--stream", "--log", "info"]);
        program(&path, &arguments)
    });
    let text = String::from_utf8(output.await.unwrap().stderr).unwrap();
    assert_eq!(text.matches("[INFO] Invoking Bedrock").count(), 10);
    let glued: Vec<&str> = text
        .lines()
        .filter(|line| line.find("[INFO]").is_some_and(|place| place > 0))
        .collect();
    assert!(glued.is_empty(), "{glued:?}");
    // Who goes on after a line of the log is named again.
    let is_named = |line: &&str| {
        let names = ["── ", "student  ", "tutor    ", "[INFO] "];
        line.is_empty() || names.iter().any(|name| line.starts_with(name))
    };
    let dialogue: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("cost of this run"))
        .collect();
    assert!(dialogue.iter().all(is_named), "{text}");
    assert!(dialogue.iter().any(|line| line.starts_with("tutor    ")));
}

#[test]
fn a_miss_in_the_middle_of_a_dialogue_is_told_in_a_line_of_its_own() {
    let output = program(&project("cassettes/weekly.sqlite"), &["--stream"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("\nerror: no recorded exchange"), "{text}");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let output = program(
        &project("cassettes/weekly.sqlite"),
        &["--metrics", "/no/such/folder/m.json"],
    );
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("cannot write the metrics to `/no/such/folder/m.json`"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(1));
}

/// Fields of spans by the spans' number.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

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
        let mut all = self.0.lock().unwrap();
        let mut fields = BTreeMap::new();
        span.record(&mut Fields(&mut fields));
        all.push(fields);
        Id::from_u64(all.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap()[index]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_is_a_span_with_the_names_of_opentelemetry() {
    let lab = Lab::new("").await;
    let cassette = lab.open(Mode::Passthrough);
    let client = cassette.client().await.unwrap();
    // With a listener of one thread alone, another thread would decide that nobody listens.
    Log::of_this_process();
    let spans = Spans::default();
    let _listening = tracing::subscriber::set_default(spans.clone());
    let run = Run::new(plan(&[HAIKU], &[SCRIPTED]), client).retry(RetryPolicy::never());
    run.execute().await;
    let spans = spans.0.lock().unwrap();
    assert_eq!(spans.len(), 10);
    let mut tutor = spans[0].clone();
    for measured in ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"] {
        let tokens: u64 = tutor.remove(measured).unwrap().parse().unwrap();
        assert!(tokens > 0);
    }
    insta::assert_yaml_snapshot!("span_of_a_call", tutor);
}
