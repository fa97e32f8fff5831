//! A Bedrock without a socket that keeps an account's quotas, on whatever clock tokio has: with
//! its time paused, minutes of waiting are over at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use bedrock_replay::Cassette;
use bedrock_replay::clock::Clock;
use bedrock_replay::exchange::{Request, RequestParts};
use bedrock_replay::registry::{ModelId, Quota, Registry};
use bedrock_replay::simulator::Simulator;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::lab::response;

const MINUTE: Duration = Duration::from_mins(1);
/// What a call takes.
const LATENCY: Duration = Duration::from_millis(1_500);

/// Time as tokio tells it.
#[derive(Debug, Clone)]
pub struct TokioClock(Instant);

impl TokioClock {
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// What a model was asked.
#[derive(Debug, Default)]
struct Ledger {
    /// When each call came and how many tokens it holds: the reserved ones, then the true ones.
    calls: Vec<(Instant, u64)>,
    throttled: u64,
}

#[derive(Clone)]
pub struct BusyBedrock {
    registry: Registry,
    /// Quotas are divided by this.
    divisor: u32,
    ledgers: Arc<Mutex<HashMap<String, Ledger>>>,
}

impl fmt::Debug for BusyBedrock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BusyBedrock")
    }
}

impl BusyBedrock {
    /// An account with the registry's quotas divided by a number.
    pub fn with_quotas_over(divisor: u32) -> Self {
        Self {
            divisor,
            registry: Registry::shipped().unwrap(),
            ledgers: Arc::default(),
        }
    }

    /// A client on a cassette that passes everything on to this Bedrock.
    pub fn client(&self, cassette: &Cassette) -> Client {
        let builder = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"));
        Client::from_conf(cassette.configure(builder, self.clone()).build())
    }

    fn quota(&self, model: &str) -> Option<Quota> {
        let found = self.registry.recognise(&ModelId::parse(model));
        let mut quota = found.entry()?.quota.clone()?;
        quota.requests_per_minute /= self.divisor;
        quota.tokens_per_minute /= u64::from(self.divisor);
        Some(quota)
    }

    pub fn answered(&self) -> usize {
        let ledgers = self.ledgers.lock().unwrap();
        ledgers.values().map(|ledger| ledger.calls.len()).sum()
    }

    pub fn throttled(&self) -> u64 {
        let ledgers = self.ledgers.lock().unwrap();
        ledgers.values().map(|ledger| ledger.throttled).sum()
    }

    /// The time that the busiest model needs for what it was asked, at its full quota.
    pub fn ideal(&self) -> Duration {
        let ledgers = self.ledgers.lock().unwrap();
        let minutes = |(model, ledger): (&String, &Ledger)| {
            let limit = self.quota(model).unwrap();
            let tokens: u64 = ledger.calls.iter().map(|(_, tokens)| tokens).sum();
            let by_tokens = u32::try_from(tokens).map(f64::from).unwrap()
                / u32::try_from(limit.tokens_per_minute)
                    .map(f64::from)
                    .unwrap();
            let calls = u32::try_from(ledger.calls.len()).map(f64::from).unwrap();
            by_tokens.max(calls / f64::from(limit.requests_per_minute))
        };
        let busiest = ledgers.iter().map(minutes).fold(0.0, f64::max);
        MINUTE.mul_f64(busiest)
    }

    /// Whether a call is within every minute's quota; which one of its model's it is then.
    fn admit(&self, model: &str, tokens: u64) -> Option<usize> {
        let limit = self.quota(model);
        let mut ledgers = self.ledgers.lock().unwrap();
        let ledger = ledgers.entry(model.to_owned()).or_default();
        let now = Instant::now();
        let recent = ledger.calls.iter().rev();
        let recent: Vec<u64> = recent
            .take_while(|(at, _)| now - *at < MINUTE)
            .map(|(_, tokens)| *tokens)
            .collect();
        let fits = limit.is_none_or(|limit| {
            recent.len() < limit.requests_per_minute as usize
                && recent.iter().sum::<u64>() + tokens <= limit.tokens_per_minute
        });
        if !fits {
            ledger.throttled += 1;
            return None;
        }
        ledger.calls.push((now, tokens));
        Some(ledger.calls.len() - 1)
    }

    async fn answer(self, request: Request) -> HttpResponse {
        let model = request.target.model().unwrap().to_owned();
        let answer = Simulator::new(0).answer(&request);
        let body = answer.payload.bytes();
        let used = usage(&serde_json::from_slice(&body).unwrap());
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let Some(number) = self.admit(&model, used.0 + most_output(&asked)) else {
            let headers = [("x-amzn-errortype", "ThrottlingException")];
            return response(429, &headers, r#"{"message":"Too many requests"}"#);
        };
        tokio::time::sleep(LATENCY).await;
        if let Some(ledger) = self.ledgers.lock().unwrap().get_mut(&model) {
            ledger.calls[number].1 = used.0 + used.1;
        }
        response(
            answer.status,
            &[("content-type", "application/json")],
            body.to_vec(),
        )
    }
}

/// Input and output tokens, as Converse or an Anthropic body tells them.
fn usage(answer: &Value) -> (u64, u64) {
    let count = |names: [&str; 2]| {
        let usage = &answer["usage"];
        names.iter().find_map(|name| usage[name].as_u64()).unwrap()
    };
    (
        count(["inputTokens", "input_tokens"]),
        count(["outputTokens", "output_tokens"]),
    )
}

fn most_output(asked: &Value) -> u64 {
    let converse = asked.pointer("/inferenceConfig/maxTokens");
    converse
        .or(asked.get("max_tokens"))
        .unwrap()
        .as_u64()
        .unwrap()
}

impl HttpConnector for BusyBedrock {
    fn call(&self, http: HttpRequest) -> HttpConnectorFuture {
        let uri: http::Uri = http.uri().parse().unwrap();
        let request = Request::read(RequestParts {
            method: http.method(),
            path_and_query: uri.path(),
            host: uri.host().unwrap(),
            headers: http.headers().iter().collect(),
            body: http.body().bytes().unwrap().to_vec().into(),
        });
        let bedrock = self.clone();
        HttpConnectorFuture::new(async move { Ok(bedrock.answer(request.unwrap()).await) })
    }
}

impl HttpClient for BusyBedrock {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
