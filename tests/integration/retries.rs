//! A failed call is tried again by one policy: as often and as late as it says, only where that
//! may help, and with every try on record.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bedrock_replay::Mode;
use bedrock_replay::bench::{Outcome, Run};
use bedrock_replay::retry::RetryPolicy;
use tokio::time::Instant;

use super::bench_stand_in::{Reply, StandIn, plan};
use super::lab::{Lab, config, converse_answer, response, upstream};

const HAIKU: &str = "claude-3-5-haiku";
const SCRIPTED: &str = "APO-PHY-HEAT-TEMP-01";

/// Tries as by default, without a pause between them.
fn at_once() -> RetryPolicy {
    RetryPolicy {
        backoff: "0".parse().unwrap(),
        ..RetryPolicy::default()
    }
}

async fn run(client: Client, policy: RetryPolicy) -> Outcome {
    let run = Run::new(plan(&[HAIKU], &[SCRIPTED]), client);
    run.retry(policy).jitter(Arc::new(|| 1.0)).execute().await
}

/// What a service answers to transmission after transmission, the first one 0.
type Answers = fn(usize) -> Result<(u16, &'static [(&'static str, &'static str)]), ConnectorError>;

/// A client of a service that answers so; and how often it was asked.
fn service(answers: Answers) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let http = upstream(move |_: HttpRequest| {
        let answer = answers(count.fetch_add(1, Ordering::Relaxed));
        HttpConnectorFuture::ready(answer.map(|(status, headers)| match status {
            200 => response(200, headers, converse_answer("And why is that?")),
            status => response(status, headers, r#"{"message":"no"}"#),
        }))
    });
    (Client::from_conf(config().http_client(http).build()), asked)
}

/// How long the first call of a run took, and how often it was made.
async fn first_call(answers: Answers) -> (Duration, usize) {
    let (client, asked) = service(answers);
    let mut plan = plan(&[HAIKU], &[SCRIPTED]);
    plan.turns = 1;
    let began = Instant::now();
    let run = Run::new(plan, client).retry(RetryPolicy::default());
    // The judge gets an answer that it cannot read, and is not asked again for that.
    run.jitter(Arc::new(|| 1.0)).execute().await;
    (began.elapsed(), asked.load(Ordering::Relaxed))
}

#[tokio::test]
async fn the_tries_of_a_call_are_the_attempts_of_one_exchange() {
    let mut lab = Lab::new("throttle=2").await;
    let cassette = lab.open(Mode::RecordAll);
    let outcome = run(cassette.client().await.unwrap(), at_once()).await;
    cassette.finish().unwrap();
    assert!(outcome.failures().is_empty(), "{:?}", outcome.failures());
    let stored = lab.stored();
    assert_eq!(stored.len(), 10);
    for found in stored {
        let attempts = found.exchange.attempts.iter();
        let statuses: Vec<u16> = attempts
            .map(|attempt| attempt.response().unwrap().status)
            .collect();
        assert_eq!(statuses, [429, 429, 200], "{}", found.slot);
    }

    lab.unplug().await;
    let cassette = lab.open(Mode::Replay);
    let again = run(cassette.client().await.unwrap(), RetryPolicy::never()).await;
    assert_eq!(again.transcripts, outcome.transcripts);
}

#[tokio::test]
async fn a_call_that_failed_for_good_fails_the_same_in_a_replay() {
    let mut lab = Lab::new("error=ServiceUnavailable").await;
    let cassette = lab.open(Mode::RecordAll);
    let outcome = run(cassette.client().await.unwrap(), at_once()).await;
    cassette.finish().unwrap();
    assert_eq!(outcome.failures()["ServiceUnavailableException"], 1);
    assert_eq!(lab.stored()[0].exchange.attempts.len(), 4);

    lab.unplug().await;
    let cassette = lab.open(Mode::Replay);
    let again = run(cassette.client().await.unwrap(), RetryPolicy::never()).await;
    assert_eq!(again.transcripts, outcome.transcripts);
}

#[tokio::test]
async fn what_would_fail_again_is_asked_once() {
    for (status, error) in [
        (400, "ValidationException"),
        (403, "AccessDeniedException"),
        (400, "ServiceQuotaExceededException"),
        (404, "ResourceNotFoundException"),
        (424, "ModelErrorException"),
    ] {
        let stand_in = StandIn::new(move |_| Reply::Error(status, error, "no"));
        run(stand_in.client(), at_once()).await;
        assert_eq!(stand_in.asked().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_four_times() {
    for (status, error) in [
        (429, "ThrottlingException"),
        (429, "ModelNotReadyException"),
        (503, "ServiceUnavailableException"),
        (500, "InternalServerException"),
        (408, "ModelTimeoutException"),
    ] {
        let stand_in = StandIn::new(move |_| Reply::Error(status, error, "later"));
        run(stand_in.client(), at_once()).await;
        assert_eq!(stand_in.asked().len(), 4, "{error}");
    }
    let stand_in = StandIn::new(|_| Reply::Timeout);
    run(stand_in.client(), at_once()).await;
    assert_eq!(stand_in.asked().len(), 4);
}

#[tokio::test]
async fn a_policy_takes_the_place_of_the_sdks_own_retries() {
    let (client, asked) = service(|_| Ok((503, &[])));
    let stubborn = client.config().to_builder();
    let retries = aws_sdk_bedrockruntime::config::retry::RetryConfig::standard();
    let client = Client::from_conf(stubborn.retry_config(retries.with_max_attempts(5)).build());
    run(
        client,
        RetryPolicy {
            tries: NonZeroU32::new(2).unwrap(),
            ..at_once()
        },
    )
    .await;
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn the_waits_are_two_four_and_eight_seconds_at_most() {
    let (took, asked) = first_call(|_| Ok((503, &[]))).await;
    assert_eq!((took.as_secs(), asked), (14, 4));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_says_when_to_come_back_is_waited_for() {
    let (took, asked) = first_call(|number| match number {
        0 => Ok((
            429,
            &[
                ("x-amzn-errortype", "ThrottlingException"),
                ("retry-after", "45"),
            ],
        )),
        _ => Ok((200, &[])),
    })
    .await;
    // The second of the three is the turn's answer, the third its judge's.
    assert_eq!((took.as_secs(), asked), (45, 3));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_for_an_hour_is_not_waited_for() {
    let (took, asked) = first_call(|_| Ok((503, &[("retry-after", "3600")]))).await;
    assert_eq!((took.as_secs(), asked), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_reset_connection_is_tried_again_and_a_refused_request_is_not() {
    let (_, asked) = first_call(|_| {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        Err(ConnectorError::io(reset.into()))
    })
    .await;
    assert_eq!(asked, 4);
    let (_, asked) = first_call(|_| Err(ConnectorError::user("no".into()))).await;
    assert_eq!(asked, 1);
}

const REFUSED: &str = "tcp connect error: Connection refused (os error 111)";

#[tokio::test]
async fn an_endpoint_where_nobody_ever_listened_ends_the_run_with_its_first_call() {
    let (client, asked) = service(|_| Err(ConnectorError::io(REFUSED.into())));
    let outcome = run(client, at_once()).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let (place, failure) = outcome.gave_up().unwrap();
    assert_eq!(place, format!("{SCRIPTED}/{HAIKU}/0, turn 1"));
    assert!(failure.to_string().contains(REFUSED), "{failure}");
}

#[tokio::test]
async fn an_endpoint_that_goes_away_is_tried_again_and_then_ends_the_run() {
    // One turn and its judge; then nobody.
    let (client, asked) = service(|number| match number {
        0 => Ok((200, &[])),
        _ => Err(ConnectorError::io(REFUSED.into())),
    });
    let outcome = run(client, at_once()).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1 + 4);
    assert!(outcome.gave_up().is_some());
}

#[tokio::test]
async fn a_recorded_fault_ends_no_replay() {
    let mut lab = Lab::new("").await;
    lab.unplug().await;
    let recording = lab.open(Mode::RecordAll);
    let client = recording.client().await.unwrap();
    assert!(run(client, at_once()).await.gave_up().is_some());
    recording.finish().unwrap();
    let replay = lab.open(Mode::Replay);
    let again = run(replay.client().await.unwrap(), RetryPolicy::never()).await;
    assert!(again.gave_up().is_none(), "{:?}", again.failures());
    assert_eq!(again.failures()["connection failed"], 1);
}
