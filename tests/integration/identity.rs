//! When two requests are the same: what counts, and what only travels along.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};

use bedrock_replay::identity::{Difference, MatchOn, RequestKey};

use crate::identity_written::{Written, rust};

#[test]
fn the_canonical_form_of_version_1_stays_as_it_is() {
    let form = |name| {
        let canonical = Written::fixture(name).canonical();
        format!("{canonical}\nkey {}", canonical.key())
    };
    insta::assert_snapshot!("canonical_converse", form("converse.boto3.http"));
    insta::assert_snapshot!("canonical_invoke", form("invoke.boto3.http"));
}

#[test]
fn whatever_can_change_the_answer_has_another_key() {
    let header = |name: &str, value: &str| {
        let mut written = rust();
        written.headers.push((name.into(), value.into()));
        written
    };
    let path = |old: &str, new: &str| {
        let mut written = rust();
        written.path = written.path.replace(old, new);
        written
    };
    let changed = [
        (
            "system prompt",
            rust().with("one question", "one open question"),
        ),
        ("temperature", rust().with("0.699999988079071", "0.6")),
        ("top p", rust().with("0.8999999761581421", "0.95")),
        ("max tokens", rust().with("512", "513")),
        (
            "tool schema",
            rust().with("\"maximum\":10.0", "\"maximum\":5"),
        ),
        ("tool description", rust().with("Grades an", "Grade the")),
        ("earlier turn", rust().with("mean here?", "mean to you?")),
        ("roles", rust().with("\"assistant\"", "\"user\"")),
        (
            "guardrail version in the body",
            rust().with("\"guardrailVersion\":\"1\"", "\"guardrailVersion\":\"2\""),
        ),
        (
            "an empty member",
            rust().with(
                "\"topP\":0.8999999761581421",
                "\"topP\":0.9,\"stopSequences\":[]",
            ),
        ),
        ("model", path("claude-3-5-haiku", "claude-3-haiku")),
        ("operation", path("/converse", "/converse-stream")),
        (
            "guardrail",
            header("X-Amzn-Bedrock-GuardrailIdentifier", "abc"),
        ),
        (
            "guardrail version",
            header("X-Amzn-Bedrock-GuardrailVersion", "1"),
        ),
        ("trace", header("X-Amzn-Bedrock-Trace", "ENABLED")),
        (
            "latency",
            header("X-Amzn-Bedrock-PerformanceConfig-Latency", "optimized"),
        ),
        (
            "service tier",
            header("X-Amzn-Bedrock-Service-Tier", "flex"),
        ),
    ];
    let mut keys = BTreeMap::from([(rust().key(), "unchanged")]);
    for (what, written) in changed {
        let known = keys.insert(written.key(), what);
        assert_eq!(known, None, "{what} has a key that is taken");
    }
}

#[test]
fn whatever_only_travels_along_has_the_same_key() {
    let header = |name: &str, value: &str| {
        let mut written = rust();
        written
            .headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        written.headers.push((name.into(), value.into()));
        written
    };
    let unchanged = [
        (
            "content type",
            header("Content-Type", "application/octet-stream"),
        ),
        ("accept", header("Accept", "*/*")),
        ("authorization", header("Authorization", "Bearer secret")),
        ("token", header("X-Amz-Security-Token", "secret")),
        ("date", header("X-Amz-Date", "20270101T000000Z")),
        ("attempt", header("amz-sdk-request", "attempt=2; max=3")),
        ("unknown header", header("x-made-up", "1")),
        ("metadata", rust().with("0b1f", "ffff")),
        (
            "metadata header",
            header("X-Amzn-Bedrock-RequestMetadata", "{}"),
        ),
        ("whole numbers", rust().with("512", "512.0")),
        (
            "exponents",
            rust().with("\"maximum\":10.0", "\"maximum\":1e1"),
        ),
        ("a shorter f32", rust().with("0.699999988079071", "0.7")),
    ];
    for (what, written) in unchanged {
        assert_eq!(
            written.canonical().to_string(),
            rust().canonical().to_string(),
            "{what}"
        );
    }
}

#[test]
fn only_the_two_f32_members_are_rounded() {
    let schema = |maximum| rust().with("\"maximum\":10.0", &format!("\"maximum\":{maximum}"));
    assert_ne!(schema("0.1").key(), schema("0.10000000149011612").key());
    assert_ne!(schema("0.1").key(), schema("0.10000000000000000001").key());
    assert_eq!(schema("0.1").key(), schema("1.0e-1").key());
    let invoke = |temperature| {
        Written::fixture("invoke.rust.http").with(
            "\"temperature\":0.0",
            &format!("\"temperature\":{temperature}"),
        )
    };
    assert_ne!(invoke("0.7").key(), invoke("0.699999988079071").key());
}

#[test]
fn metadata_counts_where_it_is_chosen() {
    let rules = MatchOn::new().with_request_metadata();
    let key = |written: &Written| RequestKey::of(&written.read(), &rules);
    assert_ne!(key(&rust()), key(&rust().with("0b1f", "ffff")));
    let swapped = rust().with(
        r#"{"run":"0b1f","turn":"3"}"#,
        r#"{"turn":"3", "run":"0b1f"}"#,
    );
    assert_eq!(key(&rust()), key(&swapped));
}

#[test]
fn bodies_that_are_no_json_are_equal_by_their_bytes() {
    let key = |body: &[u8]| {
        let mut written = Written::fixture("invoke.rust.http");
        written.body = body.to_vec();
        written.key()
    };
    let whole = Written::fixture("invoke.rust.http").body;
    let cut = &whole[..whole.len() - 1];
    assert_eq!(key(cut), key(cut));
    let different: BTreeSet<RequestKey> = [
        key(&whole),
        key(cut),
        key(&[cut, b" "].concat()),
        key(b""),
        key(b"{}"),
        key(b"\"\""),
        key(b"\xff"),
        key(b"\xfe"),
    ]
    .into();
    assert_eq!(different.len(), 8);
}

#[test]
fn a_long_prompt_that_differs_in_one_word_is_shown_by_that_word() {
    let rules = "Be kind and wait. ".repeat(7_000);
    let long = || rust().with("You are", &format!("{rules}You are"));
    let asked = long().with(
        "Ask one question at a time.",
        "Ask exactly one open question.",
    );
    let difference = Difference::between(&long().canonical(), &asked.canonical());
    insta::assert_snapshot!(difference);
}
