//! As whom: a role in another account, and every source of the standard chain that a machine
//! without AWS can show.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bedrock_replay::clock::Clock;
use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::Upstream;
use jiff::Timestamp;

use crate::upstream::{ID, SECRET, bedrock, environment, outgoing, refused, sent};
use crate::upstream_stand_in::{StandIn, refuse, role};

const ROLE: &str = "arn:aws:iam::123456789012:role/BedrockInvokeRole";
const CALL: &str = "/model/m/converse";

/// A clock that a test sets.
#[derive(Debug)]
struct Hand(Mutex<Timestamp>);

impl Hand {
    fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(time.parse().unwrap())))
    }

    fn forward(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

async fn on(bedrock: &StandIn, environment: Environment, clock: Arc<Hand>) -> Upstream {
    Upstream::builder()
        .endpoint_url(Some(bedrock.url()))
        .environment(environment)
        .clock(clock)
        .load()
        .await
        .unwrap()
}

/// An STS that gives `ASIA1`, `ASIA2` …, each for an hour of 2026-01-01 from 00:00.
async fn sts() -> StandIn {
    let given = AtomicU64::new(0);
    StandIn::start("sts", "us-east-1", move |seen| {
        let number = given.fetch_add(1, Ordering::Relaxed) + 1;
        let action = &seen.form()["Action"];
        let expiry = format!("2026-01-01T{number:02}:00:00Z");
        role(action, &format!("ASIA{number}"), &expiry)
    })
    .await
}

fn with_role(sts: &StandIn) -> Environment {
    environment()
        .with("AWS_ENDPOINT_URL_STS", sts.url())
        .with("BEDROCK_ASSUME_ROLE_ARN", ROLE)
        .with("BEDROCK_ASSUME_ROLE_EXTERNAL_ID", "weekly benchmark/7")
        .with("BEDROCK_ASSUME_ROLE_SESSION_NAME", "weekly")
}

#[tokio::test]
async fn a_role_is_assumed_and_renewed_before_it_expires() {
    let (bedrock, sts) = (bedrock().await, sts().await);
    sts.allow(ID, SECRET, None);
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let clock = Hand::at("2026-01-01T00:00:00Z");
    let upstream = on(&bedrock, with_role(&sts), clock.clone()).await;

    for _ in 0..3 {
        let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
        assert_eq!(status, 200, "{text}");
    }
    assert_eq!(sts.seen().len(), 1);
    let form = sts.last().form();
    assert_eq!(form["RoleArn"], ROLE);
    assert_eq!(form["ExternalId"], "weekly benchmark/7");
    assert_eq!(form["RoleSessionName"], "weekly");

    clock.forward(Duration::from_secs(59 * 60 + 30));
    bedrock.forbid("ASIA1");
    bedrock.allow("ASIA2", "secret-of-ASIA2", Some("token-of-ASIA2"));
    let (status, text) = sent(&upstream, outgoing(CALL, "{}")).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(sts.seen().len(), 2);
}

#[tokio::test]
async fn requests_at_one_time_share_one_renewal() {
    let (bedrock, sts) = (bedrock().await, sts().await);
    sts.allow(ID, SECRET, None);
    bedrock.allow("ASIA1", "secret-of-ASIA1", Some("token-of-ASIA1"));
    let upstream = on(&bedrock, with_role(&sts), Hand::at("2026-01-01T00:00:00Z")).await;
    let calls = (0..16).map(|_| {
        let upstream = upstream.clone();
        tokio::spawn(async move { sent(&upstream, outgoing(CALL, "{}")).await.0 })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(sts.seen().len(), 1);
}

#[tokio::test]
async fn a_role_that_is_refused_says_why_and_shows_no_secret() {
    let bedrock = bedrock().await;
    let sts = StandIn::start("sts", "us-east-1", |_| refuse("x", "y")).await;
    let upstream = on(&bedrock, with_role(&sts), Hand::at("2026-01-01T00:00:00Z")).await;
    let error = refused(&upstream, outgoing(CALL, "{}")).await.to_string();
    assert!(error.contains(ROLE), "{error}");
    assert!(!error.contains(SECRET), "{error}");
    assert_eq!(bedrock.seen().len(), 0);
}
