//! What must work where there is no network at all, not even loopback: the shipped cassettes
//! replay. `just offline` runs these tests in a network namespace of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bedrock_replay::cassette::Reader;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::{Cassette, Mode};

const SHIPPED: [&str; 2] = ["cassettes/weekly.sqlite", "tests/cassettes/tutor.sqlite"];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program as a newcomer calls it; nothing of this process's environment reaches it.
fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(arguments)
        .current_dir(project())
        .env_clear()
        .output()
        .unwrap()
}

#[track_caller]
fn printed(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The files of the shipped cassettes' folders and their bytes.
fn shipped_files() -> BTreeMap<String, Vec<u8>> {
    let folders = SHIPPED.map(|path| project().join(path).parent().unwrap().to_owned());
    let entries = folders.iter().flat_map(|path| fs::read_dir(path).unwrap());
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn the_weekly_benchmark_replays_from_the_shipped_cassette() {
    let table = printed(program(&["run"]));
    insta::assert_snapshot!(table);
}

#[test]
fn the_weekly_benchmark_is_the_same_at_any_concurrency() {
    let run = |concurrency| {
        printed(program(&[
            "run",
            "--format",
            "json",
            "--concurrency",
            concurrency,
        ]))
    };
    let alone = run("1");
    assert!(alone.contains("judged"), "{alone}");
    assert!(alone == run("64"));
}

#[test]
fn a_dialogue_reads_as_it_was_held() {
    let only = [
        "--scenario",
        "APO-PHY-HEAT-TEMP-01",
        "--model",
        "llama-3-1-70b",
    ];
    let run = [&["run", "--format", "dialogues"], &only[..]].concat();
    insta::assert_snapshot!(printed(program(&run)));
}

#[test]
fn a_run_leaves_no_byte_behind() {
    let before = shipped_files();
    printed(program(&["run"]));
    let after = shipped_files();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert!(before == after);
}

#[test]
fn what_is_shipped_is_whole_packed_small_and_simulated() {
    for path in SHIPPED {
        let file = project().join(path);
        let reader = Reader::open(&file).unwrap();
        assert_eq!(reader.integrity().unwrap(), Vec::<String>::new(), "{path}");
        let mut recordings = reader.recordings().unwrap().into_iter();
        let simulated = recordings.all(|recording| recording.provenance == Provenance::Simulated);
        assert!(simulated, "{path} is not simulated alone");
        assert!(fs::metadata(&file).unwrap().len() < 1_000_000, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_recorded_is_a_miss_and_not_a_call() {
    let options = Cassette::options(project().join(SHIPPED[1])).mode(Mode::Replay);
    let cassette = options.environment(Environment::default()).open().unwrap();
    let client = cassette.client().await.unwrap();
    let call = client.converse().model_id("amazon.nova-lite-v1:0").send();
    let error = call.await.unwrap_err();
    let miss = bedrock_replay::ReplayMiss::find(&error).unwrap();
    assert_eq!(miss.subject, "amazon.nova-lite-v1:0");
}
