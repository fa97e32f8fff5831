//! What must work without any feature: as a dev-dependency this is all that is built.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its input must fail"
)]

use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::{Operation, Request, RequestParts};
use bedrock_replay::playback::Scope;
use bedrock_replay::{Cassette, Mode};

#[test]
fn a_request_is_read_without_its_secrets() {
    let request = Request::read(RequestParts {
        method: "POST",
        path_and_query: "/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse",
        host: "bedrock-runtime.eu-west-1.amazonaws.com",
        headers: vec![
            ("authorization", "Bearer abc"),
            ("x-amzn-bedrock-trace", "ENABLED"),
        ],
        body: r#"{"messages":[]}"#.into(),
    })
    .unwrap();
    assert_eq!(request.target.operation(), Operation::Converse);
    assert!(!format!("{request:?}").contains("abc"));
}

#[tokio::test]
async fn a_scope_ends_with_its_future() {
    let inside = Scope::new("dialogue/7")
        .enter(async { Scope::current() })
        .await;
    assert_eq!(inside.name(), "dialogue/7");
    assert_eq!(Scope::current(), Scope::default());
}

fn tutor(path: &str, mode: Mode) -> Cassette {
    let options = Cassette::options(path).mode(mode);
    options.environment(Environment::default()).open().unwrap()
}

#[tokio::test]
async fn a_cassette_replays() {
    let cassette = tutor("tests/cassettes/tutor.sqlite", Mode::Replay);
    let client = cassette.client().await.unwrap();
    let claim = ContentBlock::Text("Freedom means doing whatever I want.".into());
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(claim);
    let call = client
        .converse()
        .model_id("anthropic.claude-3-5-haiku-20241022-v1:0");
    let reply = call
        .messages(message.build().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(reply.stop_reason().as_str(), "end_turn");
    assert_eq!(cassette.finish().unwrap().replayed, 1);
}

#[cfg(not(feature = "live"))]
#[tokio::test]
async fn a_recording_asks_for_the_feature_that_can_send() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.sqlite");
    let cassette = tutor(path.to_str().unwrap(), Mode::RecordMissing);
    let error = cassette.client().await.unwrap_err().to_string();
    assert!(error.contains("enable the feature `live`"), "{error}");
}

#[cfg(not(feature = "live"))]
#[tokio::test]
async fn a_cassette_that_is_to_be_recorded_asks_for_the_feature_that_can_send() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let refused = |mode: Mode| {
        let options = Cassette::options(&path).mode(mode);
        let opened = options.environment(Environment::default()).open();
        opened.unwrap_err().to_string()
    };
    let missing = refused(Mode::Replay);
    std::fs::write(&path, "").unwrap();
    for (text, why) in [
        (missing, "there is no such file"),
        (refused(Mode::Replay), "the file is empty"),
    ] {
        assert!(text.contains(why), "{text}");
        assert!(
            text.contains("BEDROCK_REPLAY_MODE=record-missing"),
            "{text}"
        );
        assert!(text.contains("feature `live`"), "{text}");
    }
}

#[cfg(not(feature = "live"))]
#[tokio::test]
async fn a_cassette_without_an_exchange_says_that_nothing_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let path = path.to_str().unwrap();
    drop(tutor(path, Mode::RecordMissing));
    let client = tutor(path, Mode::Replay).client().await.unwrap();
    let error = client.converse().model_id("m").send().await.unwrap_err();
    let miss = bedrock_replay::ReplayMiss::find(&error)
        .unwrap()
        .to_string();
    assert!(miss.contains("(0 exchanges, nothing recorded)"), "{miss}");
    assert!(miss.contains("no Converse is recorded here"), "{miss}");
    assert!(
        miss.contains("BEDROCK_REPLAY_MODE=record-missing"),
        "{miss}"
    );
}
