//! Operations beside the four of a chat: one mechanism records and replays them all.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    AsyncInvokeOutputDataConfig, AsyncInvokeS3OutputDataConfig, CountTokensInput,
    GuardrailContentBlock, GuardrailContentSource, GuardrailTextBlock, InvokeModelTokensRequest,
};
use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpClient};
use aws_smithy_types::Document;
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode};
use serde_json::json;

use crate::lab::{HAIKU, config, impatient, response, stored, upstream};

const JOB: &str = "arn:aws:bedrock:us-east-1:123456789012:async-invoke/abc";

/// What Bedrock says to the request with this number.
fn answer(number: usize, path: &str) -> serde_json::Value {
    let states = if number < 4 {
        "InProgress"
    } else {
        "Completed"
    };
    let output = json!({"s3OutputDataConfig": {"s3Uri": "s3://videos/out"}});
    let job = json!({
        "invocationArn": JOB,
        "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-reel-v1:0",
        "submitTime": "2026-01-02T03:04:05Z",
        "status": states,
        "outputDataConfig": output,
    });
    match path {
        _ if path.ends_with("/count-tokens") => json!({"inputTokens": 7}),
        _ if path.ends_with("/apply") => json!({
            "usage": {
                "topicPolicyUnits": 1, "contentPolicyUnits": 1, "wordPolicyUnits": 0,
                "sensitiveInformationPolicyUnits": 0,
                "sensitiveInformationPolicyFreeUnits": 0,
                "contextualGroundingPolicyUnits": 0,
            },
            "action": "NONE", "outputs": [], "assessments": [],
        }),
        "/async-invoke" if number == 2 => json!({"invocationArn": JOB}),
        _ if path.starts_with("/async-invoke/") => job,
        _ => json!({"asyncInvokeSummaries": [job]}),
    }
}

fn bedrock(sent: &Arc<AtomicUsize>) -> SharedHttpClient {
    let sent = Arc::clone(sent);
    upstream(move |request| {
        let number = sent.fetch_add(1, Ordering::SeqCst);
        let uri: http::Uri = request.uri().parse().unwrap();
        let body = answer(number, uri.path()).to_string();
        let headers = [("content-type", "application/json")];
        HttpConnectorFuture::ready(Ok(response(200, &headers, body)))
    })
}

/// Six calls, and what the SDK makes of their answers.
async fn calls(client: &Client) -> [String; 6] {
    let body = br#"{"messages":[{"role":"user","content":"Hi"}]}"#;
    let request = InvokeModelTokensRequest::builder().body(Blob::new(body));
    let counted = client.count_tokens().model_id(HAIKU);
    let counted = counted.input(CountTokensInput::InvokeModel(request.build().unwrap()));
    let text = GuardrailTextBlock::builder().text("Hi").build().unwrap();
    let guarded = client.apply_guardrail().guardrail_identifier("gr-1");
    let guarded = guarded
        .guardrail_version("1")
        .source(GuardrailContentSource::Input)
        .content(GuardrailContentBlock::Text(text));
    let bucket = AsyncInvokeS3OutputDataConfig::builder().s3_uri("s3://videos/out");
    let bucket = AsyncInvokeOutputDataConfig::S3OutputDataConfig(bucket.build().unwrap());
    let started = client.start_async_invoke();
    let started = started
        .model_id("amazon.nova-reel-v1:0")
        .model_input(Document::String("a cat".into()))
        .output_data_config(bucket);
    let state = || client.get_async_invoke().invocation_arn(JOB).send();
    [
        format!("{:?}", counted.send().await.unwrap()),
        format!("{:?}", guarded.send().await.unwrap()),
        format!("{:?}", started.send().await.unwrap()),
        format!("{:?}", state().await.unwrap()),
        format!("{:?}", state().await.unwrap()),
        format!("{:?}", client.list_async_invokes().send().await.unwrap()),
    ]
}

#[tokio::test]
async fn every_other_operation_is_replayed_as_it_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let sent = Arc::new(AtomicUsize::new(0));
    let mut told = Vec::new();
    for mode in [Mode::RecordMissing, Mode::Replay] {
        let options = Cassette::options(&path).mode(mode).unused(Unused::Error);
        let cassette = options.environment(Environment::default());
        let cassette = cassette.open().unwrap();
        let config = impatient(config()).endpoint_url("http://127.0.0.1:1");
        let config = cassette.configure(config, bedrock(&sent)).build();
        told.push(calls(&Client::from_conf(config)).await);
        cassette.finish().unwrap();
    }
    assert_eq!(told[0], told[1]);
    assert!(told[1][3].contains("InProgress") && told[1][4].contains("Completed"));
    assert_eq!((sent.load(Ordering::SeqCst), stored(&path).len()), (6, 6));
}
