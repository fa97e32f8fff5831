//! Recording from the simulator and replaying without it: the library's whole promise, through
//! the real SDK client.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::SystemContentBlock;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::client::IncompleteRecording;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Ending, Outcome, Provenance};
use bedrock_replay::playback::{Attempts, Unused};
use bedrock_replay::{Cassette, Mode, ReplayMiss, Scope};

use crate::lab::{HAIKU, Lab, ask, config, stream, user};

#[tokio::test]
async fn what_was_recorded_is_replayed_without_the_server() {
    let mut lab = Lab::new("none").await;
    let cassette = lab.open(Mode::RecordMissing);
    let client = cassette.client().await.unwrap();
    let text = ask(&client, "Is it ever right to lie?").await;
    let events = stream(&client, "Is it ever right to lie?").await.unwrap();
    let judged = client.invoke_model().model_id(HAIKU).body(Blob::new(
        r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"Hi"}]}"#,
    ));
    let judged = judged.send().await.unwrap().body;
    cassette.finish().unwrap();
    lab.unplug().await;

    let cassette = lab
        .options(Mode::Replay)
        .unused(Unused::Error)
        .open()
        .unwrap();
    let client = cassette.client().await.unwrap();
    assert_eq!(
        stream(&client, "Is it ever right to lie?").await.unwrap(),
        events
    );
    assert_eq!(ask(&client, "Is it ever right to lie?").await, text);
    let again = client.invoke_model().model_id(HAIKU).body(Blob::new(
        r#"{ "max_tokens": 50, "messages": [{"content": "Hi", "role": "user"}], "anthropic_version": "bedrock-2023-05-31"}"#,
    ));
    assert_eq!(again.send().await.unwrap().body, judged);
    assert_eq!(cassette.finish().unwrap().replayed, 3);
    assert_eq!(cassette.provenance().unwrap(), [Provenance::Simulated]);
}

#[tokio::test]
async fn record_missing_pays_only_for_what_is_missing() {
    let lab = Lab::new("none").await;
    for expected in [1, 1, 2] {
        let cassette = lab.open(Mode::RecordMissing);
        let client = cassette.client().await.unwrap();
        ask(&client, "one").await;
        if expected == 2 {
            ask(&client, "two").await;
        }
        drop((client, cassette));
        assert_eq!(lab.served(), expected);
    }
    assert_eq!(lab.stored().len(), 2);
}

#[tokio::test]
async fn a_recording_with_nothing_to_record_leaves_the_file_as_it_was() {
    let lab = Lab::new("none").await;
    let cassette = lab.open(Mode::RecordMissing);
    ask(&cassette.client().await.unwrap(), "one").await;
    drop(cassette);
    let before = std::fs::read(lab.path()).unwrap();
    let cassette = lab.open(Mode::RecordMissing);
    ask(&cassette.client().await.unwrap(), "one").await;
    drop(cassette);
    assert!(std::fs::read(lab.path()).unwrap() == before);
    assert_eq!(std::fs::read_dir(lab.folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn record_all_records_everything_anew() {
    let lab = Lab::new("none").await;
    for _ in 0..2 {
        let cassette = lab.open(Mode::RecordAll);
        let client = cassette.client().await.unwrap();
        ask(&client, "one").await;
        ask(&client, "one").await;
    }
    assert_eq!(lab.served(), 4);
    let occurrences: Vec<u32> = lab
        .stored()
        .iter()
        .map(|stored| stored.slot.occurrence)
        .collect();
    assert_eq!(occurrences, [0, 1]);
}

#[tokio::test]
async fn record_all_replaces_an_answer_only_by_an_answer() {
    let mut lab = Lab::new("none").await;
    let recorded = lab.open(Mode::RecordAll);
    let text = ask(&recorded.client().await.unwrap(), "one").await;
    recorded.finish().unwrap();
    let before = lab.stored();
    lab.unplug().await;
    let refused = lab.open(Mode::RecordAll);
    let call = refused.client().await.unwrap().converse();
    call.model_id(HAIKU)
        .messages(user("one"))
        .send()
        .await
        .unwrap_err();
    refused.finish().unwrap();
    assert_eq!(lab.stored(), before);

    let again = Lab::new("throttle=2").await;
    std::fs::copy(lab.path(), again.path()).unwrap();
    let cassette = again.open(Mode::RecordAll);
    assert_eq!(ask(&cassette.client().await.unwrap(), "one").await, text);
    cassette.finish().unwrap();
    let stored = again.stored();
    assert_eq!((stored.len(), stored[0].exchange.attempts.len()), (1, 3));
    assert_eq!(stored[0].slot.occurrence, 0);
}

#[tokio::test]
async fn passthrough_leaves_no_file() {
    let lab = Lab::new("none").await;
    let cassette = lab.open(Mode::Passthrough);
    ask(&cassette.client().await.unwrap(), "one").await;
    cassette.finish().unwrap();
    assert!(!lab.path().exists());
}

#[tokio::test]
async fn retries_are_attempts_of_one_exchange() {
    let mut lab = Lab::new("throttle=2").await;
    let cassette = lab.open(Mode::RecordMissing);
    let text = ask(&cassette.client().await.unwrap(), "one").await;
    cassette.finish().unwrap();
    lab.unplug().await;
    let stored = lab.stored();
    let statuses: Vec<u16> = stored[0]
        .exchange
        .attempts
        .iter()
        .map(|attempt| attempt.response().unwrap().status)
        .collect();
    assert_eq!((stored.len(), statuses), (1, vec![429, 429, 200]));

    let cassette = lab.open(Mode::Replay);
    assert_eq!(ask(&cassette.client().await.unwrap(), "one").await, text);
    assert_eq!(cassette.finish().unwrap().replayed, 1);

    let cassette = lab
        .options(Mode::Replay)
        .attempts(Attempts::All)
        .open()
        .unwrap();
    assert_eq!(ask(&cassette.client().await.unwrap(), "one").await, text);
    assert_eq!(cassette.finish().unwrap().replayed, 3);
}

#[tokio::test]
async fn a_fault_before_the_first_answer_is_no_source_of_its_own() {
    let lab = Lab::new("times=1; reset").await;
    let cassette = lab.open(Mode::RecordMissing);
    ask(&cassette.client().await.unwrap(), "one").await;
    assert_eq!(cassette.provenance().unwrap(), [Provenance::Simulated]);
    assert_eq!(lab.stored()[0].exchange.attempts.len(), 2);
}

#[tokio::test]
async fn a_throttled_call_counts_as_missing_while_recording_and_replays_as_it_was() {
    let lab = Lab::new("throttle=3").await;
    let cassette = lab.open(Mode::RecordMissing);
    let client = cassette.client().await.unwrap();
    let call = || {
        client
            .converse()
            .model_id(HAIKU)
            .messages(user("one"))
            .send()
    };
    assert!(
        call()
            .await
            .unwrap_err()
            .into_service_error()
            .is_throttling_exception()
    );
    drop(client.clone());
    cassette.finish().unwrap();

    let replay = lab.open(Mode::Replay);
    let client = replay.client().await.unwrap();
    let call = client
        .converse()
        .model_id(HAIKU)
        .messages(user("one"))
        .send()
        .await;
    assert_eq!(call.unwrap_err().code(), Some("ThrottlingException"));
    drop((client, replay));

    let cassette = lab.open(Mode::RecordMissing);
    ask(&cassette.client().await.unwrap(), "one").await;
    cassette.finish().unwrap();
    let stored = lab.stored();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].exchange.attempts.len(), 1);
    assert_eq!(lab.served(), 4);
}

#[tokio::test]
async fn a_stream_that_the_server_cuts_is_never_whole() {
    let mut lab = Lab::new("cut=2").await;
    let cassette = lab.open(Mode::RecordMissing);
    let recorded = stream(&cassette.client().await.unwrap(), "one").await;
    cassette.finish().unwrap();
    lab.unplug().await;
    let stored = lab.stored();
    let Outcome::Response(response) = &stored[0].exchange.attempts[0].outcome else {
        panic!("no response")
    };
    assert_ne!(response.ending, Ending::Complete, "{recorded:?}");
    let cassette = lab.open(Mode::Replay);
    let error = stream(&cassette.client().await.unwrap(), "one")
        .await
        .unwrap_err();
    assert!(error.contains("not whole"), "{error}");
}

#[tokio::test]
async fn a_stream_that_its_caller_drops_is_kept_and_marked() {
    let mut lab = Lab::new("none").await;
    let cassette = lab.open(Mode::RecordMissing);
    let client = cassette.client().await.unwrap();
    let call = client
        .converse_stream()
        .model_id(HAIKU)
        .messages(user("one"));
    let mut output = call.send().await.unwrap();
    output.stream.recv().await.unwrap();
    drop((output, client));
    cassette.finish().unwrap();
    lab.unplug().await;
    let stored = lab.stored();
    let response = stored[0].exchange.attempts[0].response().unwrap();
    assert_eq!(response.ending, Ending::Abandoned);
    let cassette = lab.open(Mode::Replay);
    let error = stream(&cassette.client().await.unwrap(), "one")
        .await
        .unwrap_err();
    assert!(
        error.contains(&IncompleteRecording::Abandoned.to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn an_exception_inside_a_stream_replays_as_the_typed_error() {
    let mut lab = Lab::new("error=ModelStreamErrorException").await;
    for mode in [Mode::RecordMissing, Mode::Replay] {
        let cassette = lab.open(mode);
        let error = stream(&cassette.client().await.unwrap(), "one")
            .await
            .unwrap_err();
        assert!(
            error.contains("ModelStreamErrorException"),
            "{mode}: {error}"
        );
        drop(cassette);
        lab.unplug().await;
    }
}

#[tokio::test]
async fn a_refused_connection_replays_as_a_dispatch_failure() {
    let mut lab = Lab::new("none").await;
    lab.unplug().await;
    for mode in [Mode::RecordMissing, Mode::Replay] {
        let cassette = lab.open(mode);
        let client = cassette.client().await.unwrap();
        let call = client
            .converse()
            .model_id(HAIKU)
            .messages(user("one"))
            .send()
            .await;
        let SdkError::DispatchFailure(failure) = call.unwrap_err() else {
            panic!("another error")
        };
        assert!(failure.is_io(), "{mode}: {failure:?}");
    }
}

#[tokio::test]
async fn a_miss_says_what_differs_and_is_not_retried() {
    let mut lab = Lab::new("none").await;
    let call = |client: &Client, system: &str| {
        let system = SystemContentBlock::Text(system.to_owned());
        client
            .converse()
            .model_id(HAIKU)
            .system(system)
            .messages(user("Hello"))
            .send()
    };
    let cassette = lab.open(Mode::RecordMissing);
    let client = cassette.client().await.unwrap();
    call(&client, "You are a tutor. Ask one question at a time.")
        .await
        .unwrap();
    drop((client, cassette));
    lab.unplug().await;

    let cassette = lab.open(Mode::Replay);
    let client = cassette.client().await.unwrap();
    let error = call(&client, "You are a tutor. Ask exactly one open question.")
        .await
        .unwrap_err();
    let miss = ReplayMiss::find(&error).unwrap();
    assert!(
        format!("{error:?}").contains(&miss.to_string()),
        "what `unwrap` prints: {error:?}"
    );
    let text = miss
        .to_string()
        .replace(lab.folder.path().to_str().unwrap(), "cassettes");
    insta::assert_snapshot!(text);
    assert_eq!(cassette.finish().unwrap().missed, 1);
}

#[tokio::test]
async fn a_request_made_once_too_often_is_a_miss_of_its_own_kind() {
    let mut lab = Lab::new("none").await;
    let cassette = lab.open(Mode::RecordMissing);
    ask(&cassette.client().await.unwrap(), "one").await;
    drop(cassette);
    lab.unplug().await;
    let cassette = lab.open(Mode::Replay);
    let client = cassette.client().await.unwrap();
    ask(&client, "one").await;
    let again = client
        .converse()
        .model_id(HAIKU)
        .messages(user("one"))
        .send()
        .await;
    let text = ReplayMiss::find(&again.unwrap_err()).unwrap().to_string();
    assert!(text.contains("made once more"), "{text}");
    let elsewhere = client
        .converse()
        .model_id(HAIKU)
        .messages(user("one"))
        .send();
    let elsewhere = cassette.scope("lane", elsewhere).await.unwrap_err();
    let text = ReplayMiss::find(&elsewhere).unwrap().to_string();
    assert!(text.contains("in other scopes: (default)"), "{text}");
}

/// An upstream that never gives the same answer twice.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl HttpConnector for Counter {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        let body = format!(
            r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"answer {number}"}}]}}}},"stopReason":"end_turn","usage":{{"inputTokens":1,"outputTokens":1,"totalTokens":2}},"metrics":{{"latencyMs":1}}}}"#
        );
        let status = StatusCode::try_from(200).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

/// 64 tasks make the same requests; each must get its own answers again, in its own order,
/// whatever the schedule.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_scope_gets_its_own_answers_under_any_schedule() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lanes.sqlite");
    let open = |mode| {
        let options = Cassette::options(&path).mode(mode).unused(Unused::Error);
        options.environment(Environment::default()).open().unwrap()
    };
    let cassette = open(Mode::RecordMissing);
    let recorded = run_lanes(&cassette, 0).await;
    cassette.finish().unwrap();
    let distinct: BTreeSet<&String> = recorded.iter().flatten().collect();
    assert_eq!(distinct.len(), 64 * 3);
    for round in 1..=20 {
        let cassette = open(Mode::Replay);
        assert!(run_lanes(&cassette, round).await == recorded);
        cassette.finish().unwrap();
    }
}

async fn run_lanes(cassette: &Cassette, round: usize) -> Vec<Vec<String>> {
    let upstream = SharedHttpConnector::new(Counter::default());
    let inner = http_client_fn(move |_, _| upstream.clone());
    let client = Client::from_conf(cassette.configure(config(), inner).build());
    let lanes = (0..64).map(|lane| {
        let client = client.clone();
        let asks = async move {
            let mut answers = Vec::new();
            for turn in 0..3 {
                for _ in 0..(lane * 7 + turn * 3 + round) % 5 {
                    tokio::task::yield_now().await;
                }
                answers.push(ask(&client, "the same for all").await);
            }
            answers
        };
        tokio::spawn(Scope::new(format!("lane-{lane}")).enter(asks))
    });
    let mut answers = Vec::new();
    for lane in lanes.collect::<Vec<_>>() {
        answers.push(lane.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn the_environment_says_where_to_record_from() {
    for variable in ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"] {
        let lab = Lab::new("none").await;
        let lines = [
            ("BEDROCK_REPLAY_MODE", "record-all".to_owned()),
            (variable, lab.url()),
        ];
        let environment = lines.iter().map(|(name, value)| (*name, value.as_str()));
        let options = Cassette::options(lab.path()).environment(environment.collect());
        let client = options.open().unwrap().client().await.unwrap();
        ask(&client, "Where are you?").await;
        assert_eq!(lab.served(), 1, "{variable}");
    }
}
