//! A recording of which nothing could be sent: it says why, and leaves no cassette that holds
//! nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sdk_bedrockruntime::Client;
use bedrock_replay::client::CassetteOptions;
use bedrock_replay::environment::Environment;
use bedrock_replay::{Cassette, Mode};

use crate::lab::{HAIKU, Lab, ask, stored, user};

/// A recording on a machine that knows of no region.
fn nowhere(lab: &Lab) -> CassetteOptions {
    let lines = [
        ("HOME", "/nonexistent"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    Cassette::options(lab.path())
        .mode(Mode::RecordMissing)
        .environment(Environment::from_iter(lines))
}

/// How a failed test prints what a call fails with.
async fn refused(client: &Client) -> String {
    let call = client.converse().model_id(HAIKU).messages(user("one"));
    format!("{:?}", call.send().await.unwrap_err())
}

async fn fail_once(lab: &Lab) -> String {
    let cassette = nowhere(lab).open().unwrap();
    let error = refused(&cassette.client().await.unwrap()).await;
    cassette.finish().unwrap();
    error
}

#[tokio::test]
async fn without_a_region_a_call_says_so_and_no_cassette_is_left() {
    let lab = Lab::new("").await;
    let error = fail_once(&lab).await;
    let words = "\nno AWS region is known, so that there is no endpoint to send this request to (set `AWS_REGION`, or `region` in the AWS profile)\n";
    assert!(error.contains(words), "{error}");
    assert_eq!(std::fs::read_dir(lab.folder.path()).unwrap().count(), 0);
    let replay = lab.options(Mode::Replay).open().unwrap_err().to_string();
    assert!(replay.contains("there is no such file"), "{replay}");
}

#[tokio::test]
async fn a_client_that_cannot_be_made_leaves_no_cassette_either() {
    let lab = Lab::new("").await;
    let cassette = nowhere(&lab).endpoint_url("nonsense").open().unwrap();
    cassette.client().await.unwrap_err();
    assert!(lab.path().exists());
    drop(cassette);
    assert!(!lab.path().exists());
}

#[tokio::test]
async fn a_recording_without_a_call_leaves_a_cassette_that_replays() {
    let lab = Lab::new("").await;
    lab.open(Mode::RecordMissing).finish().unwrap();
    assert_eq!(lab.open(Mode::Replay).finish().unwrap().missed, 0);
}

#[tokio::test]
async fn a_cassette_that_was_there_before_stays() {
    let lab = Lab::new("").await;
    lab.open(Mode::RecordMissing).finish().unwrap();
    fail_once(&lab).await;
    assert_eq!(stored(&lab.path()), []);
}

#[tokio::test]
async fn a_cassette_that_another_records_into_stays() {
    let lab = Lab::new("none").await;
    let failing = nowhere(&lab).open().unwrap();
    let other = lab.open(Mode::RecordMissing);
    refused(&failing.client().await.unwrap()).await;
    drop(failing);
    ask(&other.client().await.unwrap(), "two").await;
    other.finish().unwrap();
    drop(other);
    assert_eq!(stored(&lab.path()).len(), 1);
}
