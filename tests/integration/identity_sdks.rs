//! One call has one key, whichever SDK wrote it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};

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
use serde_json::{Value, json};

use bedrock_replay::identity::{MatchOn, RequestKey};

use crate::corpus;
use crate::identity_written::{Written, rust};

const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

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
