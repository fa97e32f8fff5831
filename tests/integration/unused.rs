//! Exchanges that nobody asked for: said or not, as the user chose, and never in the way of a
//! test's own failure.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use bedrock_replay::playback::{FinishError, Unused};
use bedrock_replay::{Cassette, Mode};

use crate::lab::{Lab, Log, ask};

/// A cassette of three exchanges, of which one will be asked for.
async fn recorded() -> Lab {
    let mut lab = Lab::new("none").await;
    let cassette = lab.open(Mode::RecordMissing);
    let client = cassette.client().await.unwrap();
    for text in ["one", "two", "two"] {
        ask(&client, text).await;
    }
    drop(client);
    cassette.finish().unwrap();
    lab.unplug().await;
    lab
}

async fn replayed_once(lab: &Lab, unused: Unused) -> Cassette {
    let options = lab.options(Mode::Replay).unused(unused);
    let cassette = options.open().unwrap();
    ask(&cassette.client().await.unwrap(), "two").await;
    cassette
}

/// What this crate logs while something is done on this thread.
fn logged<T>(action: impl FnOnce() -> T) -> (T, String) {
    let log = Log::default();
    let done = tracing::subscriber::with_default(log.clone(), action);
    (done, log.text())
}

fn message(panicked: Box<dyn std::any::Any + Send>) -> String {
    match panicked.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[tokio::test]
async fn unused_exchanges_are_reported_and_nothing_is_said_if_that_is_the_choice() {
    let lab = recorded().await;
    let cassette = replayed_once(&lab, Unused::Ok).await;
    let (report, log) = logged(|| cassette.finish());
    assert_eq!(report.unwrap().unused.len(), 2);
    assert_eq!(log, "");
}

#[tokio::test]
async fn unused_exchanges_are_a_warning_by_default() {
    let lab = recorded().await;
    let cassette = replayed_once(&lab, Unused::default()).await;
    let (report, log) = logged(|| cassette.finish());
    assert_eq!(report.unwrap().unused.len(), 2);
    assert!(log.contains("2 exchanges of cassette"), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[tokio::test]
async fn unused_exchanges_are_an_error_if_that_is_the_choice() {
    let lab = recorded().await;
    let cassette = replayed_once(&lab, Unused::Error).await;
    let (finished, log) = logged(|| cassette.finish());
    let FinishError::Unused(unused) = finished.unwrap_err() else {
        panic!("another error")
    };
    let [one, two] = &unused.unused[..] else {
        panic!("{unused}")
    };
    assert!(
        unused
            .to_string()
            .contains(&format!("not asked for: {one}, {two} (")),
        "{unused}"
    );
    assert_eq!((unused.unused.len(), log.as_str()), (2, ""));
    // Finished is finished: dropping it says nothing more.
    drop(cassette);
}

#[tokio::test]
async fn a_cassette_that_is_dropped_with_unused_exchanges_panics_if_they_are_an_error() {
    let lab = recorded().await;
    let cassette = replayed_once(&lab, Unused::Error).await;
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(cassette))).unwrap_err();
    let message = message(panicked);
    assert!(message.contains("were not asked for"), "{message}");
}

#[tokio::test]
async fn a_tests_own_failure_is_never_masked() {
    let lab = recorded().await;
    let cassette = replayed_once(&lab, Unused::Error).await;
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _cassette = cassette;
        panic!("the test's own failure");
    }));
    assert_eq!(message(panicked.unwrap_err()), "the test's own failure");
}

#[tokio::test]
async fn what_was_asked_for_in_another_order_is_used() {
    let lab = recorded().await;
    let options = lab.options(Mode::Replay).unused(Unused::Error);
    let cassette = options.open().unwrap();
    let client = cassette.client().await.unwrap();
    for text in ["two", "one", "two"] {
        ask(&client, text).await;
    }
    assert_eq!(cassette.finish().unwrap().unused, []);
}
