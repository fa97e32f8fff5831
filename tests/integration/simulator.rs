//! The simulator as the real SDK sees it: every operation, whole.

use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ContentBlockDelta, ConversationRole, ConverseStreamOutput, ConverseTokensRequest,
    CountTokensInput, InferenceConfiguration, Message, ResponseStream, StopReason,
    SystemContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock,
    ToolResultContentBlock, ToolSpecification,
};
use aws_smithy_types::Document;
use bedrock_replay::simulator::{Faults, Running, Simulator};
use serde_json::{Value, json};

pub(crate) const HAIKU: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

/// A simulator under these faults.
pub(crate) async fn start(faults: &str) -> Running {
    Simulator::builder()
        .faults(faults.parse::<Faults>().unwrap())
        .start("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap()
}

/// A client with three attempts and hardly a pause between them.
pub(crate) fn client(running: &Running) -> Client {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(1));
    let config = aws_sdk_bedrockruntime::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(running.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(retries)
        .build();
    Client::from_conf(config)
}

pub(crate) fn user(content: ContentBlock) -> Message {
    message(ConversationRole::User, content)
}

pub(crate) fn says(text: &str) -> Message {
    user(ContentBlock::Text(text.to_owned()))
}

fn message(role: ConversationRole, content: ContentBlock) -> Message {
    let message = Message::builder().role(role).content(content);
    message.build().unwrap()
}

fn tutor() -> SystemContentBlock {
    SystemContentBlock::Text("You are a Socratic tutor.".to_owned())
}

pub(crate) fn anthropic(text: &str) -> Blob {
    let body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "system": "You are a Socratic tutor.",
        "messages": [{ "role": "user", "content": text }],
    });
    Blob::new(body.to_string())
}

const CLAIM: &str = "A free country means nobody gets to tell me what to do.";

#[tokio::test]
async fn a_system_prompt_that_names_no_part_is_told_which_there_are() {
    let running = start("none").await;
    let say = async |system: &str| {
        let call = client(&running).converse().model_id(HAIKU);
        let call = call.system(SystemContentBlock::Text(system.to_owned()));
        let output = call.messages(says(CLAIM)).send().await.unwrap();
        let message = output.output.unwrap().as_message().unwrap().clone();
        message.content()[0].as_text().unwrap().clone()
    };
    let parts = "names none of the parts that are played here: tutor, student, judge";
    let told = say("Answer in one line.").await;
    assert!(
        told.contains(parts) && told.contains("A free country"),
        "{told}"
    );
    let tutor = say("You are a patient teacher. Ask, never tell.").await;
    assert!(!tutor.contains(parts) && tutor.contains('?'), "{tutor}");
}

#[tokio::test]
async fn converse_answers_with_usage_that_adds_up() {
    let running = start("none").await;
    let call = client(&running).converse().model_id(HAIKU).system(tutor());
    let output = call.messages(says(CLAIM)).send().await.unwrap();
    assert_eq!(*output.stop_reason(), StopReason::EndTurn);
    assert!(output.request_id().is_some());
    let usage = output.usage().unwrap();
    assert!(usage.input_tokens() > 0 && usage.output_tokens() > 0);
    assert_eq!(
        usage.total_tokens(),
        usage.input_tokens() + usage.output_tokens()
    );
    running.stop().await;
}

#[tokio::test]
async fn converse_stream_says_what_converse_says() {
    let running = start("none").await;
    let client = client(&running);
    let whole = client.converse().model_id(HAIKU).system(tutor());
    let whole = whole.messages(says(CLAIM)).send().await.unwrap();
    let said = whole.output().unwrap().as_message().unwrap().content()[0]
        .as_text()
        .unwrap();

    let call = client.converse_stream().model_id(HAIKU).system(tutor());
    let mut stream = call.messages(says(CLAIM)).send().await.unwrap().stream;
    let (mut streamed, mut usage) = (String::new(), None);
    while let Some(event) = stream.recv().await.unwrap() {
        match event {
            ConverseStreamOutput::ContentBlockDelta(delta) => {
                if let Some(ContentBlockDelta::Text(text)) = delta.delta {
                    streamed.push_str(&text);
                }
            }
            ConverseStreamOutput::Metadata(metadata) => usage = metadata.usage,
            _ => {}
        }
    }
    assert_eq!(streamed, *said);
    assert_eq!(usage.as_ref(), whole.usage());
}

#[tokio::test]
async fn converse_honours_the_limit_of_tokens() {
    let running = start("none").await;
    let call = client(&running).converse().model_id(HAIKU);
    let limit = InferenceConfiguration::builder().max_tokens(4).build();
    let output = call.messages(says(CLAIM)).inference_config(limit);
    let output = output.send().await.unwrap();
    assert_eq!(*output.stop_reason(), StopReason::MaxTokens);
    assert_eq!(output.usage().unwrap().output_tokens(), 4);
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_is_answered() {
    let running = start("none").await;
    let client = client(&running);
    let object = |members: &[(&str, Document)]| {
        let members = members.iter().cloned();
        Document::Object(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    };
    let schema = object(&[
        ("type", "object".into()),
        (
            "properties",
            object(&[("city", object(&[("type", "string".into())]))]),
        ),
    ]);
    let tool = ToolSpecification::builder()
        .name("get_weather")
        .input_schema(ToolInputSchema::Json(schema))
        .build()
        .unwrap();
    let tools = ToolConfiguration::builder().tools(Tool::ToolSpec(tool));
    let tools = tools.build().unwrap();
    let ask = says("What is the weather in Turin?");

    let call = client.converse().model_id(HAIKU).tool_config(tools.clone());
    let output = call.messages(ask.clone()).send().await.unwrap();
    assert_eq!(*output.stop_reason(), StopReason::ToolUse);
    let asked = output.output().unwrap().as_message().unwrap().content()[0].clone();
    let used = asked.as_tool_use().unwrap();
    assert_eq!(used.name(), "get_weather");
    assert!(used.input().as_object().unwrap()["city"].is_string());

    let result = ToolResultBlock::builder()
        .tool_use_id(used.tool_use_id())
        .content(ToolResultContentBlock::Text("sunny".to_owned()))
        .build()
        .unwrap();
    let call = client.converse().model_id(HAIKU).tool_config(tools);
    let output = call
        .messages(ask)
        .messages(message(ConversationRole::Assistant, asked.clone()))
        .messages(user(ContentBlock::ToolResult(result)))
        .send()
        .await
        .unwrap();
    let answer = output.output().unwrap().as_message().unwrap().content()[0].clone();
    assert!(answer.as_text().unwrap().contains("sunny"));
}

#[tokio::test]
async fn invoke_model_and_its_stream_say_the_same() {
    let running = start("none").await;
    let client = client(&running);
    let call = client.invoke_model().model_id(HAIKU).body(anthropic(CLAIM));
    let output = call.send().await.unwrap();
    assert_eq!(output.content_type(), "application/json");
    let body: Value = serde_json::from_slice(output.body().as_ref()).unwrap();

    let call = client.invoke_model_with_response_stream().model_id(HAIKU);
    let mut stream = call.body(anthropic(CLAIM)).send().await.unwrap().body;
    let (mut streamed, mut last) = (String::new(), Value::Null);
    while let Some(event) = stream.recv().await.unwrap() {
        let ResponseStream::Chunk(chunk) = event else {
            panic!("expected a chunk, found {event:?}");
        };
        last = serde_json::from_slice(chunk.bytes().unwrap().as_ref()).unwrap();
        streamed.push_str(last["delta"]["text"].as_str().unwrap_or_default());
    }
    assert_eq!(body["content"][0]["text"], streamed.as_str());
    let metrics = &last["amazon-bedrock-invocationMetrics"];
    assert_eq!(metrics["outputTokenCount"], body["usage"]["output_tokens"]);
}

#[tokio::test]
async fn count_tokens_counts_what_converse_uses() {
    let running = start("none").await;
    let client = client(&running);
    let input = ConverseTokensRequest::builder()
        .system(tutor())
        .messages(says(CLAIM))
        .build();
    let counted = client.count_tokens().model_id(HAIKU);
    let counted = counted.input(CountTokensInput::Converse(input));
    let call = client.converse().model_id(HAIKU).system(tutor());
    let used = call.messages(says(CLAIM)).send().await.unwrap();
    assert_eq!(
        counted.send().await.unwrap().input_tokens(),
        used.usage().unwrap().input_tokens()
    );
}

#[tokio::test]
async fn a_judge_answers_with_one_json_object_that_a_stricter_prompt_lowers() {
    let running = start("none").await;
    let client = client(&running);
    let turns = [
        "You say “nobody gets to tell me”. What are you taking for granted when you put it that way?",
        "What makes you think so?",
        "What do you mean by that? And why does it matter to you?",
    ];
    let mut sums = [0, 0];
    for turn in turns {
        for (sum, extra) in sums.iter_mut().zip(["", "Be strict. Deduct for every flaw. Never award a full score lightly. Be severe and demanding."]) {
            let body = json!({
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 800,
                "system": format!("You are a judge. form (0 to 3), substance (0 to 3), purity (0 to 4). {extra}"),
                "messages": [{ "role": "user", "content": format!("<tutor_turn>{turn}</tutor_turn>") }],
            });
            let call = client.invoke_model().model_id(HAIKU);
            let output = call.body(Blob::new(body.to_string())).send().await.unwrap();
            let body: Value = serde_json::from_slice(output.body().as_ref()).unwrap();
            let judgment = body["content"][0]["text"].as_str().unwrap();
            let judgment: Value = serde_json::from_str(judgment).unwrap();
            let score = |member: &str| judgment[member].as_i64().unwrap();
            assert_eq!(
                score("overall_score"),
                score("form") + score("substance") + score("purity")
            );
            assert_eq!(judgment["heuristics"]["has_question"], true);
            *sum += score("overall_score");
        }
    }
    assert!(sums[1] < sums[0], "{sums:?}");
}
