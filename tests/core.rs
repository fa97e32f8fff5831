//! What must work without any feature: as a dev-dependency this is all that is built.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its input must fail"
)]

use bedrock_replay::exchange::{Operation, Request, RequestParts};
use bedrock_replay::playback::Scope;

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
