//! Prompts that are never the same twice: without a rule they miss, the miss names the rule,
//! and with the rule they replay.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::SystemContentBlock;
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::{MissReason, Unused};
use bedrock_replay::redaction::{Redaction, Rule};
use bedrock_replay::{Cassette, Mode, ReplayMiss};

use crate::lab::{HAIKU, config, converse_answer, impatient, response, upstream, user};

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("a.sqlite")
    }

    fn open(&self, mode: Mode, redaction: &Redaction) -> Cassette {
        let options = Cassette::options(self.path())
            .mode(mode)
            .unused(Unused::Error);
        let options = options.redaction(redaction.clone());
        options.environment(Environment::default()).open().unwrap()
    }

    /// Records one run and replays another.
    async fn record_then_replay(
        &self,
        redaction: &Redaction,
        first: &str,
        second: &str,
    ) -> Result<(), ReplayMiss> {
        let cassette = self.open(Mode::RecordAll, redaction);
        ask(&client(&cassette, echo()), first).await.unwrap();
        cassette.finish().unwrap();
        let cassette = self.open(Mode::Replay, redaction);
        let asked = ask(&client(&cassette, echo()), second).await;
        if asked.is_ok() {
            assert_eq!(cassette.finish().unwrap().replayed, 1);
        } else {
            // The test goes on with the miss; what is unused follows from it.
            cassette.finish().unwrap_err();
        }
        asked
    }
}

fn echo() -> SharedHttpClient {
    upstream(|_| HttpConnectorFuture::ready(Ok(response(200, &[], converse_answer("hello")))))
}

fn client(cassette: &Cassette, inner: SharedHttpClient) -> Client {
    let config = impatient(config()).endpoint_url("http://127.0.0.1:1");
    Client::from_conf(cassette.configure(config, inner).build())
}

async fn ask(client: &Client, system: &str) -> Result<(), ReplayMiss> {
    let call = client.converse().model_id(HAIKU).messages(user("Hello"));
    let call = call.system(SystemContentBlock::Text(system.to_owned()));
    match call.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(ReplayMiss::find(&error).unwrap().clone()),
    }
}

/// The rules that a miss suggests, as its own value gives them.
fn suggested(miss: &ReplayMiss) -> Redaction {
    let MissReason::Differs { difference, .. } = &miss.reason else {
        panic!("nothing comes near: {miss}")
    };
    let suggestions = difference.volatile().unwrap();
    suggestions
        .iter()
        .map(|suggestion| Rule::suggested(suggestion).unwrap())
        .collect()
}

#[tokio::test]
async fn a_fresh_id_or_date_misses_until_the_suggested_rule_is_taken() {
    for (rule, first, second) in [
        (
            "uuids",
            "Session 9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d. You are a tutor.",
            "Session 0b1c7e52-93d4-4c1a-b7aa-55d0f3a9c6e1. You are a tutor.",
        ),
        (
            "iso-dates",
            "It is 2026-11-22T16:08:14Z. You are a tutor.",
            "It is 2026-11-23T07:30:02Z. You are a tutor.",
        ),
        (
            "written-dates",
            "Today is November 22, 2026. You are a tutor.",
            "Today is December 3, 2026. You are a tutor.",
        ),
    ] {
        let desk = Desk::new();
        let none = Redaction::new();
        let miss = desk
            .record_then_replay(&none, first, second)
            .await
            .unwrap_err();
        let text = miss.to_string();
        assert!(text.contains("hint") && text.contains(rule), "{text}");
        let redaction = suggested(&miss);
        // Keys change with the rules, so the cassette is recorded anew.
        let desk = Desk::new();
        desk.record_then_replay(&redaction, first, second)
            .await
            .unwrap();
        let other = second.replace("a tutor", "a judge");
        let miss = desk
            .record_then_replay(&redaction, first, &other)
            .await
            .unwrap_err();
        assert!(!miss.to_string().contains("hint"), "{miss}");
    }
}

#[tokio::test]
async fn several_volatile_parts_are_suggested_together() {
    let first = "Run 9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d of 2026-11-22.";
    let second = "Run 0b1c7e52-93d4-4c1a-b7aa-55d0f3a9c6e1 of 2026-12-01.";
    let desk = Desk::new();
    let miss = desk
        .record_then_replay(&Redaction::new(), first, second)
        .await
        .unwrap_err();
    let text = miss.to_string();
    assert!(
        text.contains("uuids") && text.contains("iso-dates"),
        "{text}"
    );
    let desk = Desk::new();
    desk.record_then_replay(&suggested(&miss), first, second)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_miss_of_a_long_prompt_is_short_and_shows_where_it_differs() {
    let filler = "Never give the answer away. ".repeat(1_800);
    let prompt = |middle: &str| format!("{filler}{middle} {filler}");
    assert!(prompt("").len() > 100_000);
    let desk = Desk::new();
    let (first, second) = (
        prompt("Ask one question at a time."),
        prompt("Ask two questions at a time."),
    );
    let miss = desk
        .record_then_replay(&Redaction::new(), &first, &second)
        .await
        .unwrap_err();
    let text = miss.to_string();
    assert!(text.len() < 2_000, "{} bytes\n{text}", text.len());
    assert!(text.contains("/system/0/text"), "{text}");
    assert!(
        text.contains("one question") && text.contains("two questions"),
        "{text}"
    );

    let id = |id: &str| prompt(&format!("Session {id}."));
    let first = id("9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d");
    let second = id("0b1c7e52-93d4-4c1a-b7aa-55d0f3a9c6e1");
    let desk = Desk::new();
    let miss = desk
        .record_then_replay(&Redaction::new(), &first, &second)
        .await
        .unwrap_err();
    let text = miss.to_string();
    assert!(text.len() < 2_000 && text.contains("uuids"), "{text}");
    let desk = Desk::new();
    desk.record_then_replay(&suggested(&miss), &first, &second)
        .await
        .unwrap();
}

/// A scope, a path and a model may be as long as a user likes; the message is not.
#[tokio::test]
async fn no_part_of_a_request_makes_a_miss_long() {
    let desk = Desk::new();
    let long = "x".repeat(50_000);
    desk.record_then_replay(&Redaction::new(), "one", "one")
        .await
        .unwrap();
    let cassette = desk.open(Mode::Replay, &Redaction::new());
    let client = client(&cassette, echo());
    let call = client.converse().model_id(&long).messages(user(&long));
    let error = cassette.scope(&long, call.send()).await.unwrap_err();
    let text = ReplayMiss::find(&error).unwrap().to_string();
    assert!(text.len() < 2_000, "{} bytes", text.len());
    cassette.finish().unwrap_err();
}
