//! What a run tells whoever watches: metrics that CloudWatch reads and the log's lines; of a
//! replay what was recorded, never the replay's own time.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;

use bedrock_replay::clock::{Clock as _, SystemClock};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::bare::bare;
use super::bench_stand_in::project;
use super::lab::{Lab, stored};

const HAIKU: &str = "claude-3-5-haiku";
const HAIKU_ID: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
const SCRIPTED: &str = "APO-PHY-HEAT-TEMP-01";
const OTHER: &str = "APO-BIO-GIRAFFE-NECK-01";
/// The page that tells users what is written.
const PAGE: &str = include_str!("../../docs/telemetry.md");

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

    let latencies = |output: &Output| {
        let lines = lines(output);
        let told = lines.iter().map(|line| line["BedrockLatency"].as_f64());
        let mut told: Vec<f64> = told.map(Option::unwrap).collect();
        told.sort_by(f64::total_cmp);
        told
    };
    let replay = || program(&lab.path(), &["--metrics", "-", "--concurrency", "1"]);
    let first = replay();
    assert_eq!(latencies(&first), latencies(&live));
    let stored = stored(&lab.path());
    let recorded = stored.iter().map(|found| found.exchange.attempts[0].total);
    let mut recorded: Vec<f64> = recorded.map(|total| total.as_secs_f64() * 1e3).collect();
    recorded.sort_by(f64::total_cmp);
    for (told, recorded) in latencies(&first).iter().zip(&recorded) {
        assert!((told - recorded).abs() < 0.0001, "{told} of {recorded}");
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

/// A recording of which the first part was made in an earlier session than the rest.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_counted_before_is_told_from_what_is_counted_now() {
    let lab = Lab::new("").await;
    let (path, url) = (lab.path(), lab.url());
    let metrics = lab.folder.path().join("metrics.jsonl");
    let file = metrics.to_str().unwrap().to_owned();
    let recording = tokio::task::spawn_blocking(move || {
        let mut arguments = vec!["--mode", "record-missing", "--endpoint-url", &url];
        arguments.extend(["--metrics", &file]);
        let first = program(&path, &arguments);
        assert!(first.status.success(), "{first:?}");
        let between = SystemClock::new().now();
        arguments.extend(["--scenario", OTHER]);
        let second = program(&path, &arguments);
        assert!(second.status.success(), "{second:?}");
        between
    });
    let between = recording.await.unwrap();
    let text = std::fs::read_to_string(&metrics).unwrap();
    let all: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    all.iter().for_each(follows_the_specification);
    let of = |is_replayed: bool| {
        all.iter()
            .filter(move |line| line["Replayed"] == is_replayed)
    };
    let tokens = |is_replayed| of(is_replayed).filter_map(|line| line["BedrockTokens"].as_u64());
    let (paid, replayed): (u64, u64) = (tokens(false).sum(), tokens(true).sum());
    // The second run adds to what the first wrote, and pays for the other scenario alone.
    assert_eq!((of(false).count(), of(true).count()), (20, 10));
    assert!(paid > replayed && replayed > 0, "{paid} {replayed}");
    for line in of(true) {
        assert!(at(line) < between, "{line}");
        let recorded: Timestamp = line["RecordedAt"].as_str().unwrap().parse().unwrap();
        assert_eq!(recorded.as_millisecond(), at(line).as_millisecond());
    }
    assert!(of(false).all(|line| line["RecordedAt"].is_null()));

    // Of a replay each call is of its own recording's time.
    let replay = program(&lab.path(), &["--metrics", "-", "--scenario", OTHER]);
    let replay = lines(&replay);
    let before = replay.iter().filter(|line| at(line) < between).count();
    assert_eq!((replay.len(), before), (20, 10));
}

fn at(line: &Value) -> Timestamp {
    Timestamp::from_millisecond(line["_aws"]["Timestamp"].as_i64().unwrap()).unwrap()
}

/// A device that is always full: nothing is ever made or replaced there.
#[cfg(target_os = "linux")]
#[test]
fn metrics_that_cannot_be_written_are_told_at_the_end() {
    use std::os::unix::fs::FileTypeExt as _;
    let full = std::fs::metadata("/dev/full").unwrap();
    assert!(full.file_type().is_char_device());
    let output = program(
        &project("cassettes/weekly.sqlite"),
        &["--metrics", "/dev/full"],
    );
    let told = String::from_utf8(output.stderr).unwrap();
    let last = told.trim_end().lines().last().unwrap();
    let expected = "error: cannot write the metrics to `/dev/full`: ";
    assert!(last.starts_with(expected), "{told}");
    assert_eq!(told.matches("cannot write").count(), 1);
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("attempted"), "{report}");
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

fn log_of_failures(path: &Path, url: &str, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["--mode", "record-all", "--endpoint-url", url];
    all.extend(["--region", "eu-west-1", "--quiet", "--metrics", "-"]);
    all.extend(arguments);
    let output = program(path, &all);
    lines(&output).iter().for_each(follows_the_specification);
    let log = String::from_utf8(output.stderr).unwrap();
    let lines = log.lines().filter(|line| line.starts_with('['));
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_for_good_is_logged_as_an_error() {
    for (error, kind) in [
        ("error=AccessDeniedException", "AccessDeniedException"),
        ("error=ValidationException", "ValidationException"),
    ] {
        let lab = Lab::new(error).await;
        let (path, url) = (lab.path(), lab.url());
        let log = tokio::task::spawn_blocking(move || {
            log_of_failures(&path, &url, &["--log", "info", "--concurrency", "1"])
        });
        let log = log.await.unwrap();
        assert_eq!(log[0], format!("[INFO] Invoking Bedrock: model={HAIKU_ID}"));
        let failed = format!(
            r"^\[ERROR\] Bedrock failed: model={HAIKU_ID}, region=eu-west-1, type={kind}, latency=\d+ms, tries=1$"
        );
        let failed = regex::Regex::new(&failed).unwrap();
        assert!(failed.is_match(&log[1]), "{log:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_throttled_at_its_last_try_is_logged_once_as_failed() {
    let lab = Lab::new("throttle=9").await;
    let (path, url) = (lab.path(), lab.url());
    let log = tokio::task::spawn_blocking(move || {
        let few = ["--tries", "2", "--backoff", "0", "--concurrency", "1"];
        let arguments: Vec<&str> = ["--log", "error"].into_iter().chain(few).collect();
        log_of_failures(&path, &url, &arguments)
    });
    let log = log.await.unwrap();
    assert_eq!(log[0], "[ERROR] Bedrock throttled: retrying in 0s");
    assert!(log[1].contains("type=ThrottlingException"), "{log:?}");
    assert!(log[1].ends_with(", tries=2"), "{log:?}");
    assert!(log.iter().all(|line| line.starts_with("[ERROR] ")));
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

#[test]
fn metrics_that_have_no_place_leave_no_cassette_behind() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("new.sqlite");
    let recording = [
        "--mode",
        "record-missing",
        "--endpoint-url",
        "http://127.0.0.1:1",
        "--metrics",
        "/no/such/folder/m.json",
    ];
    let output = program(&cassette, &recording);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("cannot write the metrics"), "{told}");
    assert!(!cassette.exists(), "nothing was recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_watching_names_all_that_is_written() {
    let lab = Lab::new("throttle=1; error=ServiceUnavailableException; times=1").await;
    let down = Lab::new("error=ServiceUnavailableException").await;
    let (path, url) = (lab.path(), lab.url());
    let (lost, failing) = (down.path(), down.url());
    let outputs = tokio::task::spawn_blocking(move || {
        let recording = |path: &Path, url: &str, more: &[&str]| {
            let mut arguments = vec!["--mode", "record-all", "--endpoint-url", url, "--quiet"];
            arguments.extend(["--metrics", "-", "--log", "debug", "--backoff", "0"]);
            arguments.extend(more);
            program(path, &arguments)
        };
        let live = recording(&path, &url, &[]);
        let regions = ["--tries", "1", "--region", "us-east-1,us-west-2"];
        let failed = recording(&lost, &failing, &regions);
        let replay = program(&path, &["--metrics", "-", "--log", "--quiet"]);
        [live, failed, replay]
    });
    let outputs = outputs.await.unwrap();
    let all: Vec<Value> = outputs.iter().flat_map(lines).collect();
    let mut names = BTreeSet::new();
    for line in &all {
        names.extend(line.as_object().unwrap().keys().cloned());
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
            names.extend(directive["Namespace"].as_str().map(str::to_owned));
            let metrics = directive["Metrics"].as_array().unwrap().iter();
            names.extend(metrics.map(|metric| metric["Unit"].as_str().unwrap().to_owned()));
        }
    }
    assert!(names.remove("_aws"));
    for name in ["ErrorType", "RecordedAt", "Region"] {
        assert!(names.contains(name), "{names:?}");
    }
    for name in names {
        assert!(PAGE.contains(&format!("`{name}`")), "{name}");
    }

    let is_log = |line: &&str| line.starts_with('[');
    let logs = outputs.map(|output| String::from_utf8(output.stderr).unwrap());
    let words: BTreeSet<&str> = logs
        .iter()
        .flat_map(|log| log.lines().filter(is_log))
        .map(|line| line.split([':', '(']).next().unwrap().trim_end())
        .map(|line| line.trim_start_matches("[DEBUG] "))
        .collect();
    assert_eq!(words.len(), 7, "{words:?}");
    for words in words {
        assert!(PAGE.contains(words), "{words}");
    }
}
