//! What a run costs, told before it, kept below a limit, and told after it.

use std::fs;

use serde_json::Value;

use super::cost_cli::{dollars, json};
use super::lab::Lab;
use super::models_cli::program;

#[test]
fn a_run_over_its_limit_sends_nothing_and_makes_no_cassette() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("new.sqlite");
    let run = [
        "run",
        "--mode",
        "record-missing",
        // Nobody listens there: a call that was sent would fail otherwise.
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--cassette",
        cassette.to_str().unwrap(),
        "--max-cost",
        "0.10",
    ];
    let (text, code) = program(&run, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("nothing was sent: this run would cost about $"),
        "{text}"
    );
    assert!(
        text.contains("for 306 calls, more than --max-cost $0.10"),
        "{text}"
    );
    assert!(!cassette.exists());
    let (text, code) = program(&["run", "--quiet", "--max-cost", "0"], &[]);
    assert_eq!(code, 0, "a replay spends nothing: {text}");
}

#[test]
fn a_dry_run_is_a_plan() {
    let model = ["--model", "llama-3-1-70b"];
    let (dry, code) = program(&[&["run", "--dry-run"], &model[..]].concat(), &[]);
    assert_eq!(code, 0, "{dry}");
    assert_eq!(dry, program(&[&["plan"], &model[..]].concat(), &[]).0);
}

#[test]
fn a_replay_tells_what_it_saved_by_model_as_cost_does() {
    let costs = json(&["cost"]);
    let (text, code) = program(&["run"], &[]);
    assert_eq!(code, 0, "{text}");
    let (_, told) = text.split_once("cost of this run").unwrap();
    for row in costs["rows"].as_array().unwrap() {
        let (name, total) = (
            row["name"].as_str().unwrap(),
            dollars(&row["total"]["amount"]),
        );
        let line = told.lines().find(|line| line.starts_with(name)).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, paid, saved] = words[..] else {
            panic!("{line}");
        };
        assert_eq!(paid, "-", "a replay pays nothing");
        let saved: f64 = saved.trim_start_matches('$').parse().unwrap();
        assert!((saved - total).abs() < 0.000_1, "{line} {total}");
    }
    assert!(told.contains("note: saved is what the replayed calls cost as recorded on 20"));
    assert!(told.contains("note: simulated: nothing was paid for what the simulator answered"));
}

const ONE: &[&str] = &["--scenario", "APO-PHY-HEAT-TEMP-01"];
const TWO: &[&str] = &[
    "--scenario",
    "APO-PHY-HEAT-TEMP-01",
    "--scenario",
    "APO-STA-COIN-DUE-01",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_tells_what_it_paid_and_what_it_had_already() {
    let lab = Lab::new("").await;
    let (path, url) = (lab.path().display().to_string(), lab.url());
    let run = async |more: &'static [&'static str]| {
        let (path, url) = (path.clone(), url.clone());
        let work = move || {
            let mut words = vec!["run", "--cassette", &path, "--endpoint-url", &url];
            words.extend(["--model", "claude-3-5-haiku", "--mode", "record-missing"]);
            words.extend(more);
            program(&words, &[])
        };
        let (text, code) = tokio::task::spawn_blocking(work).await.unwrap();
        assert_eq!(code, 0, "{text}");
        let (_, told) = text.split_once("cost of this run").unwrap();
        let line = told
            .lines()
            .find(|line| line.starts_with("claude-3-5-haiku"));
        let words: Vec<String> = line
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        (words[1].clone(), words[2].clone())
    };
    let (first, nothing) = run(ONE).await;
    assert_eq!(nothing, "-");
    let (second, saved) = run(TWO).await;
    assert_eq!(saved, first, "what was there was not paid again");
    assert!(second.starts_with('$'), "{second}");
    assert_eq!(run(TWO).await.0, "-");
}

#[test]
fn a_plan_obeys_the_manner_of_the_run() {
    let plan = |flags: &[&str]| json(&[&["plan"], flags].concat());
    assert_eq!(plan(&[])["survey"]["to_record"], 0);
    // Streams are other calls than those that were recorded.
    let streamed = plan(&["--stream"]);
    assert_ne!(streamed["survey"]["to_record"], 0);
    let command = streamed["command"].as_str().unwrap();
    assert!(command.ends_with(" --stream"), "{command}");
    let (dry, _) = program(&["run", "--dry-run", "--stream", "--format", "json"], &[]);
    let dry: Value = serde_json::from_str(&dry).unwrap();
    assert_eq!(dry, streamed);
    let (dry, _) = program(&["run", "--dry-run", "--prompt-cache"], &[]);
    let (cached, _) = program(&["plan", "--prompt-cache"], &[]);
    assert_eq!(dry, cached);
    assert!(cached.contains("--prompt-cache"), "{cached}");
    let short = "note: nothing is cached for anthropic.claude-3-5-haiku-20241022-v1:0";
    let none = "note: meta.llama3-1-70b-instruct-v1:0 has no prompt cache";
    for note in [short, none] {
        assert!(cached.contains(note), "{note}\n{cached}");
    }
    let (hour, _) = program(&["plan", "--prompt-cache", "1h"], &[]);
    assert!(hour.contains("--prompt-cache 1h"), "{hour}");
    let (wrong, code) = program(&["plan", "--prompt-cache", "2h"], &[]);
    assert_eq!(code, 2, "{wrong}");
    assert!(wrong.contains("expected `5m` or `1h`"), "{wrong}");
}

#[test]
fn a_dry_run_is_told_in_the_mode_of_the_run() {
    let dry = |mode| json(&["run", "--dry-run", "--mode", mode]);
    let replayed = json(&["cost"]);
    for mode in ["record-all", "passthrough"] {
        let plan = dry(mode);
        assert_eq!(plan["mode"], mode);
        assert_eq!(plan["survey"]["to_record"], 0);
        assert_eq!(plan["asked"]["calls"], plan["survey"]["calls"]);
        assert_eq!(
            plan["asked"]["cost"], replayed["total"],
            "the same day's prices hold"
        );
        let command = plan["command"].as_str().unwrap();
        assert!(command.contains(&format!("--mode {mode}")), "{command}");
        let (text, _) = program(&["run", "--dry-run", "--mode", mode], &[]);
        assert!(!text.contains("nothing to record"), "{text}");
    }
    assert_eq!(dry("record-missing")["asked"]["calls"], 0);
}

#[test]
fn a_limit_of_a_variable_is_called_by_its_name() {
    let run = [
        "run",
        "--mode",
        "record-missing",
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--cassette",
        "no/such.sqlite",
    ];
    let (text, code) = program(&run, &[("BEDROCK_REPLAY_MAX_COST", "0.10")]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("more than the $0.10 of variable BEDROCK_REPLAY_MAX_COST"),
        "{text}"
    );
    assert!(
        text.contains("--cassette no/such.sqlite --endpoint-url http://127.0.0.1:9"),
        "the command that says why is this one: {text}"
    );
}

#[test]
fn the_command_that_is_named_keeps_what_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let prices = folder.path().join("my prices.toml");
    fs::copy(
        super::bench_stand_in::project("scenarios/prices.toml"),
        &prices,
    )
    .unwrap();
    let quoted = format!("--prices '{}'", prices.display());
    let chosen = [
        "--cassette",
        "no/such.sqlite",
        "--model",
        "llama-3-1-70b",
        "--scenario",
        "EL-CIV-FREE-HARM-01",
        "--region",
        "us-east-1,us-west-2",
    ];
    let table = ["--prices", prices.to_str().unwrap()];
    let asked = [
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--tries",
        "2",
        "--max-cost",
        "9.5",
    ];
    let (plan, _) = program(&[&["plan"], &chosen[..], &table].concat(), &[]);
    let dry = [&["run", "--dry-run"], &chosen[..], &table, &asked].concat();
    let (dry, _) = program(&dry, &[]);
    for text in [&plan, &dry] {
        for word in [
            "--cassette no/such.sqlite",
            "--model llama-3-1-70b",
            "--scenario EL-CIV-FREE-HARM-01",
            "--region us-east-1,us-west-2",
            &quoted,
        ] {
            assert!(text.contains(word), "{word}\n{text}");
        }
    }
    for word in [
        "--endpoint-url http://127.0.0.1:9",
        "--tries 2",
        "--max-cost 9.5",
    ] {
        assert!(dry.contains(word), "{word}\n{dry}");
    }
    assert_eq!(dry.matches("--prices").count(), 1, "{dry}");
    let miss = [
        &["run", "--model", "llama-3-1-70b", "--stream"],
        &table[..],
        &asked,
    ]
    .concat();
    let (miss, code) = program(&miss, &[]);
    assert_eq!(code, 5, "{miss}");
    for word in [&quoted, "--tries 2", "--max-cost 9.5", "--stream"] {
        assert!(miss.contains(word), "{word}\n{miss}");
    }
}

/// The simulator's host names no region, as a VPC endpoint's does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_behind_an_endpoint_is_priced_where_it_was_asked() {
    let lab = Lab::new("").await;
    let (path, url) = (lab.path().display().to_string(), lab.url());
    let ask = |command: &'static str, more: &[&str], region: &'static str| {
        let mut words = vec![command.to_owned(), "--cassette".to_owned(), path.clone()];
        words.extend(["--model", "claude-3-5-haiku"].map(str::to_owned));
        words.extend(ONE.iter().chain(more).map(|word| (*word).to_owned()));
        tokio::task::spawn_blocking(move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            program(&words, &[("AWS_REGION", region)]).0
        })
    };
    let record = ["--mode", "record-missing", "--endpoint-url", &url];
    let told = ask("run", &record, "eu-west-1").await.unwrap();
    let told = told.split_once("cost of this run").unwrap().1;
    assert!(told.contains("n/a"), "eu-west-1 has no price: {told}");
    let cost = async |region| {
        let text = ask("cost", &["--format", "json"], region).await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["recorded"]["cost"].clone()
    };
    assert_eq!(cost("eu-west-1").await["priced"], 0);
    assert_eq!(cost("us-east-1").await["unpriced"], 0);
}
