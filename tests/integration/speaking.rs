//! How a dialogue is asked for: whole or streamed, with or without a prompt cache, in the form
//! that each model takes.

use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::bench::{
    Expenses, Heard, Listener, Outcome, Plan, Run, Speaking, StudentTurn, Surveyor, Transcript,
    TutorTurn, Uncached,
};
use bedrock_replay::clock::SystemClock;
use bedrock_replay::pricing::{PriceBook, Tier};
use bedrock_replay::registry::{CacheLifetime, Registry, SystemPrompt};
use bedrock_replay::report::{Conversation, Format as _, Json, Report};
use bedrock_replay::retry::RetryPolicy;
use bedrock_replay::{Cassette, Mode};
use serde_json::{Value, json};

use super::bench_stand_in::{Asked, Reply, StandIn, copy, plan, project, said, stopped, well};
use super::lab::{Lab, config, converse_frames, response, upstream};

const HAIKU: &str = "claude-3-5-haiku";
const HAIKU_ID: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
const LLAMA: &str = "llama-3-1-70b";
const SCRIPTED: &str = "APO-PHY-HEAT-TEMP-01";
const PLAYED: &str = "APO-STA-COIN-DUE-01";

type Told = Arc<Mutex<String>>;

/// A listener that writes down what it hears.
fn ear() -> (Told, Listener) {
    let told = Told::default();
    let listener: Listener = {
        let told = Arc::clone(&told);
        Arc::new(move |_, heard| {
            let mut told = told.lock().unwrap();
            match heard {
                Heard::Student(text) | Heard::Tutor(text) => told.push_str(text),
                Heard::BrokenOff => told.push_str("[broken off]"),
                Heard::TurnEnded | Heard::Ended => told.push('\n'),
            }
        })
    };
    (told, listener)
}

async fn run(cassette: &Cassette, plan: Plan, listener: Option<Listener>) -> Outcome {
    let client = cassette.client().await.unwrap();
    let run = Run::new(plan, client).retry(RetryPolicy::never());
    match listener {
        Some(listener) => run.listener(listener),
        None => run,
    }
    .execute()
    .await
}

fn json(outcome: &Outcome) -> String {
    let report = Report {
        outcome: outcome.clone(),
        provenance: Vec::new(),
    };
    Json.render(&report).unwrap()
}

#[tokio::test]
async fn what_was_streamed_is_no_answer_at_once_and_the_miss_says_so() {
    let lab = Lab::new("").await;
    let both = || plan(&[HAIKU], &[SCRIPTED]);
    let recording = lab.open(Mode::RecordMissing);
    let (_, listener) = ear();
    let streamed = run(&recording, both(), Some(listener)).await;
    assert!(streamed.failures().is_empty(), "{:?}", streamed.failures());
    recording.finish().unwrap();
    let replayed = run(&lab.open(Mode::Replay), both(), None).await;
    let (_, missed) = replayed.first_failure().unwrap();
    let text = missed.to_string();
    let told = "recorded  this very request as ConverseStream, in this scope";
    assert!(text.contains(told), "{text}");
    let hint = "ask for it as a stream, by ConverseStream";
    assert!(text.contains(hint), "{text}");
    let prices = PriceBook::shipped().unwrap();
    let own = both();
    let path = lab.path();
    let surveyor = Surveyor {
        plan: &own,
        cassette: &path,
        prices: &prices,
        today: jiff::civil::date(2026, 11, 22),
        region: None,
        tier: Tier::OnDemand,
        speaking: Speaking::AtOnce,
        since: None,
        concurrency: std::num::NonZeroUsize::MIN,
    };
    let survey = surveyor.survey().await.unwrap();
    let causes: Vec<&str> = survey.causes.iter().map(|cause| &*cause.what).collect();
    assert_eq!(
        causes,
        ["recorded as ConverseStream: replayed with --stream"]
    );
}

#[tokio::test]
async fn a_streamed_dialogue_has_the_transcript_of_one_that_is_not() {
    let lab = Lab::new("").await;
    let cassette = lab.open(Mode::Passthrough);
    let both = || plan(&[HAIKU], &[SCRIPTED, PLAYED]);
    let whole = run(&cassette, both(), None).await;
    let (told, listener) = ear();
    let streamed = run(&cassette, both(), Some(listener)).await;
    assert!(whole.failures().is_empty(), "{:?}", whole.failures());
    // The service's own measure of its time is that of each call.
    let timeless = |outcome: &Outcome| {
        let lines = json(outcome);
        let lines = lines.lines().filter(|line| !line.contains("latency_ms"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(timeless(&whole), timeless(&streamed));
    let told = told.lock().unwrap();
    for turn in streamed.transcripts.iter().flat_map(|own| &own.turns) {
        assert!(told.contains(turn.student.text().unwrap()));
        assert!(told.contains(&turn.answer().unwrap().text));
    }
}

#[tokio::test]
async fn a_streamed_run_replays_as_it_was() {
    let mut lab = Lab::new("").await;
    let cassette = lab.open(Mode::RecordAll);
    let live = run(&cassette, plan(&[HAIKU], &[PLAYED]), Some(ear().1)).await;
    cassette.finish().unwrap();
    lab.unplug().await;
    let cassette = lab.open(Mode::Replay);
    let replayed = run(&cassette, plan(&[HAIKU], &[PLAYED]), Some(ear().1)).await;
    assert_eq!(json(&live), json(&replayed));
}

#[tokio::test]
async fn a_cut_or_broken_stream_is_an_error_and_never_an_answer() {
    for (fault, failure) in [
        ("cut=4", "stream cut"),
        ("reset=4", "stream cut"),
        ("bad-crc=3", "stream cut"),
        (
            "error=ModelStreamErrorException@4",
            "ModelStreamErrorException",
        ),
        ("error=ThrottlingException@4", "ThrottlingException"),
    ] {
        let mut lab = Lab::new(fault).await;
        let cassette = lab.open(Mode::RecordAll);
        let outcome = run(&cassette, plan(&[HAIKU], &[SCRIPTED]), Some(ear().1)).await;
        cassette.finish().unwrap();
        assert_eq!(
            outcome.failures().get(failure),
            Some(&1),
            "{fault}: {:?}",
            outcome.failures()
        );
        assert!(matches!(
            outcome.transcripts[0].turns[0].tutor,
            TutorTurn::Failed { .. }
        ));

        lab.unplug().await;
        let cassette = lab.open(Mode::Replay);
        let again = run(&cassette, plan(&[HAIKU], &[SCRIPTED]), Some(ear().1)).await;
        assert_eq!(again.failures(), outcome.failures(), "{fault}");
    }
}

#[tokio::test]
async fn a_stream_that_broke_off_is_asked_for_again() {
    let lab = Lab::new("cut=4; times=1").await;
    let cassette = lab.open(Mode::RecordAll);
    let (told, listener) = ear();
    let client = cassette.client().await.unwrap();
    let policy = RetryPolicy {
        backoff: "0".parse().unwrap(),
        ..RetryPolicy::default()
    };
    let run = Run::new(plan(&[HAIKU], &[SCRIPTED]), client).retry(policy);
    let outcome = run.listener(listener).execute().await;
    assert!(outcome.failures().is_empty(), "{:?}", outcome.failures());
    cassette.finish().unwrap();
    assert_eq!(told.lock().unwrap().matches("[broken off]").count(), 5);
    let attempts = |found: &bedrock_replay::cassette::StoredExchange| found.exchange.attempts.len();
    let most = lab.stored().iter().map(attempts).max();
    assert_eq!(most, Some(2));
}

#[tokio::test]
async fn of_a_call_that_said_nothing_nothing_breaks_off() {
    for (fault, failure) in [
        ("none", "replay miss"),
        ("error=ThrottlingException", "ThrottlingException"),
    ] {
        let lab = Lab::new(fault).await;
        let mode = match failure {
            "replay miss" => {
                lab.open(Mode::RecordMissing).finish().unwrap();
                Mode::Replay
            }
            _ => Mode::Passthrough,
        };
        let (told, listener) = ear();
        let outcome = run(&lab.open(mode), plan(&[HAIKU], &[SCRIPTED]), Some(listener)).await;
        assert_eq!(outcome.failures()[failure], 1);
        let told = told.lock().unwrap();
        assert!(!told.contains("[broken off]"), "{failure}: {told}");
    }
}

/// A stream whose last frame, the metadata, never comes, ended in good order.
#[tokio::test]
async fn a_stream_without_its_metadata_is_cut() {
    let http = upstream(|_: HttpRequest| {
        let mut frames = converse_frames(&["What ", "for?"]);
        frames.pop();
        let headers = [("content-type", "application/vnd.amazon.eventstream")];
        let answer = response(200, &headers, SdkBody::from(frames.concat()));
        HttpConnectorFuture::ready(Ok(answer))
    });
    let client = Client::from_conf(config().http_client(http).build());
    let run = Run::new(plan(&[HAIKU], &[SCRIPTED]), client).retry(RetryPolicy::never());
    let outcome = run.listener(ear().1).execute().await;
    assert_eq!(outcome.failures()["stream cut"], 1);
}

/// The first request's body, asked of a plan that was changed.
async fn first_body(model: &str, change: impl FnOnce(&mut Plan)) -> Value {
    let stand_in = StandIn::new(well);
    let mut plan = plan(&[model], &[SCRIPTED]);
    change(&mut plan);
    Run::new(plan, stand_in.client()).execute().await;
    stand_in.asked()[0].body.clone()
}

#[tokio::test]
async fn the_prompt_cache_is_asked_for_only_where_the_model_has_one() {
    let point = json!({"cachePoint": {"type": "default"}});
    let five_minutes = Some(CacheLifetime::FiveMinutes);
    let cached = first_body(HAIKU, |plan| plan.prompt_cache = five_minutes).await;
    assert_eq!(cached["system"][1], point);
    assert_eq!(cached["system"].as_array().unwrap().len(), 2);
    let plain = first_body(HAIKU, |_| {}).await;
    assert_eq!(plain["system"].as_array().unwrap().len(), 1);
    let other = first_body(LLAMA, |plan| plan.prompt_cache = five_minutes).await;
    assert_eq!(other["system"].as_array().unwrap().len(), 1);
}

/// A plan whose Haiku keeps prompts for these lifetimes, and from so many tokens on.
fn caching_plan(cache: &str) -> (tempfile::TempDir, Plan) {
    let folder = tempfile::tempdir().unwrap();
    copy(&project("scenarios"), folder.path());
    let models = folder.path().join("models.toml");
    let text = std::fs::read_to_string(&models).unwrap();
    let shipped = "{ minimum_tokens = 2048, lifetimes = [\"5m\"] }";
    assert!(text.contains(shipped));
    std::fs::write(&models, text.replace(shipped, cache)).unwrap();
    let plan = Plan::load(&folder.path().join("weekly.toml")).unwrap();
    let plan = plan.select(&[HAIKU.to_owned()], &[SCRIPTED.to_owned()]);
    (folder, plan.unwrap())
}

#[tokio::test]
async fn a_prompt_is_kept_for_an_hour_where_the_model_can_and_else_for_less() {
    for (lifetimes, ttl) in [("\"5m\", \"1h\"", json!("1h")), ("\"5m\"", Value::Null)] {
        let (_folder, mut plan) = caching_plan(&format!("{{ lifetimes = [{lifetimes}] }}"));
        plan.prompt_cache = Some(CacheLifetime::OneHour);
        let told: Vec<String> = plan.uncached().iter().map(ToString::to_string).collect();
        match ttl {
            Value::Null => assert_eq!(
                told,
                [format!("{HAIKU_ID} keeps a cached prompt for 5m only")]
            ),
            _ => assert!(told.is_empty(), "{told:?}"),
        }
        let stand_in = StandIn::new(well);
        Run::new(plan, stand_in.client()).execute().await;
        let body = stand_in.asked()[0].body.clone();
        assert_eq!(body["system"][1]["cachePoint"]["ttl"], ttl, "{body}");
    }
}

#[test]
fn a_prompt_that_is_too_short_for_the_cache_is_told() {
    let (_folder, mut plan) = caching_plan("{ minimum_tokens = 2048, lifetimes = [\"5m\"] }");
    assert!(plan.uncached().is_empty(), "nobody asked for it");
    plan.prompt_cache = Some(CacheLifetime::FiveMinutes);
    let told = plan.uncached();
    let [
        Uncached::TooShort {
            model,
            tokens,
            minimum: 2048,
        },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!(model, HAIKU_ID);
    assert!((50..2048).contains(tokens), "{tokens}");
    let (_folder, mut plan) = caching_plan("{ minimum_tokens = 10, lifetimes = [\"5m\"] }");
    plan.prompt_cache = Some(CacheLifetime::FiveMinutes);
    assert!(plan.uncached().is_empty());
}

#[tokio::test]
async fn tokens_of_the_prompt_cache_are_kept_and_summed() {
    let stand_in = StandIn::new(|asked| match (asked.is_judge(), said("And why?")) {
        (false, Reply::Body(mut body)) => {
            body["usage"]["cacheReadInputTokens"] = 900.into();
            body["usage"]["cacheWriteInputTokens"] = 7.into();
            body["usage"]["cacheDetails"] = json!([
                { "ttl": "1h", "inputTokens": 5 },
                { "ttl": "5m", "inputTokens": 2 },
            ]);
            Reply::Body(body)
        }
        _ => well(asked),
    });
    let plan = plan(&[HAIKU], &[SCRIPTED]);
    let folder = tempfile::tempdir().unwrap();
    let prices = folder.path().join("prices.toml");
    let row = "region = \"us-east-1\", from = 2026-01-01, source = \"test\"";
    // A million times a token, so that a sum is read off: 50 × 1 + 20 × 0 + 10 × 100 + 25 × 1000.
    let table = format!(
        "prices = [{{ model = \"{HAIKU_ID}\", input = 1000000, output = 0, cache_read = 0, \
         cache_write = 100000000, cache_write_1h = 1000000000, {row} }}]"
    );
    std::fs::write(&prices, table).unwrap();
    let book = PriceBook::load(&prices).unwrap();
    let expenses = Expenses::new(
        book,
        plan.registry.clone(),
        None,
        Arc::new(SystemClock::new()),
    );
    let run = Run::new(plan, stand_in.client()).expenses(expenses.clone());
    let sum = run.execute().await.summaries()[0].tutor_tokens.sum;
    assert_eq!(
        (
            sum.cache_read,
            sum.cache_write,
            sum.cache_write_1h,
            sum.input
        ),
        (4_500, 10, 25, 50)
    );
    let paid = expenses.by_model()[HAIKU].paid;
    assert_eq!((paid.priced, paid.unpriced), (10, 0));
    let judge = paid.amount.to_string();
    assert!(judge.starts_with("$26050.0"), "{judge}");
}

#[tokio::test]
async fn a_model_that_takes_no_system_prompt_hears_it_first_from_the_user() {
    let titan = "amazon.titan-text-premier-v1:0";
    let quirks = Registry::shipped().unwrap().quirks(titan).system;
    assert_eq!(quirks, SystemPrompt::Inlined);
    let body = first_body(HAIKU, |plan| plan.models[0].id = titan.to_owned()).await;
    assert!(body.get("system").is_none());
    let content = body["messages"][0]["content"].as_array().unwrap();
    assert_eq!(content.len(), 2);
    let separate = first_body(HAIKU, |_| {}).await;
    assert_eq!(content[0], separate["system"][0]);
    assert_eq!(content[1], separate["messages"][0]["content"][0]);
}

#[tokio::test]
async fn a_model_that_refuses_a_temperature_is_sent_none_as_tutor_and_as_judge() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("models.toml");
    let row = |id: &str| {
        format!(
            "[[models]]\nid = \"{id}\"\nname = \"{id}\"\nlabel = \"{id}\"\nprovider = \"Acme\"\n\n\
             [models.quirks]\nsampling = \"omitted\"\ninvoke = \"anthropic\"\n\n"
        )
    };
    std::fs::write(&file, row("acme.tutor-v1:0") + &row("acme.judge-v1:0")).unwrap();
    let mut plan = plan(&[HAIKU], &[SCRIPTED]);
    plan.registry = Registry::load(&file).unwrap();
    plan.judge.parameters.top_p = Some(1.into());
    plan.judge.parameters.top_k = Some(5);
    let bodies = async |plan: &Plan| {
        let stand_in = StandIn::new(well);
        Run::new(plan.clone(), stand_in.client()).execute().await;
        let asked = stand_in.asked();
        let of = |is_judge| asked.iter().find(|asked| asked.is_judge() == is_judge);
        (
            of(false).unwrap().body.clone(),
            of(true).unwrap().body.clone(),
        )
    };
    let (tutor, judge) = bodies(&plan).await;
    assert_eq!(tutor["inferenceConfig"]["maxTokens"], 200);
    assert!(tutor["inferenceConfig"]["temperature"].is_number());
    for name in ["temperature", "top_p", "top_k"] {
        assert!(judge[name].is_number(), "{name}");
    }

    plan.models[0].id = "acme.tutor-v1:0".to_owned();
    plan.judge.model = "us.acme.judge-v1:0".to_owned();
    let (tutor, judge) = bodies(&plan).await;
    assert_eq!(tutor["inferenceConfig"], json!({ "maxTokens": 200 }));
    for name in ["temperature", "top_p", "top_k"] {
        assert!(judge.get(name).is_none(), "{name}");
    }
    assert_eq!(judge["max_tokens"], plan.judge.parameters.max_tokens);
}

#[tokio::test]
async fn a_student_who_was_cut_is_marked() {
    let is_student =
        |asked: &Asked| !asked.is_judge() && asked.system().contains("You are the student");
    let stand_in = StandIn::new(move |asked| match is_student(asked) {
        true if asked.turn() == 1 => stopped("Because I saw", "max_tokens"),
        true => said("Yes."),
        false => well(asked),
    });
    let outcome = Run::new(plan(&[LLAMA], &[PLAYED]), stand_in.client())
        .execute()
        .await;
    let students = outcome.transcripts[0]
        .turns
        .iter()
        .map(|turn| &turn.student);
    let cut: Vec<Option<&str>> = students
        .map(|student| match student {
            StudentTurn::Model { cut_by, .. } => cut_by.as_deref(),
            _ => None,
        })
        .collect();
    assert_eq!(cut, [None, Some("max_tokens"), None, None, None]);
    let report = Report {
        outcome,
        provenance: Vec::new(),
    };
    let shown = Conversation.render(&report).unwrap();
    assert_eq!(shown.matches("[cut by max_tokens]").count(), 1);
}

#[tokio::test]
async fn several_samples_of_one_cell_are_dialogues_of_their_own() {
    let mut lab = Lab::new("").await;
    let cassette = lab.open(Mode::RecordAll);
    let samples = || {
        let mut plan = plan(&[HAIKU], &[SCRIPTED]);
        plan.samples = 3;
        plan
    };
    let outcome = run(&cassette, samples(), None).await;
    cassette.finish().unwrap();
    let names: Vec<String> = outcome.transcripts.iter().map(Transcript::name).collect();
    let expected = [0, 1, 2].map(|sample| format!("{SCRIPTED}/{HAIKU}/{sample}"));
    assert_eq!(names, expected);
    assert_eq!(lab.stored().len(), 30);
    lab.unplug().await;
    let cassette = lab.open(Mode::Replay);
    let again = run(&cassette, samples(), None).await;
    assert_eq!(again.transcripts, outcome.transcripts);
}
