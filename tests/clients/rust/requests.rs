//! What is sent.

use std::collections::HashMap;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::operation::converse_stream::builders::ConverseStreamFluentBuilder;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, DocumentBlock, DocumentFormat, DocumentSource, ImageBlock,
    ImageFormat, ImageSource, InferenceConfiguration, Message, SystemContentBlock, Tool,
    ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock, ToolResultStatus,
    ToolSpecification, ToolUseBlock,
};
use aws_smithy_types::{Document, Number};

pub const SONNET: &str = "us.anthropic.claude-3-5-sonnet-20241022-v2:0";
pub const NOVA: &str = "us.amazon.nova-pro-v1:0";
pub const TITAN: &str = "amazon.titan-text-express-v1";
pub const SPEECH: &str = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/speech";

const SYSTEM: &str = "You are a Socratic tutor. Ask “why?” — once.";
const OTHER_SYSTEM: &str = "You are a Socratic tutor. Ask “why?” — twice.";
const QUESTION: &str = "What is the weather in Turin — is it naïve to ask?";

const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\
    \x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDAT\x08\xd7c\xf8\xcf\xc0\x00\x00\x03\x01\
    \x01\x00\x18\xdd\x8d\xb0\x00\x00\x00\x00IEND\xaeB`\x82";

pub const ANTHROPIC: &str = r#"{"temperature":0.3,"max_tokens":80,
    "messages":[{"content":"Is courage a habit?","role":"user"}],
    "system":"You are a Socratic tutor.","anthropic_version":"bedrock-2023-05-31"}"#;
pub const ANTHROPIC_STREAM: &str = r#"{"temperature":0.3,"max_tokens":80,
    "messages":[{"content":"Can virtue be taught?","role":"user"}],
    "system":"You are a Socratic tutor.","anthropic_version":"bedrock-2023-05-31"}"#;
pub const TITAN_TEXT: &str = r#"{"inputText":"Is courage a habit?",
    "textGenerationConfig":{"temperature":0,"maxTokenCount":40}}"#;
pub const NOVA_TEXT: &str = r#"{"inferenceConfig":{"topP":0.9,"maxTokens":60},
    "messages":[{"content":[{"text":"Is courage a habit?"}],"role":"user"}],
    "schemaVersion":"messages-v1"}"#;
pub const NO_MESSAGES: &str = r#"{"messages":[]}"#;

/// Bytes that are no JSON.
pub fn octets() -> Blob {
    Blob::new((0..=u8::MAX).cycle().take(1024).collect::<Vec<u8>>())
}

pub fn system() -> SystemContentBlock {
    SystemContentBlock::Text(SYSTEM.to_owned())
}

/// The question with a document, tools, and every kind of number.
pub fn converse(client: &Client) -> Result<ConverseFluentBuilder, BuildError> {
    Ok(with_tools(client)?.system(system()))
}

/// The same call under another system prompt: nobody recorded it.
pub fn converse_otherwise(client: &Client) -> Result<ConverseFluentBuilder, BuildError> {
    Ok(with_tools(client)?.system(SystemContentBlock::Text(OTHER_SYSTEM.to_owned())))
}

fn with_tools(client: &Client) -> Result<ConverseFluentBuilder, BuildError> {
    let call = client.converse().model_id(SONNET);
    Ok(call
        .messages(user([
            document()?,
            ContentBlock::Text(QUESTION.to_owned()),
        ])?)
        .inference_config(inference(300).top_p(0.9).build())
        .tool_config(ToolConfiguration::builder().tools(tool()?).build()?)
        .request_metadata("run", "rust"))
}

/// The turn after the tool was called.
pub fn converse_tool_result(client: &Client) -> Result<ConverseFluentBuilder, BuildError> {
    Ok(converse(client)?.messages(called()?).messages(result()?))
}

pub fn converse_image(client: &Client) -> Result<ConverseFluentBuilder, BuildError> {
    let image = ImageBlock::builder()
        .format(ImageFormat::Png)
        .source(ImageSource::Bytes(Blob::new(PIXEL)))
        .build()?;
    let asked = ContentBlock::Text("What colour is it?".to_owned());
    let call = client.converse().model_id(SONNET).system(system());
    Ok(call
        .messages(user([ContentBlock::Image(image), asked])?)
        .inference_config(inference(120).build()))
}

/// One question.
pub fn question(client: &Client, text: &str) -> Result<ConverseFluentBuilder, BuildError> {
    let call = client.converse().model_id(SONNET).system(system());
    Ok(call
        .messages(user([ContentBlock::Text(text.to_owned())])?)
        .inference_config(inference(120).build()))
}

/// One question, its answer as a stream.
pub fn stream(client: &Client, text: &str) -> Result<ConverseStreamFluentBuilder, BuildError> {
    let call = client.converse_stream().model_id(SONNET).system(system());
    Ok(call
        .messages(user([ContentBlock::Text(text.to_owned())])?)
        .inference_config(inference(120).build()))
}

/// A model that takes no system prompt is given one.
pub fn refused(client: &Client) -> Result<ConverseFluentBuilder, BuildError> {
    let call = client.converse().model_id(TITAN).system(system());
    Ok(call.messages(user([ContentBlock::Text("Why?".to_owned())])?))
}

/// The question without what is beside it.
pub fn counted() -> Result<Message, BuildError> {
    user([ContentBlock::Text(QUESTION.to_owned())])
}

fn inference(
    tokens: i32,
) -> aws_sdk_bedrockruntime::types::builders::InferenceConfigurationBuilder {
    InferenceConfiguration::builder()
        .max_tokens(tokens)
        .temperature(0.7)
}

fn user(content: impl IntoIterator<Item = ContentBlock>) -> Result<Message, BuildError> {
    let content = content.into_iter().collect();
    let role = ConversationRole::User;
    Message::builder()
        .role(role)
        .set_content(Some(content))
        .build()
}

fn document() -> Result<ContentBlock, BuildError> {
    let text = Blob::new("Turin lies on the Po. It rains in November.");
    let document = DocumentBlock::builder()
        .format(DocumentFormat::Txt)
        .name("Notes")
        .source(DocumentSource::Bytes(text));
    Ok(ContentBlock::Document(document.build()?))
}

fn tool() -> Result<Tool, BuildError> {
    let schema = object([
        ("type", "object".into()),
        ("required", vec!["city".into(), "days".into()].into()),
        (
            "properties",
            object([
                ("city", object([("type", "string".into())])),
                (
                    "days",
                    object([
                        ("type", "integer".into()),
                        ("minimum", Document::Number(Number::PosInt(1))),
                        ("maximum", Document::Number(Number::PosInt(7))),
                    ]),
                ),
                (
                    "unit",
                    object([
                        ("type", "string".into()),
                        ("enum", vec!["celsius".into(), "kelvin".into()].into()),
                    ]),
                ),
            ]),
        ),
    ]);
    let tool = ToolSpecification::builder()
        .name("get_weather")
        .description("The weather of a city.")
        .input_schema(ToolInputSchema::Json(schema));
    Ok(Tool::ToolSpec(tool.build()?))
}

fn called() -> Result<Message, BuildError> {
    let input = object([
        ("city", "Turin".into()),
        ("days", Document::Number(Number::PosInt(2))),
        ("unit", "celsius".into()),
    ]);
    let call = ToolUseBlock::builder()
        .tool_use_id("tooluse_1")
        .name("get_weather")
        .input(input);
    Message::builder()
        .role(ConversationRole::Assistant)
        .content(ContentBlock::ToolUse(call.build()?))
        .build()
}

fn result() -> Result<Message, BuildError> {
    let said = object([
        ("sky", "rain".into()),
        ("degrees", Document::Number(Number::Float(7.5))),
        ("night", Document::Bool(false)),
    ]);
    let result = ToolResultBlock::builder()
        .tool_use_id("tooluse_1")
        .status(ToolResultStatus::Success)
        .content(ToolResultContentBlock::Json(said));
    user([ContentBlock::ToolResult(result.build()?)])
}

fn object<const N: usize>(members: [(&str, Document); N]) -> Document {
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Document::Object(HashMap::from(members))
}
