//! Several at one cassette: tasks, cassettes, processes' writers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_bedrockruntime::Client;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode, ReplayMiss, Scope};
use tokio::sync::Notify;

use crate::lab::{
    HAIKU, ask, config, converse_answer, impatient, response, stored, upstream, user,
};

fn open(path: &Path, mode: Mode) -> Cassette {
    let options = Cassette::options(path).mode(mode).unused(Unused::Ok);
    options.environment(Environment::default()).open().unwrap()
}

fn client(cassette: &Cassette, inner: SharedHttpClient) -> Client {
    let config = impatient(config()).endpoint_url("http://127.0.0.1:1");
    Client::from_conf(cassette.configure(config, inner).build())
}

/// Answers with a number that is never the same.
fn counting() -> (SharedHttpClient, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let client = upstream(move |_| {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let body = converse_answer(&format!("answer {number}"));
        HttpConnectorFuture::ready(Ok(response(200, &[], body)))
    });
    (client, count)
}

fn no_upstream() -> SharedHttpClient {
    upstream(|_| panic!("a replay asked for a connection"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_replays_while_four_record_into_the_same_file() {
    const EACH: usize = 25;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let cassette = open(&path, Mode::RecordMissing);
    ask(&client(&cassette, counting().0), "known").await;
    cassette.finish().unwrap();

    let recorders = (0..4).map(|number| {
        let path = path.clone();
        tokio::spawn(async move {
            let cassette = open(&path, Mode::RecordMissing);
            let client = client(&cassette, counting().0);
            for turn in 0..EACH {
                let prompt = format!("turn {turn}");
                Scope::new(format!("task {number}"))
                    .enter(ask(&client, &prompt))
                    .await;
            }
            cassette.finish().unwrap();
        })
    });
    let recorders: Vec<_> = recorders.collect();
    while recorders.iter().any(|recorder| !recorder.is_finished()) {
        let cassette = open(&path, Mode::Replay);
        assert_eq!(
            ask(&client(&cassette, no_upstream()), "known").await,
            "answer 0"
        );
        cassette.finish().unwrap();
        tokio::task::yield_now().await;
    }
    for recorder in recorders {
        recorder.await.unwrap();
    }
    assert_eq!(files(folder.path()), [&*path], "one plain file");
    assert_eq!(stored(&path).len(), 1 + 4 * EACH);
}

/// A replay that began before a recording and ends after it leaves no traces either.
#[tokio::test]
async fn a_replay_that_outlives_a_recording_leaves_one_plain_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let cassette = open(&path, Mode::RecordMissing);
    ask(&client(&cassette, counting().0), "one").await;
    cassette.finish().unwrap();

    let replay = open(&path, Mode::Replay);
    let replaying = client(&replay, no_upstream());
    let recording = open(&path, Mode::RecordMissing);
    ask(&client(&recording, counting().0), "two").await;
    assert_eq!(ask(&replaying, "one").await, "answer 0");
    recording.finish().unwrap();
    assert_eq!(ask(&replaying, "two").await, "answer 0");
    drop(replaying);
    replay.finish().unwrap();
    assert_eq!(files(folder.path()), [&*path]);
    assert_eq!(stored(&path).len(), 2);
}

#[tokio::test]
async fn a_client_that_outlives_its_cassette_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let (server, sent) = counting();
    let cassette = open(&path, Mode::RecordMissing);
    let survivor = client(&cassette, server);
    ask(&survivor, "one").await;
    drop(cassette);
    assert_eq!(stored(&path).len(), 1);
    assert_eq!(ask(&survivor, "two").await, "answer 1");
    drop(survivor);
    assert_eq!(sent.load(Ordering::SeqCst), 2);
    assert_eq!(files(folder.path()), [&*path]);

    let cassette = open(&path, Mode::Replay);
    let survivor = client(&cassette, no_upstream());
    drop(cassette);
    assert_eq!(ask(&survivor, "two").await, "answer 1");
    let call = survivor.converse().model_id(HAIKU).messages(user("three"));
    assert!(ReplayMiss::find(&call.send().await.unwrap_err()).is_some());
}

/// A stream that is read after its cassette was finished is recorded none the less.
#[tokio::test]
async fn an_answer_that_arrives_after_the_end_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let cassette = open(&path, Mode::RecordMissing);
    let go = Arc::new(Notify::new());
    let gate = Arc::clone(&go);
    let late = upstream(move |_| {
        let gate = Arc::clone(&gate);
        HttpConnectorFuture::new(async move {
            gate.notified().await;
            Ok(response(200, &[], converse_answer("late")))
        })
    });
    let client = client(&cassette, late);
    let asked = tokio::spawn(async move { ask(&client, "one").await });
    tokio::task::yield_now().await;
    cassette.finish().unwrap();
    drop(cassette);
    go.notify_one();
    assert_eq!(asked.await.unwrap(), "late");
    assert_eq!(stored(&path).len(), 1);
    assert_eq!(files(folder.path()), [&*path]);
}

#[tokio::test]
async fn what_another_session_records_meanwhile_is_not_paid_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let (server, sent) = counting();
    let first = open(&path, Mode::RecordMissing);
    let second = open(&path, Mode::RecordMissing);
    let (one, other) = (client(&first, server.clone()), client(&second, server));
    assert_eq!(ask(&one, "same").await, "answer 0");
    assert_eq!(ask(&other, "same").await, "answer 0");
    assert_eq!(ask(&other, "another").await, "answer 1");
    assert_eq!(ask(&one, "another").await, "answer 1");
    assert_eq!(sent.load(Ordering::SeqCst), 2);
    drop((one, other));
    first.finish().unwrap();
    second.finish().unwrap();
    assert_eq!(stored(&path).len(), 2);
    assert_eq!(files(folder.path()), [&*path]);
}

/// Two sessions make the same call at once, and one of them is throttled first: neither may
/// write into the other's exchange.
#[tokio::test]
async fn a_retry_never_lands_in_another_sessions_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let (throttled, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (said, gate) = (Arc::clone(&throttled), Arc::clone(&go));
    let calls = AtomicUsize::new(0);
    let slow = upstream(move |_| {
        let (said, gate) = (Arc::clone(&said), Arc::clone(&gate));
        let is_first = calls.fetch_add(1, Ordering::SeqCst) == 0;
        HttpConnectorFuture::new(async move {
            if is_first {
                let headers = [("x-amzn-errortype", "ThrottlingException")];
                return Ok(response(429, &headers, "{}"));
            }
            said.notify_one();
            gate.notified().await;
            Ok(response(200, &[], converse_answer("slow")))
        })
    });
    let one = open(&path, Mode::RecordMissing);
    let other = open(&path, Mode::RecordMissing);
    let slow_client = client(&one, slow);
    let asked = tokio::spawn(async move { ask(&slow_client, "same").await });
    throttled.notified().await;
    assert_eq!(ask(&client(&other, counting().0), "same").await, "answer 0");
    go.notify_one();
    assert_eq!(asked.await.unwrap(), "slow");
    one.finish().unwrap();
    other.finish().unwrap();
    let exchanges = stored(&path);
    let mut attempts: Vec<usize> = exchanges
        .iter()
        .map(|stored| stored.exchange.attempts.len())
        .collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 2], "each call has its own exchange");
}

/// Calls that are given up between any two steps leave a cassette that can be read, and take
/// no answer from each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_are_given_up_anywhere_leave_whole_exchanges() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let cassette = open(&path, Mode::RecordMissing);
    let server = upstream(|_| {
        HttpConnectorFuture::new(async {
            tokio::task::yield_now().await;
            Ok(response(200, &[], converse_answer("hello")))
        })
    });
    let client = client(&cassette, server);
    for polls in 0..60 {
        let call = client
            .converse()
            .model_id(HAIKU)
            .messages(user(&format!("{polls}")));
        let mut call = Box::pin(call.send());
        let mut left = polls / 3;
        std::future::poll_fn(|context| {
            if left == 0 {
                return std::task::Poll::Ready(());
            }
            left -= 1;
            call.as_mut().poll(context).map(drop)
        })
        .await;
        drop(call);
    }
    drop(client);
    cassette.finish().unwrap();
    for exchange in stored(&path) {
        assert_eq!(exchange.exchange.attempts.len(), 1);
    }
    assert_eq!(files(folder.path()), [&*path]);
}
