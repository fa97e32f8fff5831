//! A run stays under its account's quotas, on a clock that only the waiting moves.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bedrock_replay::bench::{Model, Outcome, Plan, Run};
use bedrock_replay::environment::Environment;
use bedrock_replay::retry::RetryPolicy;
use bedrock_replay::{Cassette, Mode};
use tokio::time::Instant;

use super::bench_stand_in::plan;
use super::busy_bedrock::{BusyBedrock, TokioClock};

const SCRIPTED: [&str; 5] = [
    "EL-CIV-FREE-HARM-01",
    "EL-ETH-PROMISE-RAIN-01",
    "MA-MAT-ODD-SUM-01",
    "APO-PHY-HEAT-TEMP-01",
    "APO-BIO-GIRAFFE-NECK-01",
];
const MODELS: [&str; 5] = [
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "anthropic.claude-3-opus-20240229-v1:0",
    "anthropic.claude-3-5-haiku-20241022-v1:0",
    "meta.llama3-1-70b-instruct-v1:0",
    "mistral.mistral-large-2407-v1:0",
];

/// 5 models × 5 scenarios × 5 turns, each turn judged: 250 calls for each sample.
fn plan_of(samples: u32) -> Plan {
    let mut plan = plan(&[], &SCRIPTED);
    let model = |(number, id): (usize, &&str)| Model {
        id: (*id).to_owned(),
        name: format!("model-{number}"),
        ..plan.models[0].clone()
    };
    plan.models = MODELS.iter().enumerate().map(model).collect();
    plan.samples = samples;
    plan
}

fn passing_by() -> (tempfile::TempDir, Cassette) {
    let folder = tempfile::tempdir().unwrap();
    let cassette = Cassette::options(folder.path().join("none.sqlite"))
        .mode(Mode::Passthrough)
        .environment(Environment::default())
        .open()
        .unwrap();
    (folder, cassette)
}

async fn run(bedrock: &BusyBedrock, samples: u32, tries: RetryPolicy) -> Outcome {
    let (_folder, cassette) = passing_by();
    Run::new(plan_of(samples), bedrock.client(&cassette))
        .concurrency(NonZeroUsize::new(100).unwrap())
        .retry(tries)
        .jitter(Arc::new(|| 1.0))
        .quotas(Arc::new(TokioClock::new()))
        .execute()
        .await
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_are_never_throttled_and_take_a_tenth_more_than_the_ideal_at_most() {
    let bedrock = BusyBedrock::with_quotas_over(1);
    let began = Instant::now();
    let outcome = run(&bedrock, 4, RetryPolicy::never()).await;
    let (took, ideal) = (began.elapsed(), bedrock.ideal());
    assert!(outcome.failures().is_empty(), "{:?}", outcome.failures());
    assert_eq!((bedrock.answered(), bedrock.throttled()), (1_000, 0));
    assert!(ideal > Duration::from_secs(170), "{ideal:?}");
    assert!(took < ideal.mul_f64(1.1), "{took:?}, ideally {ideal:?}");
}

#[tokio::test(start_paused = true)]
async fn an_account_with_less_than_the_registry_says_is_asked_more_slowly_until_all_is_answered() {
    let bedrock = BusyBedrock::with_quotas_over(2);
    let outcome = run(&bedrock, 1, RetryPolicy::default()).await;
    assert!(outcome.failures().is_empty(), "{:?}", outcome.failures());
    assert_eq!(bedrock.answered(), 250);
    let throttled = bedrock.throttled();
    assert!(throttled > 0 && throttled < 40, "{throttled}");
}
