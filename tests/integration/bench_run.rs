//! The main job end to end: recorded from the simulator into a cassette, replayed from it, by
//! the library and by the program.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Output;

use bedrock_replay::bench::{Misses, Plan, Run};
use bedrock_replay::cassette::Reader;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Attempt, Headers, Outcome as Transmission, Provenance};
use bedrock_replay::report::{Format as _, Json, Report, Table};
use bedrock_replay::simulator::{Faults, Running, Simulator};
use bedrock_replay::{Cassette, Mode};

use super::bare::bare;
use super::bench_stand_in::{copy, plan, project};

const HAIKU: &str = "claude-3-5-haiku";
const SCRIPTED: &str = "APO-PHY-HEAT-TEMP-01";
const PLAYED: &str = "APO-STA-COIN-DUE-01";

async fn simulator(faults: &str) -> Running {
    Simulator::builder()
        .faults(faults.parse::<Faults>().unwrap())
        .start("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap()
}

fn open(path: &Path, mode: Mode, endpoint: Option<&str>) -> Cassette {
    let options = Cassette::options(path)
        .mode(mode)
        .environment(Environment::default());
    match endpoint {
        Some(url) => options.endpoint_url(url),
        None => options,
    }
    .open()
    .unwrap()
}

async fn run(plan: Plan, cassette: &Cassette, concurrency: usize) -> Report {
    let run = Run::new(plan, cassette.client().await.unwrap());
    let outcome = run
        .concurrency(NonZeroUsize::new(concurrency).unwrap())
        .execute()
        .await;
    Report {
        outcome,
        provenance: cassette.provenance().unwrap(),
    }
}

async fn record(plan: Plan, path: &Path, concurrency: usize) -> Report {
    let running = simulator("none").await;
    let cassette = open(path, Mode::RecordAll, Some(&running.url()));
    let report = run(plan, &cassette, concurrency).await;
    cassette.finish().unwrap();
    running.stop().await;
    report
}

async fn replay(plan: Plan, path: &Path, concurrency: usize) -> Report {
    let cassette = open(path, Mode::Replay, None);
    let report = run(plan, &cassette, concurrency).await;
    cassette.finish().unwrap();
    report
}

fn text(report: &Report) -> String {
    Json.render(report).unwrap() + &Table.render(report).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_recorded_replays_byte_for_byte_at_any_concurrency() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weekly.sqlite");
    let some = || plan(&[], &[SCRIPTED, PLAYED]);
    let recorded = record(some(), &path, 8).await;
    assert_eq!(recorded.provenance, [Provenance::Simulated]);
    assert_eq!(recorded.outcome.summaries()[0].judged, 10);
    let alone = replay(some(), &path, 1).await;
    let together = replay(some(), &path, 64).await;
    assert!(text(&recorded) == text(&alone));
    assert!(text(&alone) == text(&together));
}

/// What an exchange says, without the times of the day it was said on.
fn said(path: &Path) -> Vec<String> {
    let mut reader = Reader::open(path).unwrap();
    let slots = reader.slots().unwrap();
    let mut lines = Vec::new();
    for slot in slots {
        let exchange = reader.exchange(&slot).unwrap().unwrap();
        for attempt in &exchange.exchange.attempts {
            lines.push(format!("{slot} {}", answer(attempt)));
        }
    }
    lines
}

fn answer(attempt: &Attempt) -> String {
    let Transmission::Response(response) = &attempt.outcome else {
        return "no response".to_owned();
    };
    let dateless = |headers: &Headers| {
        let lines = headers.iter().filter(|(name, _)| *name != "date");
        lines
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let body = String::from_utf8_lossy(&response.body.bytes).into_owned();
    format!("{} {} {body}", response.status, dateless(&response.headers))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_recordings_are_equal_but_for_dates_and_times() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (
        folder.path().join("1.sqlite"),
        folder.path().join("2.sqlite"),
    );
    record(plan(&[HAIKU], &[SCRIPTED, PLAYED]), &first, 1).await;
    record(plan(&[HAIKU], &[SCRIPTED, PLAYED]), &second, 16).await;
    let said_first = said(&first);
    assert_eq!(said_first.len(), 24);
    assert!(said_first == said(&second));
}

/// The misses of the shipped scenarios with one file edited, against a recording of them.
async fn misses_after(file: &str, from: &str, to: &str) -> Misses {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weekly.sqlite");
    record(plan(&[HAIKU], &[SCRIPTED, PLAYED]), &path, 8).await;
    copy(&project("scenarios"), &folder.path().join("scenarios"));
    let edited = folder.path().join("scenarios").join(file);
    let before = fs::read_to_string(&edited).unwrap();
    assert!(before.contains(from));
    fs::write(&edited, before.replacen(from, to, 1)).unwrap();
    let plan = Plan::load(&folder.path().join("scenarios/weekly.toml")).unwrap();
    let some = plan
        .select(&[HAIKU.into()], &[SCRIPTED.into(), PLAYED.into()])
        .unwrap();
    let report = replay(some, &path, 4).await;
    let summary = &report.outcome.summaries()[0];
    assert_eq!(summary.attempted, 10);
    Misses::of(&report.outcome).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_tutor_prompt_misses_every_request_of_its_dialogues() {
    let misses = Box::pin(misses_after("prompts/tutor.md", "eighty", "ninety")).await;
    assert_eq!(misses.requests, 10 + 14);
    assert_eq!(
        misses.first.0.scope.name(),
        "APO-PHY-HEAT-TEMP-01/claude-3-5-haiku/0"
    );
    assert!(misses.first.to_string().contains("/system/0/text"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_judge_prompt_misses_the_judge_calls_alone() {
    let file = "judges/socratic/system.md";
    let misses = Box::pin(misses_after(file, "that turn alone", "that one turn")).await;
    assert_eq!(misses.requests, 5 + 5);
    let scope = misses.first.0.scope.name().to_owned();
    assert_eq!(
        scope,
        "APO-PHY-HEAT-TEMP-01/claude-3-5-haiku/0/judge/turn-1"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_reply_misses_from_its_turn_on() {
    // The third reply opens turn 4: its tutor and judge, and both of turn 5.
    let file = "aporia/APO-PHY-HEAT-TEMP-01.toml";
    let misses = Box::pin(misses_after(
        file,
        "Maybe because the tub",
        "Perhaps because the tub",
    ))
    .await;
    assert_eq!(misses.requests, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_student_prompt_misses_all_but_the_first_turn() {
    let misses = Box::pin(misses_after(
        "prompts/student.md",
        "Think aloud",
        "Think loudly",
    ))
    .await;
    // Of turns 2 to 5 student, tutor and judge.
    assert_eq!(misses.requests, 4 * 3);
}

/// The program, in a copy of the project's scenarios.
struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&project("scenarios"), &folder.path().join("scenarios"));
        Self { folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// `run` with these arguments, each separated by a space.
    async fn run(&self, arguments: &str) -> Output {
        let mut command = bare();
        command
            .arg("run")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path());
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }
}

const SOME: &str =
    "--cassette some.sqlite --model claude-3-5-haiku --scenario APO-PHY-HEAT-TEMP-01";

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_narrower_run_leaves_no_dialogue_of_the_one_before_beside_its_own() {
    let program = Program::new();
    let shipped = project("cassettes/weekly.sqlite");
    let run = format!(
        "--cassette {} --model claude-3-5-haiku --out out",
        shipped.display()
    );
    let wide = program.run(&run).await;
    assert!(wide.status.success(), "{}", stderr(&wide));
    let folder = program.path("out/dialogues");
    fs::write(folder.join("my--own--notes.json"), "{}").unwrap();
    let narrow = program
        .run(&format!("{run} --scenario APO-PHY-HEAT-TEMP-01"))
        .await;
    assert!(narrow.status.success(), "{}", stderr(&narrow));
    let entries = fs::read_dir(&folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let own = "APO-PHY-HEAT-TEMP-01--claude-3-5-haiku--0.json";
    assert_eq!(names, [own, "my--own--notes.json"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_records_replays_and_writes_files_under_stable_names() {
    let program = Program::new();
    let running = simulator("none").await;
    let url = running.url();
    let recorded = program
        .run(&format!(
            "{SOME} --mode record-all --endpoint-url {url} --out first"
        ))
        .await;
    running.stop().await;
    assert!(recorded.status.success(), "{}", stderr(&recorded));
    let replayed = program
        .run(&format!("{SOME} --out second --concurrency 64"))
        .await;
    assert_eq!(stdout(&replayed), stdout(&recorded));
    let told = stderr(&replayed);
    assert!(told.starts_with("\ncost of this run"), "{told}");
    assert!(stdout(&replayed).contains("answers simulated: no model was asked"));
    let files = [
        "results.json",
        "table.txt",
        "report.html",
        "report.md",
        "report.xml",
        "dialogues/APO-PHY-HEAT-TEMP-01--claude-3-5-haiku--0.json",
    ];
    for file in files {
        let first = fs::read_to_string(program.path("first").join(file)).unwrap();
        let second = fs::read_to_string(program.path("second").join(file)).unwrap();
        assert!(first == second, "{file}");
    }
    assert_eq!(
        fs::read_to_string(program.path("first/table.txt")).unwrap(),
        stdout(&replayed)
    );
    let names = |folder| fs::read_dir(program.path(folder)).unwrap().count();
    assert_eq!(
        (names("first"), names("first/dialogues")),
        (6, 1),
        "nothing half-written stays"
    );

    let json = program.run(&format!("{SOME} --format json --quiet")).await;
    let results = fs::read_to_string(program.path("first/results.json")).unwrap();
    assert_eq!(stdout(&json), results);
    let value: serde_json::Value = serde_json::from_str(&results).unwrap();
    assert_eq!(value["provenance"], serde_json::json!(["simulated"]));
    assert_eq!(value["models"][0]["judged"], 5);
    assert_eq!(value["dialogues"][0]["turns"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn only_a_whole_run_leaves_something_over_and_no_judgment_ever() {
    let program = Program::new();
    let shipped = project("cassettes/weekly.sqlite");
    fs::copy(shipped, program.path("a.sqlite")).unwrap();
    let list = program.path("unused.json");
    let run = "--cassette a.sqlite --unused-file unused.json --quiet";

    let plan = program.path("scenarios/weekly.toml");
    let whole = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, whole.replace("turns = 5", "turns = 3")).unwrap();
    let output = program.run(run).await;
    assert!(output.status.success(), "{}", stderr(&output));
    let left = fs::read_to_string(&list).unwrap();
    assert!(left.contains("EL-CIV-FREE-HARM-01/"), "{left}");
    assert!(!left.contains("/judge/"), "{left}");

    let output = program.run(&format!("{run} --model llama-3-1-70b")).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("only some of the plan was run"));
    assert!(!list.exists(), "a list of a run that did not ask for all");

    program.run(run).await;
    assert!(list.exists());
    fs::write(program.path("scenarios/prompts/tutor.md"), "You ask.").unwrap();
    assert_eq!(program.run(run).await.status.code(), Some(5));
    assert!(!list.exists(), "a list of a run that missed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_miss_exits_with_5_and_says_what_else_would_miss_and_what_records_it() {
    let program = Program::new();
    let running = simulator("none").await;
    let record = format!("{SOME} --mode record-all --endpoint-url {}", running.url());
    assert!(program.run(&record).await.status.success());
    running.stop().await;
    let prompt = program.path("scenarios/prompts/tutor.md");
    let text = fs::read_to_string(&prompt).unwrap();
    fs::write(
        &prompt,
        text.replace("one question at a time, open", "exactly one open question"),
    )
    .unwrap();
    let missed = program.run(&format!("{SOME} --out never")).await;
    assert_eq!(missed.status.code(), Some(5));
    assert_eq!(stdout(&missed), "", "half a result is no result");
    assert!(!program.path("never").exists());
    // Prices are of today.
    let price = regex::Regex::new(r"about \$[0-9.]+").unwrap();
    let told = stderr(&missed);
    insta::assert_snapshot!("a_replay_miss", price.replace(&told, "about $…"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_calls_exit_with_1_and_record_missing_asks_for_them_again() {
    let program = Program::new();
    // A reset ends every call, whatever the SDK tries.
    let broken = simulator("error=ServiceUnavailable").await;
    let record = format!("{SOME} --mode record-all --endpoint-url {}", broken.url());
    let failed = program.run(&record).await;
    broken.stop().await;
    assert_eq!(failed.status.code(), Some(1));
    let error = stderr(&failed);
    assert!(
        error.contains("1 call of this run failed: 1 × ServiceUnavailableException"),
        "{error}"
    );
    assert!(stdout(&failed).contains("4 × after a failed turn"));
    let replayed = program.run(SOME).await;
    assert_eq!(
        stdout(&replayed),
        stdout(&failed),
        "a failure replays as the failure it was"
    );

    let running = simulator("none").await;
    let again = format!(
        "{SOME} --mode record-missing --endpoint-url {}",
        running.url()
    );
    let healed = program.run(&again).await;
    running.stop().await;
    assert!(healed.status.success(), "{}", stderr(&healed));
    assert_eq!(stdout(&program.run(SOME).await), stdout(&healed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_goes_on_in_the_next_region_and_says_where_it_was_answered() {
    let program = Program::new();
    let busy = simulator("throttle=1").await;
    let first = format!(
        "{SOME} --mode record-all --endpoint-url {} --region us-east-1,us-west-2",
        busy.url()
    );
    let recorded = program.run(&first).await;
    assert_eq!(recorded.status.code(), Some(0), "{}", stderr(&recorded));
    let line = "calls answered in\n  claude-3-5-haiku: 10 × us-west-2\n";
    assert!(stdout(&recorded).contains(line), "{}", stdout(&recorded));
    busy.stop().await;
    let replayed = program.run(SOME).await;
    assert_eq!(stdout(&replayed), stdout(&recorded));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passing_by_the_cassette_still_tells_a_simulated_answer() {
    let program = Program::new();
    let running = simulator("none").await;
    let passed = program
        .run(&format!(
            "{SOME} --mode passthrough --endpoint-url {}",
            running.url()
        ))
        .await;
    running.stop().await;
    assert!(
        stdout(&passed).contains("answers simulated"),
        "{}",
        stderr(&passed)
    );
    assert!(!program.path("some.sqlite").exists());
}

#[tokio::test]
async fn wrong_usage_exits_with_2_and_a_missing_file_with_1() {
    let program = Program::new();
    let cases = [
        ("--model gpt", 2, "no model `gpt` in the plan"),
        ("--mode now", 2, "expected a record mode"),
        ("--concurrency 0", 2, "expected a whole number from 1"),
        ("--endpoint-url foo", 2, "expected a URL such as"),
        (
            "--plan weekly.toml",
            1,
            "no plan at `weekly.toml` (run it where",
        ),
        ("", 1, "cassettes/weekly.sqlite"),
    ];
    for (arguments, code, expected) in cases {
        let output = program.run(arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments}");
        assert!(
            stderr(&output).contains(expected),
            "{arguments}: {}",
            stderr(&output)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mode_on_the_command_line_wins_over_the_variable() {
    let program = Program::new();
    let output = bare()
        .args(["run", "--mode", "replay", "--cassette", "none.sqlite"])
        .current_dir(program.folder.path())
        .env("BEDROCK_REPLAY_MODE", "record-all")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        !program.path("none.sqlite").exists(),
        "replay never makes a cassette"
    );
}

#[test]
fn under_ci_a_mode_on_the_command_line_sends_nothing_that_the_variable_does_not() {
    for variable in [None, Some("replay")] {
        let program = Program::new();
        let mut command = bare();
        command
            .args(["run", "--mode", "record-missing"])
            .args(["--cassette", "none.sqlite"])
            .args(["--endpoint-url", "http://127.0.0.1:1"])
            .current_dir(program.folder.path())
            .env("CI", "true")
            .envs(variable.map(|word| ("BEDROCK_REPLAY_MODE", word)));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{variable:?}");
        let told = stderr(&output);
        assert!(told.contains("is held back because CI=true"), "{told}");
        assert!(told.contains("no such file"), "{told}");
        assert!(!program.path("none.sqlite").exists());
    }
}

#[test]
fn a_variable_that_names_no_mode_is_wrong_usage() {
    let output = bare()
        .args(["run", "--cassette", "none.sqlite"])
        .env("BEDROCK_REPLAY_MODE", "once")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}
