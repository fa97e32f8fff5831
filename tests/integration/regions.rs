//! Regions are asked in their order, the next one only where one is busy, down or without the
//! model; the one that answered is on record.

use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use bedrock_replay::bench::{Outcome, Plan, Run};
use bedrock_replay::cassette::Reader;
use bedrock_replay::retry::RetryPolicy;
use bedrock_replay::{Cassette, Mode};

use super::bench_stand_in::plan;
use super::lab::{Lab, config, converse_answer, response, upstream};

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

    // A replay needs no region, and none of its answers depends on one.
    let replaying = lab.open(Mode::Replay);
    let offline = replaying.client().await.unwrap();
    let again = Run::new(one_turn(), offline).execute().await;
    assert_eq!(again.transcripts, outcome.transcripts);
    assert!(Reader::open(&lab.path()).is_ok());
}
