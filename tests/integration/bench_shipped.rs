//! The shipped cassette holds what the shipped plan asks for, no more and no less, and reads
//! like conversations. What the program makes of it is in `offline`.

use std::num::NonZeroUsize;

use bedrock_replay::bench::{Run, Transcript};
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::Unused;
use bedrock_replay::report::{Conversation, Json, Report};
use bedrock_replay::{Cassette, Mode};

use super::bare::bare;
use super::bench_stand_in::{plan, project};

const CASSETTE: &str = "cassettes/weekly.sqlite";

async fn weekly() -> Report {
    let cassette = Cassette::options(project(CASSETTE))
        .mode(Mode::Replay)
        .environment(Environment::default())
        .unused(Unused::Error)
        .open()
        .unwrap();
    let run = Run::new(plan(&[], &[]), cassette.client().await.unwrap());
    let outcome = run
        .concurrency(NonZeroUsize::new(8).unwrap())
        .execute()
        .await;
    let provenance = cassette.provenance().unwrap();
    let done = cassette.finish().unwrap();
    assert_eq!((done.missed, done.recorded), (0, 0));
    Report {
        outcome,
        provenance,
    }
}

fn dialogue<'a>(report: &'a Report, name: &str) -> &'a Transcript {
    let mut all = report.outcome.transcripts.iter();
    all.find(|transcript| transcript.name() == name).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_weekly_run_replays_whole_and_uses_every_exchange() {
    let report = weekly().await;
    for model in report.outcome.summaries() {
        assert_eq!(
            (model.dialogues, model.attempted, model.judged),
            (9, 45, 45)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_dialogues_read_like_conversations() {
    let report = weekly().await;
    let scripted = dialogue(&report, "EL-CIV-FREE-HARM-01/llama-3-1-70b/0");
    let played = dialogue(&report, "MA-LIF-CAREER-FIT-01/claude-3-5-sonnet/0");
    insta::assert_snapshot!("weekly_scripted", Conversation.dialogue(&report, scripted));
    insta::assert_snapshot!("weekly_played", Conversation.dialogue(&report, played));
    let short = dialogue(&report, "APO-PHY-HEAT-TEMP-01/claude-3-5-haiku/0");
    insta::assert_snapshot!("weekly_json", Json.dialogue(&report, short).unwrap());
}

#[test]
fn a_damaged_cassette_is_named_as_that_and_not_as_a_silent_model() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("damaged.sqlite");
    let mut bytes = std::fs::read(project(CASSETTE)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xA5);
    std::fs::write(&damaged, bytes).unwrap();
    let output = bare()
        .args(["run", "--cassette"])
        .arg(&damaged)
        .current_dir(project(""))
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("damaged.sqlite"), "{error}");
    assert!(!error.contains("no answer"), "{error}");
}
