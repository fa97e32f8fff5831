//! Recorded failures that an SDK tries again: how often it asks, and that nobody waits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use bedrock_replay::Mode;
use bedrock_replay::playback::Attempts;

use crate::lab::{CountedSleep, converse_answer, response, stored, upstream};

use crate::faults_lab::{Trial, open, unary};

#[tokio::test(start_paused = true)]
async fn a_replay_of_429s_sleeps_only_if_each_attempt_is_asked_for_and_then_for_no_time() {
    let trial = Trial::unary([]);
    let answers = AtomicUsize::new(0);
    let server = upstream(move |_| {
        let answer = match answers.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => response(429, &[("x-amzn-errortype", "ThrottlingException")], "{}"),
            _ => response(200, &[], converse_answer("hello")),
        };
        HttpConnectorFuture::ready(Ok(answer))
    });
    let cassette = open(&trial.path(), Mode::RecordMissing, Attempts::Outcome);
    let settings = cassette.configure(trial.settings("http://127.0.0.1:1"), server);
    assert_eq!(
        unary(&Client::from_conf(settings.build())).await.error,
        "none"
    );
    cassette.finish().unwrap();

    let began = tokio::time::Instant::now();
    for (attempts, transmissions) in [(Attempts::Outcome, 1), (Attempts::All, 3)] {
        assert_eq!(trial.replayed(attempts).await.transmissions, transmissions);
    }
    assert_eq!(began.elapsed(), Duration::ZERO);

    let cassette = open(&trial.path(), Mode::Replay, Attempts::All);
    let sleep = CountedSleep::default();
    let nothing = upstream(|_| panic!("a replay asked for a connection"));
    let settings = cassette.configure(trial.settings("http://127.0.0.1:1"), nothing);
    let client = Client::from_conf(settings.sleep_impl(sleep.clone()).build());
    assert_eq!(unary(&client).await.error, "none");
    let back_off = |slept: &Duration| *slept < Duration::from_secs(1);
    let slept = sleep.asked().into_iter().filter(back_off).count();
    assert_eq!(slept, 2, "back-off code runs, and is not waited for");
}

/// A replay may ask oftener than the recording did; the outcome stays the outcome.
#[tokio::test]
async fn more_attempts_than_were_recorded_get_the_outcome_again() {
    let trial = Trial::unary([]);
    let server = upstream(|_| {
        let headers = [("x-amzn-errortype", "ThrottlingException")];
        HttpConnectorFuture::ready(Ok(response(429, &headers, "{}")))
    });
    let cassette = open(&trial.path(), Mode::RecordMissing, Attempts::Outcome);
    let settings = trial.settings("http://127.0.0.1:1");
    let settings = settings.retry_config(RetryConfig::disabled());
    let client = Client::from_conf(cassette.configure(settings, server).build());
    assert_eq!(unary(&client).await.error, "ServiceError");
    drop(client);
    cassette.finish().unwrap();
    assert_eq!(stored(&trial.path())[0].exchange.attempts.len(), 1);
    let report = trial.replayed(Attempts::All).await;
    assert_eq!(
        (report.told.error.as_str(), report.transmissions),
        ("ServiceError", 3)
    );
}

/// The SDK lets all clients of a process share one budget of 500 tokens, and takes 5 and more
/// of it for a retry: 200 throttled calls would use it up.
#[tokio::test]
async fn many_replayed_retries_use_up_no_budget() {
    let trial = Trial::unary([]);
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let server = upstream(move |_| {
        let answer = match counter.fetch_add(1, Ordering::SeqCst) % 3 {
            0 | 1 => response(429, &[("x-amzn-errortype", "ThrottlingException")], "{}"),
            _ => response(200, &[], converse_answer("hello")),
        };
        HttpConnectorFuture::ready(Ok(answer))
    });
    let cassette = open(&trial.path(), Mode::RecordMissing, Attempts::Outcome);
    let settings = cassette.configure(trial.settings("http://127.0.0.1:1"), server);
    assert_eq!(
        unary(&Client::from_conf(settings.build())).await.error,
        "none"
    );
    cassette.finish().unwrap();

    for _ in 0..200 {
        let report = trial.replayed(Attempts::All).await;
        assert_eq!(
            (report.told.error.as_str(), report.transmissions),
            ("none", 3)
        );
    }
}
