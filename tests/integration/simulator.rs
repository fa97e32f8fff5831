//! The simulator as the real SDK sees it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_bedrockruntime::error::ProvideErrorMetadata as _;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use bedrock_replay::simulator::{Faults, Running, Simulator};

const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

async fn start(faults: &str) -> Running {
    Simulator::builder()
        .faults(faults.parse::<Faults>().unwrap())
        .start("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap()
}

fn client(running: &Running) -> Client {
    let config = aws_sdk_bedrockruntime::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(running.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(std::time::Duration::from_millis(1)),
        )
        .build();
    Client::from_conf(config)
}

fn user(text: &str) -> Message {
    Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(text.to_owned()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn converse_answers_with_usage_that_adds_up() {
    let running = start("none").await;
    let call = client(&running).converse().model_id(HAIKU);
    let output = call.messages(user("Say hello.")).send().await.unwrap();
    let usage = output.usage().unwrap();
    assert!(usage.input_tokens() > 0 && usage.output_tokens() > 0);
    assert_eq!(
        usage.total_tokens(),
        usage.input_tokens() + usage.output_tokens()
    );
    running.stop().await;
}

#[tokio::test]
async fn a_throttled_request_is_the_typed_error_once_the_retries_are_spent() {
    let running = start("throttle=3").await;
    let client = client(&running);
    let call = || {
        client
            .converse()
            .model_id(HAIKU)
            .messages(user("Hello"))
            .send()
    };
    let error = call().await.unwrap_err().into_service_error();
    assert!(error.is_throttling_exception());
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert_eq!(running.served(), 3);
    call().await.unwrap();
}
