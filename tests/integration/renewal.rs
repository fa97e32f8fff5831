//! Answers that have grown too old are asked for again, and replaced only by answers.

use bedrock_replay::{Cassette, Mode};
use jiff::{Timestamp, ToSpan as _};

use super::lab::{HAIKU, Lab, ask, stored, user};

fn since(lab: &Lab, time: Timestamp) -> Cassette {
    lab.options(Mode::RecordMissing).since(time).open().unwrap()
}

/// Asks a question, and tells when that session began.
async fn asked(cassette: Cassette, text: &str) -> Timestamp {
    ask(&cassette.client().await.unwrap(), text).await;
    cassette.finish().unwrap();
    cassette.playback().began()
}

#[tokio::test]
async fn an_answer_from_before_is_asked_again_once_and_a_newer_one_is_replayed() {
    let lab = Lab::new("none").await;
    let first = asked(lab.open(Mode::RecordMissing), "a").await;
    asked(since(&lab, first), "a").await;
    assert_eq!(lab.served(), 1, "as new as is wanted");

    let later = first + 1.nanosecond();
    let second = asked(since(&lab, later), "a").await;
    assert_eq!(lab.served(), 2, "too old");
    asked(since(&lab, later), "a").await;
    assert_eq!(lab.served(), 2, "renewed");

    asked(since(&lab, second + 1.nanosecond()), "b").await;
    let all = stored(&lab.path());
    assert_eq!(all.len(), 2, "what is not asked for stays");
    assert!(
        all.iter().all(|own| own.slot.occurrence == 0),
        "in its own place"
    );
}

#[tokio::test]
async fn a_failure_takes_the_place_of_no_old_answer() {
    let lab = Lab::new("none").await;
    let first = asked(lab.open(Mode::RecordMissing), "a").await;
    let before = stored(&lab.path());
    let bad = Lab::new("error=ThrottlingException").await;
    let cassette = lab
        .options(Mode::RecordMissing)
        .endpoint_url(bad.url())
        .since(first + 1.nanosecond())
        .open()
        .unwrap();
    let client = cassette.client().await.unwrap();
    let call = client.converse().model_id(HAIKU).messages(user("a"));
    call.send().await.unwrap_err();
    cassette.finish().unwrap();
    assert!(bad.served() > 0);
    assert_eq!(stored(&lab.path()), before);
}

#[tokio::test]
async fn a_replay_takes_an_answer_of_any_age() {
    let mut lab = Lab::new("none").await;
    let first = asked(lab.open(Mode::RecordMissing), "a").await;
    lab.unplug().await;
    let cassette = lab.options(Mode::Replay).since(first + 1.hour()).open();
    asked(cassette.unwrap(), "a").await;
}
