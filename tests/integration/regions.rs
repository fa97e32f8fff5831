//! Regions are asked in their order, the next one only where one is busy, down or without the
//! model; the one that answered is on record.

use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bedrock_replay::bench::{Outcome, Plan, RegionsOfModel, Run};
use bedrock_replay::cassette::Reader;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::report::{Conversation, Format as _, Html, Json, Report, Table};
use bedrock_replay::retry::RetryPolicy;
use bedrock_replay::{Cassette, Mode};
use serde_json::Value;

use super::bench_stand_in::plan;
use super::lab::{HAIKU, Lab, config, converse_answer, response, upstream};

const REGIONS: [&str; 2] = ["us-east-1", "us-west-2"];

#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Regions of which the first answers with this error, and the second well.
    fn service(&self, status: u16, error: &'static str) -> SharedHttpClient {
        let asked = self.clone();
        upstream(move |request: HttpRequest| {
            let host = request.uri().split('/').nth(2).unwrap();
            let region = host.split('.').nth(1).unwrap().to_owned();
            asked.0.lock().unwrap().push(region.clone());
            let answer = match region.as_str() {
                "us-west-2" => response(200, &[], converse_answer("And why is that?")),
                _ => response(
                    status,
                    &[("x-amzn-errortype", error)],
                    r#"{"message":"no"}"#,
                ),
            };
            HttpConnectorFuture::ready(Ok(answer))
        })
    }
}

/// One turn; the judge's answer cannot be read, which is another matter.
fn one_turn() -> Plan {
    let mut plan = plan(&["claude-3-5-haiku"], &["APO-PHY-HEAT-TEMP-01"]);
    plan.turns = 1;
    plan
}

async fn run(client: Client, tries: RetryPolicy) -> Outcome {
    let run = Run::new(one_turn(), client).retry(tries);
    run.regions(REGIONS.map(str::to_owned)).execute().await
}

fn client(cassette: &Cassette, http: SharedHttpClient) -> Client {
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let config = config().credentials_provider(credentials);
    Client::from_conf(cassette.configure(config, http).build())
}

#[tokio::test]
async fn a_busy_or_silent_region_is_left_for_the_next_at_once() {
    for (status, error) in [
        (429, "ThrottlingException"),
        (503, "ServiceUnavailableException"),
        (500, "InternalServerException"),
        (404, "ResourceNotFoundException"),
    ] {
        let asked = Asked::default();
        let lab = Lab::new("").await;
        let cassette = lab.open(Mode::Passthrough);
        let client = client(&cassette, asked.service(status, error));
        let outcome = run(client, RetryPolicy::never()).await;
        assert!(
            outcome.failures().is_empty(),
            "{error}: {:?}",
            outcome.failures()
        );
        assert_eq!(
            asked.take(),
            ["us-east-1", "us-west-2", "us-east-1", "us-west-2"],
            "{error}"
        );
    }
}

/// The first region answers with this error, and the second has no endpoint.
fn without_a_second(error: (u16, &'static str)) -> SharedHttpClient {
    upstream(move |request: HttpRequest| {
        let answer = if request.uri().contains(".us-east-1.") {
            Ok(response(error.0, &[("x-amzn-errortype", error.1)], "{}"))
        } else {
            Err(ConnectorError::io(NO_ADDRESS.into()))
        };
        HttpConnectorFuture::ready(answer)
    })
}

const NO_ADDRESS: &str = "dns error: failed to lookup address information";

#[tokio::test]
async fn a_region_without_an_endpoint_hides_no_answer_of_the_other_and_stops_no_run() {
    for error in [
        (429, "ThrottlingException"),
        (404, "ResourceNotFoundException"),
    ] {
        for regions in [REGIONS, [REGIONS[1], REGIONS[0]]] {
            let lab = Lab::new("").await;
            let cassette = lab.open(Mode::Passthrough);
            let client = client(&cassette, without_a_second(error));
            let run = Run::new(one_turn(), client).retry(RetryPolicy::never());
            let outcome = run.regions(regions.map(str::to_owned)).execute().await;
            assert!(outcome.gave_up().is_none(), "{regions:?}");
            let failures = outcome.failures();
            assert_eq!(failures.get(error.1), Some(&1), "{regions:?}: {failures:?}");
        }
    }
}

#[tokio::test]
async fn a_run_of_which_no_region_has_an_endpoint_is_given_up() {
    let lab = Lab::new("").await;
    let cassette = lab.open(Mode::Passthrough);
    let nobody = upstream(|_: HttpRequest| {
        HttpConnectorFuture::ready(Err(ConnectorError::io(NO_ADDRESS.into())))
    });
    let outcome = run(client(&cassette, nobody), RetryPolicy::never()).await;
    assert!(outcome.gave_up().is_some(), "{:?}", outcome.failures());
}

#[tokio::test]
async fn a_mistake_in_the_request_is_the_same_everywhere() {
    let asked = Asked::default();
    let lab = Lab::new("").await;
    let cassette = lab.open(Mode::Passthrough);
    for (status, error) in [(400, "ValidationException"), (403, "AccessDeniedException")] {
        let client = client(&cassette, asked.service(status, error));
        let outcome = run(client, RetryPolicy::default()).await;
        assert_eq!(outcome.failures()[error], 1);
        assert_eq!(asked.take(), ["us-east-1"], "{error}");
    }
}

#[tokio::test]
async fn the_region_that_answered_is_on_record_with_the_attempt_before() {
    let asked = Asked::default();
    let lab = Lab::new("").await;
    let cassette = lab.open(Mode::RecordAll);
    let live = client(&cassette, asked.service(429, "ThrottlingException"));
    let outcome = run(live, RetryPolicy::never()).await;
    cassette.finish().unwrap();
    for found in lab.stored() {
        let region = found.exchange.request.origin.region.as_deref();
        assert_eq!(
            (found.exchange.attempts.len(), region),
            (2, Some("us-west-2"))
        );
    }

    assert_eq!(answered_in(&outcome), [("us-west-2".to_owned(), 2)]);

    // A replay needs no region, and none of its answers depends on one.
    let replaying = lab.open(Mode::Replay);
    let offline = replaying.client().await.unwrap();
    let again = Run::new(one_turn(), offline).execute().await;
    assert_eq!(again.transcripts, outcome.transcripts);
    assert!(Reader::open(&lab.path()).is_ok());

    // Every form of the report says it.
    let report = Report {
        outcome: again,
        provenance: vec![Provenance::Live],
    };
    let text = Table.render(&report).unwrap();
    let counted = "calls answered in\n  claude-3-5-haiku: 2 × us-west-2";
    assert!(text.contains(counted), "{text}");
    let json: Value = serde_json::from_str(&Json.render(&report).unwrap()).unwrap();
    assert_eq!(json["models"][0]["regions"]["us-west-2"], 2);
    assert_eq!(json["dialogues"][0]["regions"]["us-west-2"], 2);
    let page = Html.render(&report).unwrap();
    assert!(page.contains("answers live, in us-west-2"), "{page}");
    let read = Conversation.render(&report).unwrap();
    assert!(read.contains("live answers in us-west-2"), "{read}");
}

fn answered_in(outcome: &Outcome) -> Vec<(String, u32)> {
    let model = outcome.summaries().remove(0);
    model.regions.into_iter().collect()
}

#[tokio::test]
async fn a_dialogue_that_moved_on_halfway_tells_how_many_calls_each_region_answered() {
    let lab = Lab::new("").await;
    let mut plan = one_turn();
    plan.turns = 2;
    let calls = Arc::new(Mutex::new(0));
    let service = upstream(move |request: HttpRequest| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        let is_busy = request.uri().contains(".us-east-1.") && *calls > 2;
        let refusal = [("x-amzn-errortype", "ServiceUnavailableException")];
        let answer = if is_busy {
            response(503, &refusal, "{}")
        } else {
            response(200, &[], converse_answer("And why is that?"))
        };
        HttpConnectorFuture::ready(Ok(answer))
    });
    let cassette = lab.open(Mode::RecordAll);
    let run = Run::new(plan.clone(), client(&cassette, service)).retry(RetryPolicy::never());
    let outcome = run.regions(REGIONS.map(str::to_owned)).execute().await;
    cassette.finish().unwrap();
    let (east, west) = ("us-east-1".to_owned(), "us-west-2".to_owned());
    assert_eq!(answered_in(&outcome), [(east, 2), (west, 2)]);

    let replaying = lab.open(Mode::Replay);
    let offline = replaying.client().await.unwrap();
    let again = Run::new(plan, offline).execute().await;
    assert_eq!(again.transcripts, outcome.transcripts);
}

#[tokio::test]
async fn an_inference_profile_is_not_asked_for_in_another_part_of_the_world() {
    let asked = Asked::default();
    let lab = Lab::new("").await;
    let cassette = lab.open(Mode::Passthrough);
    let mut plan = one_turn();
    plan.models[0].id = format!("us.{HAIKU}");
    plan.judge.model = HAIKU.to_owned();
    let regions = ["us-east-1", "eu-west-1", "us-west-2"].map(str::to_owned);
    let left_out = RegionsOfModel::left_out(plan.model_ids(), &regions);
    assert_eq!(
        left_out,
        [RegionsOfModel {
            model: &plan.models[0].id,
            asked: vec!["us-east-1", "us-west-2"],
            left_out: vec!["eu-west-1"],
            is_had: true,
        }]
    );
    let client = client(&cassette, asked.service(429, "ThrottlingException"));
    let run = Run::new(plan.clone(), client).retry(RetryPolicy::never());
    let outcome = run.regions(regions).execute().await;
    assert!(outcome.failures().is_empty(), "{:?}", outcome.failures());
    let tutor = ["us-east-1", "us-west-2"];
    let judge = ["us-east-1", "eu-west-1", "us-west-2"];
    assert_eq!(asked.take(), [&tutor[..], &judge[..]].concat());
}
