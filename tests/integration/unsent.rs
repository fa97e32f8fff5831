//! A recording of which nothing could be sent: it says why, and leaves no cassette that holds
//! nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_bedrockruntime::Client;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use bedrock_replay::client::CassetteOptions;
use bedrock_replay::environment::Environment;
use bedrock_replay::{Cassette, Mode};

use crate::faults_lab::{Trial, unary};
use crate::lab::{HAIKU, Lab, ask, converse_answer, mixed, response, stored, upstream, user};

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

/// An answer that does not fit on disk is lost, and must not be paid for again by a retry.
#[tokio::test]
async fn nothing_more_is_sent_once_an_answer_could_not_be_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.sqlite");
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let server = upstream(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        let noise = hex::encode(
            (0..20_000)
                .flat_map(|index| mixed(index).to_be_bytes())
                .collect::<Vec<_>>(),
        );
        HttpConnectorFuture::ready(Ok(response(200, &[], converse_answer(&noise))))
    });
    let options = Cassette::options(&path)
        .mode(Mode::RecordMissing)
        .largest(100_000);
    let cassette = options.environment(Environment::default()).open().unwrap();
    let settings = Trial::unary([]).settings("http://127.0.0.1:1");
    let client = Client::from_conf(cassette.configure(settings, server).build());
    for _ in 0..2 {
        assert_eq!(unary(&client).await.error, "DispatchFailure user");
    }
    assert_eq!(sent.load(Ordering::SeqCst), 1);
    let report = cassette.playback().report().unwrap();
    assert_eq!((report.recorded, report.unanswered), (0, 0));
    drop((client, cassette));
    assert!(!path.exists(), "a cassette of nothing");
}
