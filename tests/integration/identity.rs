//! When two requests are the same, seen on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use aws_sdk_bedrockruntime::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, GuardrailConfiguration, GuardrailTrace, InferenceConfiguration,
    Message, SystemContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolSpecification,
    Trace,
};
use aws_sdk_bedrockruntime::{Client, Config};
use aws_smithy_http_client::test_util::{CaptureRequestReceiver, capture_request};
use aws_smithy_types::{Document, Number};
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use bedrock_replay::exchange::{Request, RequestParts};
use bedrock_replay::identity::{CanonicalRequest, Difference, MatchOn, Place, RequestKey};

use crate::corpus;

const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

/// A request as it stands in a file: request line, headers, an empty line, the body's bytes.
struct Written {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Written {
    fn fixture(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/canonical");
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let mut words = lines.next().unwrap().split(' ');
        Self {
            method: words.next().unwrap().to_owned(),
            path: words.next().unwrap().to_owned(),
            headers: lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: bytes[end + 2..].to_vec(),
        }
    }

    fn read(&self) -> Request {
        let headers = self.headers.iter();
        Request::read(RequestParts {
            method: &self.method,
            path_and_query: &self.path,
            host: "bedrock-runtime.us-east-1.amazonaws.com",
            headers: headers.map(|(name, value)| (&**name, &**value)).collect(),
            body: self.body.clone().into(),
        })
        .unwrap()
    }

    fn canonical(&self) -> CanonicalRequest {
        CanonicalRequest::of(&self.read(), &MatchOn::new())
    }

    fn key(&self) -> RequestKey {
        self.canonical().key()
    }

    /// The same with a text of the body replaced, wherever it stands.
    fn with(mut self, old: &str, new: &str) -> Self {
        let body = String::from_utf8(self.body).unwrap();
        assert!(body.contains(old), "{old} is not in {body}");
        self.body = body.replace(old, new).into_bytes();
        self
    }
}

fn rust() -> Written {
    Written::fixture("converse.rust.http")
}

fn captured() -> (Client, CaptureRequestReceiver) {
    let (http, receiver) = capture_request(None);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .http_client(http)
        .build();
    (Client::from_conf(config), receiver)
}

fn received(receiver: CaptureRequestReceiver) -> Written {
    let request = receiver.expect_request();
    let uri: http::Uri = request.uri().parse().unwrap();
    Written {
        method: request.method().to_owned(),
        path: uri.path_and_query().unwrap().to_string(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: request.body().bytes().unwrap().to_vec(),
    }
}

fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => number.as_u64().map_or_else(
            || Document::Number(Number::Float(number.as_f64().unwrap())),
            |number| Document::Number(Number::PosInt(number)),
        ),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(members) => Document::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), document(value)))
                .collect(),
        ),
    }
}

fn said(role: ConversationRole, text: &str) -> Message {
    Message::builder()
        .role(role)
        .content(ContentBlock::Text(text.to_owned()))
        .build()
        .unwrap()
}

fn grade() -> ToolConfiguration {
    let schema = json!({
        "type": "object",
        "properties": {
            "score": {"type": "number", "minimum": 0, "maximum": 10.0},
            "reason": {"type": "string", "description": "why, in « one » sentence"},
        },
        "required": ["score"],
    });
    let grade = ToolSpecification::builder()
        .name("grade")
        .description("Grades an answer.")
        .input_schema(ToolInputSchema::Json(document(&schema)))
        .build()
        .unwrap();
    ToolConfiguration::builder()
        .tools(Tool::ToolSpec(grade))
        .build()
        .unwrap()
}

async fn converse_by_the_real_sdk() -> Written {
    let (client, receiver) = captured();
    let sent = client
        .converse()
        .model_id(HAIKU)
        .messages(said(
            ConversationRole::User,
            "Is it ever right to lie to a friend?",
        ))
        .messages(said(
            ConversationRole::Assistant,
            "What would \"right\" mean here?",
        ))
        .messages(said(
            ConversationRole::User,
            "That nobody is hurt / 誰も傷つかない\t(I think).",
        ))
        .system(SystemContentBlock::Text(
            "You are a Socratic tutor. Ask one question at a time.\nNever lecture – ask. 🦉".into(),
        ))
        .inference_config(
            InferenceConfiguration::builder()
                .max_tokens(512)
                .temperature(0.7)
                .top_p(0.9)
                .build(),
        )
        .tool_config(grade())
        .guardrail_config(
            GuardrailConfiguration::builder()
                .guardrail_identifier("abc123def456")
                .guardrail_version("1")
                .trace(GuardrailTrace::Enabled)
                .build(),
        )
        .request_metadata("run", "another")
        .send()
        .await;
    // What answers is an empty body: only what was sent matters.
    drop(sent);
    received(receiver)
}

async fn invoke_by_the_real_sdk() -> Written {
    let (client, receiver) = captured();
    let sent = client
        .invoke_model()
        .model_id(
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-5-haiku-20241022-v1:0",
        )
        .guardrail_identifier("abc123def456")
        .guardrail_version("DRAFT")
        .trace(Trace::Enabled)
        .body(Blob::new(
            r#"{"temperature":0,"max_tokens":256,"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":"Grade: «why?»"}]}"#,
        ))
        .send()
        .await;
    drop(sent);
    received(receiver)
}

#[tokio::test]
async fn one_converse_call_written_by_four_sdks_has_one_key() {
    let key = rust().key();
    assert_eq!(Written::fixture("converse.boto3.http").key(), key);
    assert_eq!(Written::fixture("converse.javascript.http").key(), key);
    let real = converse_by_the_real_sdk().await;
    assert!(
        String::from_utf8_lossy(&real.body).contains("0.699999988079071"),
        "the SDK widens no more; the rule for f32 members needs another look"
    );
    assert_eq!(real.canonical().to_string(), rust().canonical().to_string());
}

#[tokio::test]
async fn one_invoke_call_written_by_four_sdks_has_one_key() {
    let written = Written::fixture("invoke.rust.http");
    assert_eq!(Written::fixture("invoke.boto3.http").key(), written.key());
    assert_eq!(
        Written::fixture("invoke.javascript.http").key(),
        written.key()
    );
    let real = invoke_by_the_real_sdk().await;
    assert_eq!(
        real.canonical().to_string(),
        written.canonical().to_string()
    );
}

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

/// How one writer puts JSON on the wire.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
struct Style {
    spaces: &'static str,
    ascii: bool,
    reversed: bool,
    solidus: bool,
    decimals: bool,
}

fn any_style() -> impl Strategy<Value = Style> {
    (
        prop::sample::select(vec!["", " ", "\n\t", " \r\n"]),
        any::<[bool; 4]>(),
    )
        .prop_map(|(spaces, [ascii, reversed, solidus, decimals])| Style {
            spaces,
            ascii,
            reversed,
            solidus,
            decimals,
        })
}

impl Style {
    fn write(&self, value: &Value, out: &mut String) {
        match value {
            Value::String(text) => self.write_string(text, out),
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(self.spaces);
                    self.write(item, out);
                }
                out.push_str(self.spaces);
                out.push(']');
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if self.reversed {
                    members.reverse();
                }
                out.push('{');
                for (index, (name, value)) in members.into_iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(self.spaces);
                    self.write_string(name, out);
                    out.push_str(self.spaces);
                    out.push(':');
                    self.write(value, out);
                }
                out.push('}');
            }
            Value::Number(number) if self.decimals && number.is_i64() => {
                write!(out, "{number}0.0e-1").unwrap();
            }
            leaf => out.push_str(&leaf.to_string()),
        }
    }

    fn write_string(&self, text: &str, out: &mut String) {
        out.push('"');
        for character in text.chars() {
            let mut units = [0; 2];
            match character {
                '"' | '\\' => out.extend(['\\', character]),
                '/' if self.solidus => out.push_str("\\/"),
                _ if character < ' ' || (self.ascii && !character.is_ascii()) => {
                    for unit in character.encode_utf16(&mut units) {
                        write!(out, "\\u{unit:04X}").unwrap();
                    }
                }
                _ => out.push(character),
            }
        }
        out.push('"');
    }
}

fn any_body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Into::into),
        "(\\PC|[\n\t\"\\\\/é🦉]){0,12}".prop_map(Value::String),
    ];
    let value = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map("[a-eé/~]{1,2}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-e]{1,2}", value, 1..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// The pointer of every leaf, empty arrays and objects among them.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) if !members.is_empty() => {
            for (name, item) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(item, &format!("{pointer}/{name}"), found);
            }
        }
        _ => found.push(pointer.to_owned()),
    }
}

fn canonical(operation: &str, body: impl Into<Bytes>) -> CanonicalRequest {
    let request = Request::read(RequestParts {
        method: "POST",
        path_and_query: &format!("/model/m/{operation}"),
        host: "",
        headers: Vec::new(),
        body: body.into(),
    });
    CanonicalRequest::of(&request.unwrap(), &MatchOn::new())
}

fn operation() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "converse",
        "converse-stream",
        "invoke",
        "count-tokens",
    ])
}

proptest! {
    #[test]
    fn how_a_body_is_written_never_changes_its_key(
        operation in operation(), body in any_body(), one in any_style(), other in any_style()
    ) {
        let written = |style: &Style| {
            let mut text = String::new();
            style.write(&body, &mut text);
            canonical(operation, text)
        };
        let (one, other) = (written(&one), written(&other));
        prop_assert_eq!(one.key(), other.key());
        prop_assert!(Difference::between(&one, &other).is_empty());
        prop_assert_eq!(one, canonical(operation, body.to_string()));
    }

    #[test]
    fn a_changed_leaf_changes_the_key_and_is_the_one_difference(
        operation in operation(), body in any_body(), pick in any::<prop::sample::Index>()
    ) {
        let mut pointers = Vec::new();
        leaves(&body, "", &mut pointers);
        let pointer = pick.get(&pointers);
        let mut changed = body.clone();
        *changed.pointer_mut(pointer).unwrap() = "something that was not there".into();
        let before = canonical(operation, body.to_string());
        let after = canonical(operation, changed.to_string());
        prop_assert_ne!(before.key(), after.key());
        let difference = Difference::between(&before, &after);
        prop_assert_eq!(difference.count(), 1);
        let change = &difference.changes()[0];
        prop_assert!(matches!(&change.place, Place::Body(place) if place.to_string() == *pointer));
        prop_assert!(difference.weight() > 0);
    }

    #[test]
    fn differences_of_any_two_bodies_are_found_and_shown(one in any_body(), other in any_body()) {
        let (one, other) = (
            canonical("converse", one.to_string()),
            canonical("converse", other.to_string()),
        );
        let difference = Difference::between(&one, &other);
        prop_assert_eq!(difference.is_empty(), one.key() == other.key());
        prop_assert_eq!(difference.to_string().is_empty(), difference.is_empty());
        prop_assert!(difference.to_string().lines().count() <= 16);
        let back = Difference::between(&other, &one);
        prop_assert_eq!(back.is_empty(), difference.is_empty());
    }
}

/// The indexes of what has one key.
fn groups(keys: impl Iterator<Item = String>) -> BTreeSet<BTreeSet<usize>> {
    let mut groups = BTreeMap::<String, BTreeSet<usize>>::new();
    for (index, key) in keys.enumerate() {
        groups.entry(key).or_default().insert(index);
    }
    groups.into_values().collect()
}

#[test]
fn requests_of_the_corpus_group_as_their_publisher_grouped_them() {
    let Some(exchanges) = corpus::read() else {
        return;
    };
    let rules = MatchOn::new();
    let requests = || exchanges.iter().map(|exchange| &exchange.request);
    let ours =
        groups(requests().map(|request| RequestKey::of(&request.read(), &rules).to_string()));
    let theirs = groups(
        exchanges
            .iter()
            .map(|exchange| exchange.request_key.clone()),
    );
    let forms = groups(requests().map(|request| format!("{} {:?}", request.url, request.body)));
    let rewritten = ours.iter().filter(|group| !forms.contains(*group));
    let rewritten = rewritten
        .filter(|group| forms.iter().filter(|form| form.is_subset(group)).count() > 1)
        .count();
    eprintln!(
        "{} requests, {} keys, {rewritten} of them for several byte forms",
        exchanges.len(),
        ours.len()
    );
    let named = |groups: &BTreeSet<BTreeSet<usize>>| -> Vec<Vec<&str>> {
        let ids = |group: &BTreeSet<usize>| group.iter().map(|n| &*exchanges[*n].id).collect();
        groups.iter().map(ids).collect()
    };
    assert_eq!(named(&(&ours - &theirs)), named(&(&theirs - &ours)));
}
